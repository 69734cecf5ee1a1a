// Catalogue rows: section ~ level ~ id ~ stimulus ~ expected. M MUST, S SHOULD, Y MAY, D record only, Z robustness.

export const routes = `
3.9 ~ M ~ RFC4271-5.1.2-02 ~ path [65001 64999] from e1 ~ e2 sees [65000 65001 64999]; c1 sees [65001 64999]
3.9 ~ M ~ RFC4271-5.1.2-03 ~ path starting with AS_SET ~ new AS_SEQUENCE [65000] before the set
3.9 ~ M ~ RFC4271-5.1.2-04 ~ empty path ~ e2 sees [65000]
3.9 ~ S ~ RFC4271-5.1.2-05 ~ first segment has 255 ASes ~ new segment (2,1)+(2,255)
3.9 ~ M ~ RFC4271-5.1.2-06 ~ local route ~ e: [65000]; i: empty
3.9 ~ M ~ RFC4271-5.1.1-01 ~ ORIGIN 0,1,2 ~ unchanged to all
3.9 ~ S ~ RFC4271-5.1.3-01 ~ eBGP route to iBGP ~ next hop unchanged (or self by config)
3.9 ~ S ~ RFC4271-5.1.3-02 ~ to multihop eBGP ~ next hop = address of the session
3.9 ~ Y ~ RFC4271-5.1.3-03 ~ e1, e2 on one subnet ~ third-party next hop or own; never e2's own address
3.9 ~ M ~ RFC4271-5.1.3-04 ~ next hop equals e2's address ~ to e2: not e2's address
3.9 ~ M ~ RFC4271-5.1.4-01 ~ MED 5 from e1 ~ not sent to e2; c1 may see 5
3.9 ~ M ~ RFC4271-5.1.4-02 ~ MED 7 via iBGP, not originated here ~ not sent to e2 from another AS
3.9 ~ S ~ RFC4271-5.1.6-01 ~ ATOMIC_AGGREGATE ~ kept
3.9 ~ S ~ RFC4271-5.1.7-01 ~ AGGREGATOR 65001 10.0.0.1 ~ kept intact
3.9 ~ M ~ RFC4271-9.2-02 ~ iBGP → other iBGP ~ NOPROP
3.9 ~ M ~ RFC4271-9.1.3-01 ~ best route replaced by other peer's ~ one UPDATE with new attrs, no withdraw first
3.9 ~ M ~ RFC4271-9.1.3-02 ~ best withdrawn, second best exists ~ UPDATE with second best
3.9 ~ M ~ RFC4271-9.1.3-03 ~ last route withdrawn ~ withdraw to all who had it
3.9 ~ D ~ RFC4271-9.1.2-03 ~ send back to the peer it came from ~ record (loop protection makes it harmless)
3.9 ~ M ~ RFC4271-9.1.4-01 ~ a wide prefix and a narrow one inside it, each withdrawn in turn ~ each told by itself
3.9 ~ D ~ RFC4271-9.1.3-04 ~ path contains e2's AS ~ sent or suppressed
3.9 ~ M ~ RFC4271-9.2-03 ~ input that grows past 4096 when prepended ~ not sent; earlier px withdrawn from that peer; session stays
3.9 ~ S ~ RFC4271-9.2-04 ~ 2000 routes, equal attributes ~ packed (≤ 10 UPDATEs)
3.9 ~ M ~ RFC4271-9.2.2.2-01 ~ ORIGIN mix IGP+EGP+INCOMPLETE ~ INCOMPLETE > EGP > IGP
3.9 ~ M ~ RFC4271-9.2.2.2-02 ~ paths [65001 1 2],[65001 1 3] ~ common head, then AS_SET{2 3} or ATOMIC_AGGREGATE without set
3.9 ~ S ~ RFC4271-9.2.2.2-03 ~ aggregate ~ AGGREGATOR = 65000, 10.0.0.1
3.9 ~ M ~ RFC4271-9.2.2.2-04 ~ different MED / NEXT_HOP parts ~ not aggregated across different MED (9.2.2.2), by config
3.9 ~ M ~ RFC4271-9.2.2.2-05 ~ last contributor withdrawn ~ aggregate withdrawn
3.9 ~ M ~ RFC8212-2-01 ~ e1 announces px ~ not used, not propagated; session UP
3.9 ~ M ~ RFC8212-2-02 ~ e2 announces py ~ nothing sent to e1
3.10 ~ M ~ RFC4271-9.1.1-01 ~ c1 LP 200 long path / c2 LP 100 ~ LP 200
3.10 ~ M ~ RFC4271-9.1.1-02 ~ e1 sends LP 999, longer path / e3 plain ~ e3
3.10 ~ M ~ RFC4271-9.1.2.2-01 ~ path 2 / path 3 ~ shorter
3.10 ~ M ~ RFC4271-9.1.2.2-02 ~ [65003]{1 2 3} (=2) / [65001 64998 64999] ~ AS_SET counts 1
3.10 ~ M ~ RFC4271-9.1.2.2-03 ~ confed segments count 0 (Pconf) ~ –
3.10 ~ M ~ RFC4271-9.1.2.2-04 ~ ORIGIN IGP / EGP / INCOMPLETE, better id on the worse ~ lowest
3.10 ~ M ~ RFC4271-9.1.2.2-05 ~ same AS, MED 10 (high id) / MED 20 (low id) ~ MED 10
3.10 ~ M ~ RFC4271-9.1.2.2-06 ~ different AS, MED 50 (high id) / 100 (low id) ~ low id
3.10 ~ M ~ RFC4271-9.1.2.2-07 ~ no MED (high id) / MED 5 ~ no MED (=0)
3.10 ~ M ~ RFC4271-9.1.2.2-08 ~ three routes: e1 MED 10, e1' MED 5, e3; all 6 orders ~ same winner in all orders (deterministic MED)
3.10 ~ M ~ RFC4271-9.1.2.2-09 ~ eBGP (high id) / iBGP (low id) ~ eBGP
3.10 ~ M ~ RFC4271-9.1.2.2-10 ~ interior cost 10 / 20 ~ 10 (netns with kernel metrics or adapter hook)
3.10 ~ M ~ RFC4271-9.1.2.2-11 ~ BGP id .1 / .9 ~ .1
3.10 ~ M ~ RFC4271-9.1.2.2-12 ~ same id, addresses .1/.2 ~ lower address
3.10 ~ M ~ RFC4271-9.1.2-04 ~ unresolvable next hop with LP 999 / resolvable ~ resolvable (netns)
3.10 ~ S ~ RFC4456-9-01 ~ ORIGINATOR_ID low on high-id peer / reverse ~ low ORIGINATOR_ID
3.10 ~ S ~ RFC4456-9-02 ~ CLUSTER_LIST length 1 (high id) / 2, same ORIGINATOR_ID ~ shorter
3.10 ~ M ~ RFC4456-9-03 ~ reflected route vs eBGP route, all else equal ~ eBGP
3.10 ~ Y ~ RFC7311-4-01 ~ AIGP 10 / 20, Pagig enabled ~ 10
3.10 ~ Z ~ Z-DEC-01 ~ random 8 candidates × 200 seeds vs a reference model ~ same winner as the model
3.11 ~ M ~ RFC4456-6-01 ~ from n1 ~ to c1, c2; not n2; to e2
3.11 ~ M ~ RFC4456-6-02 ~ from c1 ~ to c2, n1, n2, e2
3.11 ~ M ~ RFC4456-6-03 ~ from e1 ~ to c*, n*, e2
3.11 ~ D ~ RFC4456-6-04 ~ back to c1 itself ~ suppressed, or sent (client drops by ORIGINATOR_ID)
3.11 ~ M ~ RFC4456-6-05 ~ c1→c2 with client-to-client reflection off (config) ~ NOPROP to c2, to n1 yes
3.11 ~ M ~ RFC4456-8-02 ~ c1→c2 and n1→c1 ~ ORIGINATOR_ID = id of the *sending iBGP peer*
3.11 ~ M ~ RFC4456-8-03 ~ c1→n1 ~ ORIGINATOR_ID and CLUSTER_LIST present
3.11 ~ M ~ RFC4456-8-04 ~ ORIGINATOR_ID already 10.3.3.3 ~ kept
3.11 ~ M ~ RFC4456-8-05 ~ CLUSTER_LIST [50,51] ~ [99,50,51]
3.11 ~ M ~ RFC4456-8-06 ~ no CLUSTER_LIST ~ [10.0.0.99] created
3.11 ~ M ~ RFC4456-8-07 ~ eBGP-learned route to c1 ~ no ORIGINATOR_ID, no CLUSTER_LIST
3.11 ~ M ~ RFC4456-8-08 ~ locally originated (Porig) to c1 ~ none (ORIGINATOR_ID is for reflected)
3.11 ~ S ~ RFC4456-8-09 ~ ORIGINATOR_ID = 10.0.0.1 ~ ignored, not used at all
3.11 ~ S ~ RFC4456-8-10 ~ CLUSTER_LIST contains 10.0.0.99 ~ ignored, not sent even to e2
3.11 ~ M ~ RFC4456-8-11 ~ CLUSTER_LIST contains 10.0.0.1 (router id ≠ cluster id) ~ accepted
3.11 ~ M ~ RFC4456-8-12 ~ cluster-id not configured ~ CLUSTER_LIST uses router id
3.11 ~ M ~ RFC4456-10-01 ~ reflected: NEXT_HOP, AS_PATH, LOCAL_PREF, MED ~ unmodified (present and absent)
3.11 ~ M ~ RFC4456-10-02 ~ reflected: communities, large, ext, unknown transitive, AIGP ~ byte-identical (Partial rule apart)
3.11 ~ S ~ RFC4456-10-03 ~ "next-hop self" configured ~ does not touch reflected routes' next hop by default
3.11 ~ M ~ RFC4456-7-01 ~ two target RRs, same cluster-id ~ each ignores the other's reflected route
3.11 ~ M ~ RFC4456-7-02 ~ two RRs, different ids, ring c1-RR1-RR2-c2 ~ no loop, CLUSTER_LIST grows, stops
3.11 ~ M ~ RFC4456-6-06 ~ best path moves from c1 to n1 ~ former receivers not allowed now (n2) get a withdraw
3.11 ~ M ~ RFC4456-6-07 ~ best from n1, c1 sends worse ~ c1's route not reflected; c1 receives n1's
3.11 ~ M ~ RFC4456-6-08 ~ v6 and VPN families ~ same rules
3.11 ~ M ~ RFC4456-6-09 ~ c1 down ~ its routes withdrawn from c2, n*, e*
3.11 ~ M ~ RFC4456-8-13 ~ 50 cluster ids (CLUSTER_LIST 200 octets → 204) ~ extended length handled
3.11 ~ Z ~ RFC4456-8-14 ~ CLUSTER_LIST so long that adding 4 passes 4096 ~ not sent/withdrawn, no crash
3.12 ~ M ~ RFC6793-4.2.2-01 ~ path [65001 70000 64999] to OLD e2 ~ AS_PATH [65000 65001 23456 64999] + AS4_PATH full
3.12 ~ M ~ RFC6793-4.2.2-02 ~ path all ≤ 65535 to OLD ~ no AS4_PATH
3.12 ~ M ~ RFC6793-4.2.2-03 ~ AGGREGATOR 70000 to OLD ~ AGGREGATOR 23456 + AS4_AGGREGATOR 70000
3.12 ~ M ~ RFC6793-4.2.2-04 ~ AGGREGATOR ≤ 65535 to OLD ~ 6 octets, no AS4_AGGREGATOR
3.12 ~ D ~ RFC6793-4.2.2-05 ~ flags of AS4_PATH created here ~ c0 (no Partial)
3.12 ~ M ~ RFC6793-4.2.2-06 ~ target's own AS 70001 (profile) ~ field 23456, AS_PATH 23456 to OLD
3.12 ~ M ~ RFC6793-4.2.2-07 ~ confed segments ~ not put in AS4_PATH
3.12 ~ M ~ RFC6793-4.2.3-01 ~ OLD e1: [65001 23456 64999] + AS4 equal length ~ merged
3.12 ~ M ~ RFC6793-4.2.3-02 ~ AS4_PATH shorter ~ leading ASes of AS_PATH prepended
3.12 ~ M ~ RFC6793-4.2.3-03 ~ AS4_PATH longer than AS_PATH ~ ignored
3.12 ~ M ~ RFC6793-4.2.3-04 ~ AGGREGATOR ≠ 23456 + AS4_AGGREGATOR + AS4_PATH ~ both AS4_* ignored
3.12 ~ M ~ RFC6793-4.2.3-05 ~ AGGREGATOR 23456 + AS4_AGGREGATOR ~ AS4_AGGREGATOR used
3.12 ~ M ~ RFC6793-4.2.3-06 ~ AS_SET counts one in the length comparison ~ merged right
3.12 ~ M ~ RFC6793-4.2.3-07 ~ unmergeable AS4_PATH forwarded? ~ AS4_PATH never forwarded to NEW
3.12 ~ M ~ RFC6793-4.2.3-08 ~ AS loop only visible after merge (65000 inside AS4_PATH) ~ excluded
3.12 ~ M ~ RFC6793-4.2.2-08 ~ OLD iBGP client ~ AS4_PATH carried through reflection
3.16 ~ M ~ RFC1997-WK-01 ~ NO_EXPORT ~ not to e2; to c1 yes
3.16 ~ M ~ RFC1997-WK-02 ~ NO_ADVERTISE ~ to nobody
3.16 ~ M ~ RFC1997-WK-03 ~ NO_EXPORT_SUBCONFED ~ not to e2 (nor member AS in Pconf)
3.16 ~ M ~ RFC1997-WK-04 ~ px without, then px with NO_EXPORT ~ earlier px **withdrawn** from e2
3.16 ~ M ~ RFC1997-OP-01 ~ community list ~ forwarded complete
3.16 ~ D ~ RFC1997-OP-02 ~ duplicates ~ record
3.16 ~ Z ~ RFC1997-OP-03 ~ 1 000 communities ~ extended length, no truncation
3.16 ~ S ~ RFC8326-4-01 ~ GRACEFUL_SHUTDOWN (Pgsh) ~ LOCAL_PREF 0 toward c1
3.16 ~ S ~ RFC7999-3-01 ~ BLACKHOLE ~ not leaked to e2 without agreement (NO_EXPORT/NO_ADVERTISE added)
3.16 ~ S ~ RFC4360-6-01 ~ type 40 xx non-transitive to e2 / to c1 ~ removed / kept
3.16 ~ M ~ RFC4360-2-01 ~ 2-octet-AS, IPv4, 4-octet-AS, opaque, unknown types ~ value intact
3.16 ~ M ~ RFC4360-6-02 ~ reflection ~ RT list unchanged
3.16 ~ M ~ RFC8092-3-02 ~ 3 large communities ~ forwarded as a set
3.16 ~ M ~ RFC8092-3-03 ~ duplicates in ~ de-duplicated out
3.16 ~ M ~ RFC5701-2-01 ~ IPv6 ext community ~ forwarded
`;
