// What RFC 4271 asks of a speaker and can be seen from outside, in our own words.

export const rfc4271 = `
RFC 4271
4.1 ~ MUST ~ every message begins with a marker of ones and has a length within the limits ~ RFC4271-4.1-01
4.2 ~ MUST ~ the OPEN names version 4, an acceptable hold time and a valid identifier ~ RFC4271-4.2-01
4.3 ~ MUST ~ unused bits of the attribute flags are sent as zero ~ RFC4271-4.3-01
4.3 ~ MUST ~ flags say the category of the attribute ~ RFC4271-4.3-02
4.3 ~ MUST ~ an attribute stands at most once in an UPDATE ~ RFC4271-4.3-03
4.3 ~ SHOULD ~ a prefix is not announced and withdrawn by one UPDATE ~ RFC4271-4.3-04
4.3 ~ MUST ~ withdrawn and announced prefixes of any legal form are understood ~ RFC4271-4.3-0[5-9], RFC4271-4.3-1*
4.4 ~ MUST ~ KEEPALIVEs are not sent faster than one a second ~ RFC4271-4.4-01
4.4 ~ SHOULD ~ KEEPALIVEs come at a third of the hold time ~ RFC4271-4.4-02
4.4 ~ MUST ~ a peer hears something within its hold time, however busy we are ~ RFC4271-4.4-03
5 ~ MUST ~ an unknown transitive attribute is passed on with the Partial bit ~ RFC4271-9-01, RFC4271-9-03
5 ~ MUST ~ an unknown non-transitive attribute is dropped ~ RFC4271-6.3-02
5 ~ SHOULD ~ attributes are sent in the order of their types ~ RFC4271-5-01
5.1.1 ~ SHOULD ~ ORIGIN is not changed on the way ~ RFC4271-5.1.1-01
5.1.2 ~ MUST ~ the own AS goes in front toward external peers and only there ~ RFC4271-5.1.2-*
5.1.3 ~ MUST ~ the next hop is set and kept as the kind of peer asks ~ RFC4271-5.1.3-*
5.1.3 ~ MUST ~ a route is never told with the address of the peer that is told as its next hop ~ RFC4271-5.1.3-03, RFC4271-5.1.3-04
6.3 ~ SHOULD ~ a next hop outside the shared subnet is ignored where the external peer is one hop away ~ RFC4271-6.3-07
5.1.3 ~ MUST ~ a route whose next hop is our own address is not used ~ RFC4271-6.3-06, RFC4271-6.3-09
5.1.4 ~ MUST ~ a MED does not travel from one neighbouring AS to another ~ RFC4271-5.1.4-*
5.1.5 ~ MUST ~ LOCAL_PREF is sent to internal peers and to no others ~ RFC4271-5.1.5-*
5.1.5 ~ MUST ~ LOCAL_PREF of an external peer is ignored ~ RFC4271-9.1.1-02, RFC7606-7.5-03
5.1.6 ~ SHOULD ~ ATOMIC_AGGREGATE is kept ~ RFC4271-5.1.6-*
5.1.7 ~ SHOULD ~ AGGREGATOR is kept ~ RFC4271-5.1.7-*
6 ~ MUST ~ after a NOTIFICATION the connection is closed and its routes are gone ~ RFC4271-8.2.2-0[678]
6.1 ~ MUST ~ a wrong marker is Connection Not Synchronized ~ RFC4271-6.1-01, RFC4271-6.1-02
6.1 ~ MUST ~ a wrong length is Bad Message Length, with the length ~ RFC4271-6.1-0[3-9], RFC4271-6.1-14
6.1 ~ MUST ~ an unknown type is Bad Message Type, with the type ~ RFC4271-6.1-11, RFC4271-6.1-12
6.2 ~ MUST ~ another version is refused with the one we have ~ RFC4271-6.2-01, RFC4271-6.2-02
6.2 ~ MUST ~ an AS that is not the neighbour's is refused ~ RFC4271-6.2-03
6.2 ~ MUST ~ hold times of one and two seconds are refused ~ RFC4271-6.2-04
6.2 ~ MUST ~ a hold time of zero is accepted and silences both ends ~ RFC4271-6.2-05
6.2 ~ MUST ~ an identifier that is none is refused ~ RFC4271-6.2-07
6.2 ~ MUST ~ unknown and malformed optional parameters are refused ~ RFC4271-6.2-08, RFC4271-6.2-09, RFC4271-6.2-1[012]
6.3 ~ MUST ~ an unknown well-known attribute is refused, with the attribute ~ RFC4271-6.3-01
6.3 ~ SHOULD ~ a prefix that makes no sense is ignored ~ RFC4271-6.3-03
6.3 ~ MUST ~ a next hop that is no host address makes a route unusable and nothing more ~ RFC4271-6.3-05
6.4 ~ MUST ~ a NOTIFICATION is never answered ~ RFC4271-8.2.2-01, RFC4271-8.2.2-02, RFC4271-6.4-01
6.5 ~ MUST ~ silence of the hold time ends the session, in OpenConfirm and after ~ RFC4271-6.5-01, RFC4271-6.5-02, RFC4271-6.5-03
6.5 ~ MUST ~ an UPDATE restarts the hold timer ~ RFC4271-6.5-04
6.7 ~ MUST ~ a limit of prefixes ends the session with Cease ~ RFC4271-6.7-01
6.8 ~ MUST ~ of two colliding connections the one of the higher identifier survives ~ RFC4271-6.8-01, RFC4271-6.8-02
6.8 ~ MUST ~ an Established connection is not given up for a new one ~ RFC4271-6.8-03
8.2.2 ~ MUST ~ no UPDATE before the handshake is done ~ RFC4271-8.2.2-04
8.2.1 ~ MUST ~ at most one session per configured peer, each with its own state ~ RFC4271-6.8-04
8.1.1 ~ MAY ~ optional session attributes: DelayOpen, AutoStart, damping ~ waiver: optional, and not to be seen from outside without configuring each
9 ~ MUST ~ a second announcement replaces the first ~ RFC4271-3.1-01
9.1.1 ~ MUST ~ the highest degree of preference wins ~ RFC4271-9.1.1-01
9.1.2 ~ MUST ~ a path with the own AS is not used, nor is what it replaced ~ RFC4271-9.1.2-01, RFC4271-9.1.2-02
9.1.2.1 ~ MUST ~ a route whose next hop cannot be resolved is not used ~ RFC4271-9.1.2-04
9.1.2.2 ~ MUST ~ ties are broken by path length, origin, MED, kind of peer, identifier and address, whatever the order of arrival ~ RFC4271-9.1.2.2-*
9.1.3 ~ MUST ~ a change of the best route is told once, a loss is told as a withdrawal ~ RFC4271-9.1.3-0[123]
9.1.4 ~ MUST ~ overlapping routes are chosen each for itself ~ RFC4271-9.1.4-01
9.2 ~ MUST ~ routes of internal peers are not told to internal peers ~ RFC4271-9.2-02
9.2 ~ MUST ~ a route that fits no message is not sent, and the session stays ~ RFC4271-9.2-03
9.2 ~ SHOULD ~ an unchanged route is not sent again ~ RFC4271-9.2-01
9.2.1.1 ~ SHOULD ~ announcements keep the advertisement interval ~ RFC4271-9.2.1.1-*
9.2.2 ~ MUST ~ aggregation keeps the rules for ORIGIN, NEXT_HOP and AS_PATH ~ RFC4271-9.2.2.2-*
`;
