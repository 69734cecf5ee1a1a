// Catalogue rows: section ~ level ~ id ~ stimulus ~ expected. M MUST, S SHOULD, Y MAY, D record only, Z robustness.

export const extensions = `
3.13 ~ S ~ RFC2918-2-01 ~ read OPEN ~ capability 2, length 0
3.13 ~ M ~ RFC2918-4-01 ~ e2: RR 1/1 ~ px re-sent though unchanged
3.13 ~ M ~ RFC2918-4-02 ~ RR 2/1 ~ v6 re-sent, v4 not
3.13 ~ M ~ RFC2918-4-03 ~ RR AFI 99/SAFI 1; RR for un-negotiated family ~ IGN
3.13 ~ D ~ RFC2918-4-04 ~ tester did not advertise cap 2, sends RR ~ answered or ignored, no reset
3.13 ~ M ~ RFC2918-4-05 ~ hook "soft-in e1", tester without cap 2 ~ target sends no RR
3.13 ~ M ~ RFC2918-4-06 ~ hook "soft-in e1" ~ RR 1/1 (and 2/1), session untouched
3.13 ~ M ~ RFC2918-3-01 ~ RR reserved octet non-zero, no cap 70 ~ reserved ignored → treated as plain refresh (7313 speakers: see next)
3.13 ~ M ~ RFC7313-3.2-01 ~ RR subtype 77 ~ ignored
3.13 ~ M ~ RFC7313-5-01 ~ BoRR with length 24 ~ N 7/1, data = the message
3.13 ~ M ~ RFC7313-4-01 ~ e2: RR (both cap 70) ~ BoRR, all routes, EoRR
3.13 ~ M ~ RFC7313-4-02 ~ BoRR, re-announce px only (px and py before), EoRR ~ py withdrawn at e2, px not touched
3.13 ~ M ~ RFC7313-4-03 ~ BoRR, new BoRR before EoRR ~ restart stale marking
3.13 ~ M ~ RFC7313-4-04 ~ EoRR without BoRR ~ IGN
3.13 ~ M ~ RFC7313-4-05 ~ BoRR before EoR was received ~ IGN (MUST NOT before EoR)
3.13 ~ S ~ RFC7313-4-06 ~ BoRR and never EoRR ~ stale purge by timer (config upper bound)
3.13 ~ M ~ RFC7313-4-07 ~ cap 70 from only one side ~ plain behaviour
3.13 ~ M ~ RFC7313-4-08 ~ subtype 1 for un-negotiated family ~ IGN
3.13 ~ Y ~ RFC5291-4-01 ~ cap 3 send; ORF permit 10.1/16, IMMEDIATE ~ only 10.1/16 routes sent
3.13 ~ Y ~ RFC5291-6-01 ~ DEFER then plain RR ~ filter applied at RR
3.13 ~ Y ~ RFC5291-6-02 ~ remove-all ~ full table
3.13 ~ Y ~ RFC5291-6-03 ~ malformed entry ~ ORF entries of that type removed, no crash
3.13 ~ Y ~ RFC5291-6-04 ~ ORF without capability ~ IGN
3.14 ~ M ~ RFC4724-2-01 ~ GR on both, target has no routes ~ EoR v4 (empty UPDATE) and v6 (MP_UNREACH only)
3.14 ~ S ~ RFC4724-2-02 ~ tester without GR cap ~ EoR allowed
3.14 ~ M ~ RFC4724-2-03 ~ 100 routes ~ EoR after the last
3.14 ~ M ~ RFC4724-3-01 ~ read OPEN ~ cap 64: R=0, restart time ≤ 4095, families; reserved bits 0
3.14 ~ M ~ RFC4724-3-02 ~ cap 64 with only flags/time (no family) ~ UP; means "EoR only"
3.14 ~ D ~ RFC4724-3-03 ~ cap 64 length 3 ~ N 2/0 or ignore
3.14 ~ M ~ RFC4724-4.2-01 ~ F-bit set, then FIN; RST ~ routes retained; no withdraw at e2 for 3 s
3.14 ~ M ~ RFC4724-4.2-02 ~ then reconnect R=1 F=1, re-announce px, EoR ~ no flap at e2; py (not re-announced) withdrawn right after EoR
3.14 ~ M ~ RFC4724-4.2-03 ~ reconnect with F=0 ~ all stale withdrawn at once
3.14 ~ M ~ RFC4724-4.2-04 ~ reconnect without cap 64 / without that family ~ same
3.14 ~ M ~ RFC4724-4.2-05 ~ no reconnect ~ withdrawn at 5 s ± 1
3.14 ~ M ~ RFC4724-4.2-06 ~ second drop before EoR ~ previously stale routes deleted
3.14 ~ M ~ RFC4724-4.2-07 ~ NOTIFICATION 6/4 from tester (no N bit) ~ withdrawn at once
3.14 ~ M ~ RFC4724-4.2-08 ~ hold timer expiry (no N bit) ~ withdrawn at once
3.14 ~ M ~ RFC4724-5-01 ~ new TCP connection while Established ~ old closed **without NOTIFICATION**, routes kept, new one accepted
3.14 ~ M ~ RFC4724-4.2-09 ~ target's new OPEN as helper ~ R bit 0
3.14 ~ M ~ RFC4724-4.1-01 ~ target killed and restarted; tester R=0 ~ OPEN R=1, F as configured; no UPDATE before all EoR (or selection deferral timer); then UPDATEs + EoR
3.14 ~ M ~ RFC4724-4.1-02 ~ tester OPEN with R=1 ~ target must not wait for its EoR
3.14 ~ Z ~ RFC4724-2-04 ~ EoR twice; EoR for un-negotiated family; MP_UNREACH EoR with extra attribute ~ no crash
3.14 ~ Z ~ RFC4724-3-04 ~ UPDATE with only unknown attr, no mandatory ~ no crash
3.14 ~ M ~ RFC8538-2-01 ~ read OPEN ~ N bit (0x4) set
3.14 ~ M ~ RFC8538-4-01 ~ both N: NOTIFICATION 6/4, 6/2, 3/1 ~ routes retained as for GR
3.14 ~ M ~ RFC8538-4-02 ~ Hard Reset N 6/9 data '06 02' ~ withdrawn at once
3.14 ~ M ~ RFC8538-4-03 ~ hold expiry, both N ~ GR procedure
3.14 ~ M ~ RFC8538-3-01 ~ admin shutdown on target ~ N 6/9 with inner 6/2 (+ message) where hard reset is configured; else 6/2
3.14 ~ M ~ RFC8538-4-04 ~ N bit only on one side ~ RFC 4724 rules
3.14 ~ M ~ RFC8538-4-05 ~ N 6/9 with data ø or 1 octet ~ treated as hard reset, no crash
3.14 ~ M ~ RFC9494-3.1-01 ~ cap 71 without cap 64 ~ cap 71 ignored
3.14 ~ M ~ RFC9494-4.2-01 ~ drop; wait GR time (5) ~ at 5 s: px re-sent with LLGR_STALE (ffff0006) to LLGR peers
3.14 ~ M ~ RFC9494-4.2-02 ~ px carries NO_LLGR (ffff0007) ~ withdrawn at 5 s
3.14 ~ M ~ RFC9494-4.2-03 ~ no reconnect ~ withdrawn at 15 s
3.14 ~ M ~ RFC9494-4.3-01 ~ observer without cap 71 ~ stale route not sent (or with NO_EXPORT + LP 0, 4.6)
3.14 ~ M ~ RFC9494-4.3-02 ~ c1 sends a route with LLGR_STALE ~ least preferred; attribute kept when passed on
3.14 ~ M ~ RFC9494-4.4-01 ~ stale LP 999 vs fresh LP 100 ~ fresh wins
3.14 ~ M ~ RFC9494-4.2-04 ~ reconnect, EoR ~ stale removed, community gone
3.14 ~ M ~ RFC9494-4.2-05 ~ restart time 0 + LLST 10 ~ LLGR starts at once
3.14 ~ M ~ RFC9494-4.2-06 ~ reconnect F=0 in cap 71 ~ stale removed
3.15 ~ M ~ RFC7911-4-01 ~ read OPEN ~ cap 69, 4-octet tuples, S/R 1..3
3.15 ~ M ~ RFC7911-4-02 ~ tuple S/R 7 or 0 ~ tuple ignored, UP
3.15 ~ D ~ RFC7911-4-03 ~ cap 69 length 3 ~ N 2/0 or ignore
3.15 ~ M ~ RFC7911-4-04 ~ tester "receive" only ~ target sends ids, parses ours without
3.15 ~ M ~ RFC7911-4-05 ~ tester "send" only ~ target parses ids, sends without
3.15 ~ M ~ RFC7911-4-06 ~ only v4 negotiated ~ v6 without ids
3.15 ~ M ~ RFC7911-3-01 ~ (px,1),(px,2) different paths ~ both held; both sent to an ADD-PATH receiver with distinct ids
3.15 ~ M ~ RFC7911-5-01 ~ (px,1) again, new attrs ~ replaces only id 1
3.15 ~ M ~ RFC7911-5-02 ~ withdraw (px,1) ~ only id 1 withdrawn
3.15 ~ S ~ RFC7911-5-03 ~ withdraw (px,77) ~ IGN
3.15 ~ M ~ RFC7911-5-04 ~ id 0; id ffffffff ~ valid
3.15 ~ M ~ RFC7911-5-05 ~ target's ids ~ unique per (prefix); stable while attrs change
3.15 ~ M ~ RFC7911-5-06 ~ (px,1),(px,2) ~ observer without cap 69 sees one best
3.15 ~ M ~ RFC7911-3-02 ~ NLRI without id on an ADD-PATH session ~ RST (cannot parse) or wrong prefix; no crash
3.15 ~ M ~ RFC7911-3-03 ~ id present, < 5 octets left ~ RST 3/10
3.15 ~ M ~ RFC7911-5-07 ~ session down ~ all ids withdrawn
3.15 ~ M ~ RFC7911-5-08 ~ reflect both paths ~ each with own ORIGINATOR_ID/CLUSTER_LIST
3.15 ~ S ~ RFC8654-3-01 ~ read OPEN ~ cap 6 length 0
3.15 ~ M ~ RFC8654-4-01 ~ both cap 6, UPDATE 5 000 octets ~ accepted
3.15 ~ M ~ RFC8654-4-02 ~ **only target** advertised, UPDATE 5 000 ~ accepted (MAY be sent by us)
3.15 ~ M ~ RFC8654-4-03 ~ 65 535 octets ~ accepted
3.15 ~ M ~ RFC8654-5-01 ~ 4 097 octets ~ N 1/2
3.15 ~ M ~ RFC8654-4-04 ~ OPEN or KEEPALIVE > 4096 / > 19 ~ N 1/2
3.15 ~ M ~ RFC8654-4-05 ~ e1 sends 5 000-octet route; e2 without cap 6 ~ e2: discardable attrs removed, or not sent and earlier px withdrawn
3.15 ~ M ~ RFC8654-5-02 ~ tester without cap 6 causes an error with 5 kB data ~ NOTIFICATION ≤ 4 096
3.17 ~ M ~ RFC9234-4.1-01 ~ read OPEN ~ cap 9 length 1 value 0; not on iBGP
3.17 ~ M ~ RFC9234-4.2-01 ~ tester sends each of 0–4 (25 pairs) ~ UP for (P,C)(C,P)(L,L)(S,R)(R,S); else N 2/11
3.17 ~ S ~ RFC9234-4.2-02 ~ tester without cap 9 ~ UP, local role still applies
3.17 ~ M ~ RFC9234-4.2-03 ~ tester without cap 9 ~ N 2/11
3.17 ~ M ~ RFC9234-4.2-04 ~ cap 9 twice, same ~ UP
3.17 ~ M ~ RFC9234-4.2-05 ~ cap 9 twice, different ~ N 2/11
3.17 ~ D ~ RFC9234-4.2-06 ~ value 7 ~ N 2/11
3.17 ~ D ~ RFC9234-4.1-02 ~ cap 9 length 2 ~ N 2/0 or ignore
3.17 ~ M ~ RFC9234-5-03 ~ e1 sends route with OTC ~ ineligible, NOPROP
3.17 ~ M ~ RFC9234-5-04 ~ route with OTC ~ ineligible
3.17 ~ M ~ RFC9234-5-05 ~ OTC ≠ 65001 ~ ineligible
3.17 ~ M ~ RFC9234-5-06 ~ OTC = 65001 ~ eligible, OTC kept
3.17 ~ M ~ RFC9234-5-07 ~ no OTC ~ OTC 65001 added (seen at c1)
3.17 ~ M ~ RFC9234-5-08 ~ route without OTC ~ e2 sees OTC 65000
3.17 ~ M ~ RFC9234-5-09 ~ route with OTC ~ NOPROP to e2
3.17 ~ M ~ RFC9234-5-10 ~ OTC through iBGP reflection ~ unchanged
3.17 ~ M ~ RFC9234-5-11 ~ OTC procedures ~ not applied
3.18 ~ M ~ RFC5082-3-01 ~ tester TTL 255 ~ UP; target's packets TTL 255
3.18 ~ M ~ RFC5082-3-02 ~ tester TTL 254 (hops=1) ~ no session
3.18 ~ Y ~ RFC5082-3-03 ~ TTL drops to 64 mid-session ~ hold expiry
3.18 ~ D ~ RFC4271-TTL-01 ~ target's TTL ~ 1 by default (or 255)
3.18 ~ M ~ RFC2385-2-01 ~ right key / no key / wrong key ~ UP / no TCP / no TCP
3.18 ~ Y ~ RFC5925-Z-01 ~ right key, key roll ~ UP
3.18 ~ S ~ RFC4486-4-02 ~ hook shutdown ~ N 6/2
3.18 ~ S ~ RFC4486-4-03 ~ hook clear ~ N 6/4
3.18 ~ S ~ RFC4486-4-04 ~ remove neighbour ~ N 6/3
3.18 ~ S ~ RFC4486-4-05 ~ change of peer AS/other config ~ N 6/6
3.18 ~ M ~ RFC4486-4-06 ~ above limit ~ N 6/1
3.18 ~ S ~ RFC4486-4-07 ~ collision ~ N 6/7
3.18 ~ S ~ RFC4486-4-08 ~ daemon stop (SIGTERM) ~ N 6/2 or 6/3; routes gone
3.18 ~ Y ~ RFC9003-2-01 ~ shutdown with 128- and 255-octet UTF-8 text ~ data = length + text
3.18 ~ S ~ RFC9003-4-01 ~ tester sends N 6/2 with length > rest, bad UTF-8, NUL ~ close, no crash
3.18 ~ M ~ RFC9003-2-02 ~ multi-byte text cut at the limit ~ valid UTF-8
3.18 ~ S ~ RFC9384-3-01 ~ BFD down ~ N 6/10
3.19 ~ M ~ RFC4364-4.3.2-01 ~ c1: 1/128, next hop RD 0 + v4 (12), label 3 octets, RT ~ reflected, NLRI and label identical
3.19 ~ M ~ RFC4364-4.3.2-02 ~ two RDs, same prefix ~ two independent routes
3.19 ~ M ~ RFC4364-4.3.2-03 ~ withdraw with label 800000 / 000000 / original ~ withdrawn in all cases
3.19 ~ M ~ RFC4364-4.3.2-04 ~ next hop length 4 instead of 12 ~ RST/TAW, no crash
3.19 ~ M ~ RFC4364-4.3.1-01 ~ route whose RT the RR does not import ~ still reflected (RR keeps all)
3.19 ~ M ~ RFC4364-4.3.1-02 ~ RT not imported anywhere ~ may be dropped; RR off
3.19 ~ M ~ RFC4364-4.3.2-05 ~ label stack of 2; length field 24·n ~ parsed; S bit found
3.19 ~ M ~ RFC4364-4.3.2-06 ~ prefix length < 88 (no room for label + RD) ~ RST
3.19 ~ M ~ RFC4364-4.2-01 ~ RD types 0, 1, 2 ~ all kept byte-identical
3.19 ~ Y ~ RFC4364-10-01 ~ e1 → c1 ~ next hop self, new label
3.19 ~ M ~ RFC4659-3.2-01 ~ 2/128, next hop 24 (RD 0 + v6) ~ reflected
3.19 ~ M ~ RFC4659-3.2.1-01 ~ next hop 48 (global + LL) ~ accepted
3.19 ~ M ~ RFC4659-3.2.1-02 ~ next hop v4-mapped ::ffff:a.b.c.d ~ kept
3.19 ~ M ~ RFC4659-3.2-02 ~ next hop 16 ~ RST/TAW
3.19 ~ M ~ RFC4684-5-01 ~ read OPEN ~ MP capability 1/132
3.19 ~ M ~ RFC4684-4-01 ~ c1 announces RT 65000:1 (96-bit NLRI) ~ only VPN routes with RT 65000:1 sent to c1
3.19 ~ M ~ RFC4684-4-02 ~ default NLRI (length 0) ~ all VPN routes
3.19 ~ M ~ RFC4684-4-03 ~ NLRI 32 bits (origin AS only); 64 bits (RT prefix) ~ prefix match on RT
3.19 ~ M ~ RFC4684-4-04 ~ withdraw RT ~ VPN routes withdrawn
3.19 ~ M ~ RFC4684-6-01 ~ no membership from c1 ~ no VPN routes (after EoR/timeout ≤ 60 s)
3.19 ~ S ~ RFC4684-6-02 ~ VPN routes before EoR of 1/132 ~ held back
3.19 ~ M ~ RFC4684-3.2-01 ~ RT route to client ~ ORIGINATOR_ID = RR id, next hop = RR address
3.19 ~ M ~ RFC4684-3.2-02 ~ to non-client: best client path also when best is non-client ~ sent
3.19 ~ Z ~ RFC4684-4-05 ~ NLRI length 97, 31, 255 ~ RST, no crash
3.19 ~ M ~ RFC4684-6-03 ~ route without any RT ~ not sent under non-default membership
3.20 ~ M ~ RFC6811-2-01 ~ no VRP covers ~ NotFound (policy tag/accept)
3.20 ~ M ~ RFC6811-2-02 ~ VRP 10.70/16-24 AS 65001; route /24 ~ Valid
3.20 ~ M ~ RFC6811-2-03 ~ same VRP, /25 ~ Invalid (max length)
3.20 ~ M ~ RFC6811-2-04 ~ origin 64999 ~ Invalid
3.20 ~ M ~ RFC6811-2-05 ~ two VRPs, one matches ~ Valid
3.20 ~ M ~ RFC6811-2-06 ~ path ends in AS_SET ~ origin NONE → Invalid if covered
3.20 ~ M ~ RFC6811-2-07 ~ VRP AS 0 ~ never Valid → Invalid
3.20 ~ M ~ RFC6811-2-08 ~ iBGP/empty path ~ origin = own AS
3.20 ~ M ~ RFC6811-5-01 ~ VRP added/removed after the route ~ re-evaluated without flap of the session
3.20 ~ M ~ RFC6811-5-02 ~ cache lost ~ data kept until expire, then NotFound
3.20 ~ S ~ RFC6811-3-01 ~ no policy configured ~ validation state alone changes nothing
3.20 ~ S ~ RFC8097-2-01 ~ ext community 4300 0000 0000 000x (0,1,2) sent to iBGP ~ present when configured
3.20 ~ M ~ RFC8097-2-02 ~ same received from eBGP ~ ignored/removed
3.20 ~ S ~ RFC8097-2-03 ~ received from iBGP ~ state taken over if configured
3.20 ~ M ~ RFC8210-5-01 ~ cache: Serial Notify, Reset, Cache Response, prefixes, EOD ~ router follows; version fallback 1→0
3.20 ~ Z ~ RFC8210-Z-01 ~ RTR PDU length 7, 2³¹, unknown type 99 ~ Error Report, no crash
3.21 ~ M ~ RFC7854-4.3-01 ~ station accepts TCP ~ first message Initiation with sysDescr (1) and sysName (2)
3.21 ~ M ~ RFC7854-4.1-01 ~ all messages ~ version 3, length consistent
3.21 ~ M ~ RFC7854-4.10-01 ~ e1 up ~ Peer Up: local address, ports, sent OPEN, received OPEN byte-identical
3.21 ~ M ~ RFC7854-4.6-01 ~ px from e1 ~ Route Monitoring, L=0, UPDATE re-encodes same route
3.21 ~ M ~ RFC7854-5-01 ~ station connects late ~ Peer Up + full Adj-RIB-In dump + EoR per family
3.21 ~ M ~ RFC7854-4.2-01 ~ per-peer header ~ distinguisher 0, V flag for v6 peers, A flag iff 2-octet path, AS, id, address right; timestamp sane
3.21 ~ M ~ RFC7854-4.9-01 ~ tester sends N 6/2 ~ Peer Down reason 3 + the NOTIFICATION
3.21 ~ M ~ RFC7854-4.9-02 ~ target sends N ~ reason 1 + NOTIFICATION
3.21 ~ M ~ RFC7854-4.9-03 ~ FIN ~ reason 4
3.21 ~ M ~ RFC7854-4.9-04 ~ local stop without NOTIFICATION ~ reason 2 + FSM event
3.21 ~ M ~ RFC7854-4.9-05 ~ peer removed from monitoring ~ reason 5
3.21 ~ S ~ RFC7854-4.8-01 ~ wait ~ Stats Report; counters grow with loops, duplicates
3.21 ~ M ~ RFC7854-5-02 ~ TAW case ~ Route Monitoring shows withdraw or nothing – never the bad attribute as good
3.21 ~ Y ~ RFC7854-4.5-01 ~ hook stop ~ Termination with reason
3.21 ~ M ~ RFC7854-3.3-01 ~ station sends data ~ ignored
3.21 ~ S ~ RFC7854-3.2-01 ~ station closed, reopened ~ back-off, reconnect, full state again
3.21 ~ M ~ RFC7854-5-03 ~ post-policy ~ L=1 copy after policy
3.21 ~ Y ~ RFC8671-4-01 ~ adj-out ~ O flag
3.21 ~ Y ~ RFC9069-4-01 ~ loc-rib ~ peer type 3, Peer Up with VRF/table name
3.21 ~ Y ~ RFC7854-4.6-02 ~ route mirroring ~ byte-identical incl. malformed ones
3.22 ~ Z ~ Z-CVE-01 ~ OPEN len 29, opt len 255, no data; ff ff short ~ N 2/0
3.22 ~ Z ~ Z-CVE-02 ~ FQDN (73), software-version (75) capability with inner length 0 / beyond ~ UP or N 2/0
3.22 ~ Z ~ Z-CVE-03 ~ MP_REACH with 64-bit length tricks, next hop len 255 ~ RST
3.22 ~ Z ~ Z-CVE-04 ~ UPDATE: Total Attr Length underflow (withdrawn length = body − 1) ~ N 3/1
3.22 ~ Z ~ Z-CVE-05 ~ AS4_PATH bad, placed before AS_PATH, OLD peer ~ DISC
3.22 ~ Z ~ Z-CVE-06 ~ flowspec NLRI lengths f0 00, ff ff, unknown component (SAFI 133 negotiated or not) ~ RST/IGN
3.22 ~ Z ~ Z-CVE-07 ~ Prefix-SID TLV lengths (type 5 SRv6) ~ DISC
3.22 ~ Z ~ Z-LOAD-01 ~ 500 dynamic peers, 200 routes each, all dropped at once ~ recovers, no leak of routes
3.22 ~ Z ~ Z-LOAD-02 ~ reconnect 1 000 times ~ no fd/memory growth (RSS via adapter)
3.22 ~ Z ~ Z-LOAD-03 ~ one slow reader ~ other peers' convergence unaffected (< 2×)
3.22 ~ Z ~ Z-FUZ-01 ~ seeded mutation of 1 000 valid messages, 1 bit/1 octet/length field each ~ oracle: target alive, invariants 3.2, other sessions up, at most one NOTIFICATION
3.22 ~ Z ~ Z-FUZ-02 ~ differential: same seed against all targets, outcome classes compared ~ report disagreement, no verdict
`;
