// What the standards about monitoring ask, in our own words.

export const monitoring = `
RFC 7854
3.2 ~ MUST ~ the router opens the connection and comes back, after a while, when it was lost ~ RFC7854-3.2-01
3.3 ~ MUST ~ what a station sends is not read as BMP ~ RFC7854-3.3-01
4.1 ~ MUST ~ version 3, and a length that covers the whole message ~ RFC7854-4.1-01
4.2 ~ MUST ~ the header says which neighbour a message is about, and the format of its AS paths ~ RFC7854-4.2-01
4.3 ~ MUST ~ Initiation comes first and has sysDescr and sysName ~ RFC7854-4.3-01
4.5 ~ MAY ~ Termination says why the router ends the feed ~ RFC7854-4.5-01
4.6 ~ MUST ~ Route Monitoring says what a neighbour announced and withdrew ~ RFC7854-4.6-01
4.7 ~ MAY ~ Route Mirroring has messages as they came ~ RFC7854-4.6-02
4.8 ~ SHOULD ~ Statistics Reports count what there is ~ RFC7854-4.8-01
4.9 ~ MUST ~ Peer Down has the reason and the NOTIFICATION or event behind it ~ RFC7854-4.9-*
4.10 ~ MUST ~ Peer Up has both ends of the session and both OPENs as they were sent ~ RFC7854-4.10-01
5 ~ MUST ~ a station is told the whole state first, and its end per family ~ RFC7854-5-01
5 ~ MUST ~ a view before policy and one after it are told apart ~ RFC7854-5-03
5 ~ MUST ~ an UPDATE that is treated as a withdrawal is not told as a route ~ RFC7854-5-02

RFC 8671
4 ~ MUST ~ Adj-RIB-Out has the O flag ~ RFC8671-4-01

RFC 9069
4 ~ MUST ~ the Loc-RIB is a peer of type 3 whose Peer Up names the table ~ RFC9069-4-01
`;
