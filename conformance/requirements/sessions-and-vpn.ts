// What the standards about protected sessions, restarts, roles, filters and VPNs ask, in our own words.

export const sessionsAndVpn = `
RFC 2385
2 ~ MUST ~ a segment without the right signature is dropped below BGP ~ RFC2385-2-01

RFC 4364
4.2 ~ MUST ~ route distinguishers of every type are kept octet by octet ~ RFC4364-4.2-01
4.3.1 ~ MUST ~ a reflector passes on what it does not import itself ~ RFC4364-4.3.1-01
4.3.2 ~ MUST ~ label, distinguisher and next hop of a reflected route are not changed ~ RFC4364-4.3.2-01
4.3.2 ~ MUST ~ one prefix under two distinguishers is two routes ~ RFC4364-4.3.2-02
4.3.2 ~ MUST ~ a route is withdrawn whatever label the withdrawal carries (RFC 8277 §2.4) ~ RFC4364-4.3.2-03
4.3.2 ~ MUST ~ next hops and NLRI of impossible lengths reset the session or disable the family ~ RFC4364-4.3.2-04, RFC4364-4.3.2-06

RFC 4486
4 ~ SHOULD ~ the subcode of Cease says why: limit, shutdown, removal, reset, refusal, change, collision ~ RFC4486-4-*

RFC 4659
3.2 ~ MUST ~ VPN-IPv6 routes have next hops of 24 or 48 octets, IPv4-mapped ones too ~ RFC4659-3.2-*, RFC4659-3.2.1-*

RFC 4684
3.2 ~ MUST ~ memberships go to clients as the reflector's own, to non-clients a client's path before others ~ RFC4684-3.2-*
4 ~ MUST ~ memberships are prefixes of origin AS and route target, the default one of length 0 ~ RFC4684-4-01, RFC4684-4-02, RFC4684-4-03
4 ~ MUST ~ a withdrawn membership withdraws its VPN routes ~ RFC4684-4-04
5 ~ MUST ~ the family is negotiated like every other ~ RFC4684-5-01
6 ~ MUST ~ a peer gets VPN routes of the targets it is a member of and no others ~ RFC4684-6-01, RFC4684-6-03
6 ~ SHOULD ~ VPN routes wait for End-of-RIB of the memberships ~ RFC4684-6-02

RFC 4724
2 ~ MUST ~ End-of-RIB follows the initial routes of each family ~ RFC4724-2-01, RFC4724-2-03
3 ~ MUST ~ the capability says restart time, families and, after a restart, R ~ RFC4724-3-01, RFC4724-3-02, RFC4724-4.1-01
4.1 ~ MUST ~ after a restart routes are chosen once all peers have sent End-of-RIB, restarting ones apart ~ RFC4724-4.1-*
4.2 ~ MUST ~ routes of a lost peer are kept for its restart time, and what it does not send again is removed at End-of-RIB ~ RFC4724-4.2-01, RFC4724-4.2-02, RFC4724-4.2-05
4.2 ~ MUST ~ they go at once where the peer kept nothing, says nothing of it, is lost again or sent a NOTIFICATION ~ RFC4724-4.2-0[3-4], RFC4724-4.2-0[6-8]
5 ~ MUST ~ a new connection of a peer that restarted takes the place of the old one ~ RFC4724-5-01

RFC 5082
3 ~ MUST ~ protected packets are sent with TTL 255 ~ RFC5082-3-01
3 ~ MUST ~ packets from farther away than allowed are not believed ~ RFC5082-3-02, RFC5082-3-03

RFC 5291
4 ~ MAY ~ filters of a neighbour are applied to what it is told, where negotiated ~ RFC5291-4-01, RFC5291-6-04
6 ~ MAY ~ they count at once or from the next ROUTE-REFRESH, and are removed whole ~ RFC5291-6-0[1-3]

RFC 8538
2 ~ MUST ~ the N bit says that NOTIFICATIONs lead to a graceful restart ~ RFC8538-2-01
3 ~ MUST ~ Hard Reset ends the session for good, and goes only to who has the N bit ~ RFC8538-3-01, RFC8538-4-02, RFC8538-4-05
4 ~ MUST ~ with N on both sides a NOTIFICATION and the hold timer keep the routes, else they do not ~ RFC8538-4-01, RFC8538-4-03, RFC8538-4-04

RFC 9003
2 ~ MAY ~ a shutdown says why, in UTF-8 of at most 255 octets ~ RFC9003-2-*
4 ~ SHOULD ~ a broken text harms nobody ~ RFC9003-4-01

RFC 9234
4 ~ MUST ~ roles are told to external peers and must fit ~ RFC9234-4.1-*, RFC9234-4.2-*
5 ~ MUST ~ OTC is added, kept and obeyed, and a malformed one withdraws ~ RFC9234-5-*

RFC 9494
3.1 ~ MUST ~ the capability counts only beside that of graceful restart ~ RFC9494-3.1-01
4.2 ~ MUST ~ after the restart time routes are marked LLGR_STALE, those with NO_LLGR removed ~ RFC9494-4.2-01, RFC9494-4.2-02, RFC9494-4.2-05
4.2 ~ MUST ~ stale routes end with their time, with End-of-RIB, or where the peer kept nothing ~ RFC9494-4.2-03, RFC9494-4.2-04, RFC9494-4.2-06
4.3 ~ MUST ~ the mark is kept, and who does not know it is not told such routes ~ RFC9494-4.3-*
4.4 ~ MUST ~ a stale route is preferred last ~ RFC9494-4.4-01, RFC9494-4.3-02
`;
