// What the standards after RFC 4271 ask of a speaker and can be seen from outside, in our own words.

export const others = `
RFC 1997
WK ~ MUST ~ NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED are honoured ~ RFC1997-WK-*
OP ~ MUST ~ communities are passed on complete ~ RFC1997-OP-01

RFC 2545
3 ~ MUST ~ a link-local next hop is told on its own link only ~ RFC2545-3-01

RFC 2918
2 ~ SHOULD ~ the capability is advertised ~ RFC2918-2-01
4 ~ MUST ~ a request brings the whole Adj-RIB-Out of that family ~ RFC2918-4-01, RFC2918-4-02
4 ~ MUST ~ a request for a family that was not negotiated is ignored ~ RFC2918-4-03
4 ~ MUST ~ only a neighbour with the capability is asked, for each family ~ RFC2918-4-05, RFC2918-4-06

RFC 4360
2 ~ MUST ~ extended communities keep their values ~ RFC4360-2-01
6 ~ SHOULD ~ non-transitive ones do not leave the AS ~ RFC4360-6-01

RFC 4456
6 ~ MUST ~ who is sent a route depends on whom it came from: client, non-client, external peer ~ RFC4456-6-0[1-3], RFC4456-6-05, RFC4456-6-06
8 ~ MUST ~ ORIGINATOR_ID is created once and never changed ~ RFC4456-8-02, RFC4456-8-03, RFC4456-8-04
8 ~ MUST ~ the cluster id is put in front of CLUSTER_LIST ~ RFC4456-8-05, RFC4456-8-06, RFC4456-8-12, RFC4456-8-13
8 ~ SHOULD ~ a route with the own ORIGINATOR_ID or cluster id is ignored ~ RFC4456-8-09, RFC4456-8-10
8 ~ MUST ~ neither attribute goes to external peers ~ RFC4456-8-01
9 ~ SHOULD ~ ORIGINATOR_ID and the length of CLUSTER_LIST break ties ~ RFC4456-9-*
6 ~ MUST ~ the rules hold for every family, for changes of the best route and for a client that leaves ~ RFC4456-6-0[7-9]
8 ~ MUST ~ neither attribute stands on routes that the reflector itself brought into the AS ~ RFC4456-8-07, RFC4456-8-08
8 ~ MUST ~ the router id in a CLUSTER_LIST is no loop where another cluster id is set ~ RFC4456-8-11
10 ~ MUST ~ all other transitive attributes pass reflection unchanged ~ RFC4456-10-02
10 ~ SHOULD ~ next-hop self does not change reflected routes ~ RFC4456-10-03
10 ~ MUST ~ NEXT_HOP, AS_PATH, LOCAL_PREF and MED are not changed by reflection ~ RFC4456-10-01

RFC 4760
3 ~ MUST ~ routes of a negotiated family are taken from MP_REACH_NLRI, with its next hop ~ RFC4760-3-02, RFC4760-3-05, RFC4760-3-09
3 ~ MUST ~ the reserved octet is ignored ~ RFC4760-3-03
4 ~ MUST ~ MP_UNREACH_NLRI withdraws ~ RFC4760-4-*
8 ~ MUST ~ families are used only where both ends have them ~ RFC4760-8-03, RFC4760-8-04

RFC 5065
5 ~ MUST ~ confederation segments from outside are malformed, and none are sent outside ~ RFC5065-5-*

RFC 5492
3 ~ MUST ~ a peer without capabilities gets a session ~ RFC5492-3-01
4 ~ MUST ~ capabilities are read in every legal packing, unknown ones ignored ~ RFC5492-4-0[1-5]
5 ~ MUST ~ a refused capability does not lead to a busy loop of attempts ~ RFC5492-5-01

RFC 6286
2.1 ~ MUST ~ any identifier but zero is valid ~ RFC6286-2.1-01, RFC4271-6.2-07
2.2 ~ MUST ~ the own identifier is refused inside the AS and accepted outside ~ RFC6286-2.2-01, RFC6286-2.2-02
2.3 ~ MUST ~ equal identifiers collide by AS number ~ RFC6286-2.3-01

RFC 6608
4 ~ MUST ~ a message out of place is an FSM error with the state and the type ~ RFC6608-4-*

RFC 6793
4.1 ~ MUST ~ NEW speakers exchange four-octet paths and nothing else ~ RFC6793-4.1-01, RFC6793-4.1-02, RFC6793-4.1-04, RFC6793-4.1-05
4.2.2 ~ MUST ~ an OLD speaker gets AS_TRANS, and AS4_PATH and AS4_AGGREGATOR only where needed ~ RFC6793-4.2.2-*
4.2.3 ~ MUST ~ the AS4 attributes of an OLD speaker are merged by the rules ~ RFC6793-4.2.3-*
6 ~ MUST ~ malformed AS4 attributes are discarded ~ RFC6793-6-*

RFC 7313
4 ~ MUST ~ BoRR and EoRR frame an answer; what they leave out is removed ~ RFC7313-4-01, RFC7313-4-02
4 ~ MUST ~ EoRR without BoRR changes nothing ~ RFC7313-4-04
4 ~ MUST ~ a BoRR before End-of-RIB, or of another family, is ignored; a second one begins anew ~ RFC7313-4-03, RFC7313-4-05, RFC7313-4-08
4 ~ SHOULD ~ stale routes of a refresh that never ends are removed after a time ~ RFC7313-4-06
5 ~ MUST ~ a wrong length is refused with the message ~ RFC7313-5-01

RFC 7606
3 ~ MUST ~ what leaves no way to find the routes resets the session ~ RFC7606-3b-*, RFC7606-3i-*
3 ~ MUST ~ wrong category bits withdraw ~ RFC7606-3c-0[124-7], RFC7606-3c-1[024]
3 ~ MUST ~ missing mandatory attributes withdraw ~ RFC7606-3d-0[1-6]
3 ~ MUST ~ of duplicates the first counts; MP attributes twice reset ~ RFC7606-3g-*
3 ~ MUST ~ the strongest reaction counts ~ RFC7606-3h-*
3 ~ MUST ~ routes behind an error are still found ~ RFC7606-3j-*
4 ~ MUST ~ attributes that overrun the list withdraw ~ RFC7606-4-*
5.1 ~ SHOULD ~ MP attributes come first, one kind of route field per UPDATE ~ RFC7606-5.1-*
5.2 ~ MUST ~ an error without a route announced resets ~ RFC7606-5.2-*
5.3 ~ MUST ~ NLRI that cannot be parsed resets, or disables the family ~ RFC7606-5.3-*
7 ~ MUST ~ each attribute's own errors lead to its own reaction ~ RFC7606-7.*
8 ~ SHOULD ~ errors are logged with the offending octets ~ waiver: a log has no standard form; heliod's own tests cover its events

RFC 7607
2 ~ MUST ~ AS 0 is refused in OPEN, withdrawn in AS_PATH, discarded in AGGREGATOR, never sent ~ RFC7607-2-*

RFC 7911
3 ~ MUST ~ paths keep distinct identifiers ~ RFC7911-3-01
3 ~ MUST ~ NLRI with too few octets for an identifier resets ~ RFC7911-3-03
3 ~ MUST ~ a neighbour without the capability is sent one path ~ RFC7911-5-06
3 ~ MUST ~ reflected paths have their own ORIGINATOR_ID each ~ RFC7911-5-08
4 ~ MUST ~ identifiers are used per family and direction as negotiated ~ RFC7911-4-0[1256]
5 ~ MUST ~ a path is replaced and withdrawn by its identifier ~ RFC7911-5-0[1247]

RFC 8092
3 ~ MUST ~ large communities are passed on as a set, each once ~ RFC8092-3-*
6 ~ MUST ~ a length that is no multiple of twelve withdraws ~ RFC8092-6-01, RFC8092-6-02

RFC 8212
2 ~ MUST ~ without policy nothing comes in from external peers and nothing goes out ~ RFC8212-2-*

RFC 8326
4 ~ SHOULD ~ GRACEFUL_SHUTDOWN lowers the preference ~ RFC8326-4-01

RFC 8654
4 ~ MUST ~ messages up to 65,535 octets are read where we said so, and sent where the peer did ~ RFC8654-4-*
5 ~ MUST ~ longer ones are refused where we did not ~ RFC8654-5-01

RFC 8950
4 ~ MUST ~ an IPv6 next hop for IPv4 routes is used where both ends have the capability ~ RFC8950-4-*

RFC 9072
2 ~ MUST ~ long optional parameters are read, short ones in either form ~ RFC9072-2-0[1-5]
3 ~ MUST ~ parameter type 255 elsewhere is refused ~ RFC9072-3-01

RFC 9687
3 ~ MUST ~ a peer that reads slowly but reads keeps its session ~ RFC9687-3-02
3 ~ SHOULD ~ a peer that does not read at all loses its session after the send hold time ~ RFC9687-3-01

RFC 5925
1 ~ MAY ~ sessions are protected by TCP-AO ~ waiver: the kernels of the test machines have no TCP-AO

RFC 9384
3 ~ SHOULD ~ a session that BFD takes down ends with Cease/10 ~ RFC9384-3-01
`;
