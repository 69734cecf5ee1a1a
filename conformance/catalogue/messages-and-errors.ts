// Catalogue rows: section ~ level ~ id ~ stimulus ~ expected. M MUST, S SHOULD, Y MAY, D record only, Z robustness.

export const messagesAndErrors = `
3.2 ~ M ~ RFC4271-4.1-01 ~ marker all ones; 19 ≤ length ≤ 4096 (65535 only if tester advertised cap 6 and type ≠ 1,4) ~ 
3.2 ~ M ~ RFC4271-4.4-01 ~ KEEPALIVE is exactly 19 octets; never > 1/s averaged over 3 s ~ 
3.2 ~ M ~ RFC4271-4.3-01 ~ low nibble of attribute flags zero ~ 
3.2 ~ M ~ RFC4271-4.3-02 ~ well-known attrs 0x40; optional non-transitive without Partial ~ 
3.2 ~ M ~ RFC4271-4.3-03 ~ each attribute at most once ~ 
3.2 ~ S ~ RFC4271-5-01 ~ ascending type order, except MP first (RFC 7606 wins) ~ 
3.2 ~ M ~ RFC7606-5.1-01 ~ MP_REACH/MP_UNREACH is the first attribute ~ 
3.2 ~ M ~ RFC7606-5.1-02 ~ at most one of: withdrawn, NLRI, MP_REACH, MP_UNREACH non-empty ~ 
3.2 ~ S ~ RFC4271-4.3-04 ~ same prefix not in Withdrawn and NLRI of one message ~ 
3.2 ~ M ~ RFC4271-5.1.5-01 ~ no LOCAL_PREF to eBGP ~ 
3.2 ~ M ~ RFC4271-5.1.5-02 ~ LOCAL_PREF in every route to iBGP ~ 
3.2 ~ M ~ RFC4271-5.1.2-01 ~ leftmost AS to eBGP = 65000; AS_PATH to iBGP unchanged ~ 
3.2 ~ S ~ RFC4760-3-01 ~ no NEXT_HOP attribute when only MP_REACH carries routes ~ 
3.2 ~ M ~ RFC4456-8-01 ~ no ORIGINATOR_ID/CLUSTER_LIST to eBGP ~ 
3.2 ~ M ~ RFC7607-2-01 ~ AS 0 never sent in AS_PATH, AS4_PATH, AGGREGATOR ~ 
3.2 ~ M ~ RFC5065-5-01 ~ no confederation segments to a non-member ~ 
3.2 ~ M ~ RFC6793-4.1-01 ~ no AS4_PATH/AS4_AGGREGATOR to a NEW speaker ~ 
3.2 ~ M ~ RFC8092-3-01 ~ no duplicate large communities ~ 
3.2 ~ S ~ RFC4271-9.2-01 ~ identical route not re-sent ~ 
3.2 ~ Z ~ Z-INV-01 ~ target process alive, other sessions up, after each case ~ 
3.3 ~ M ~ RFC4271-6.1-01 ~ KEEPALIVE, last marker octet fe ~ N 1/1 ø
3.3 ~ M ~ RFC4271-6.1-02 ~ 0: OPEN with marker 00×16 ~ N 1/1 ø
3.3 ~ M ~ RFC4271-6.1-03 ~ KEEPALIVE, length 18 ~ N 1/2 0012
3.3 ~ M ~ RFC4271-6.1-04 ~ length 0 ~ N 1/2 0000
3.3 ~ M ~ RFC4271-6.1-05 ~ UPDATE, length 4097 ~ N 1/2 1001
3.3 ~ M ~ RFC4271-6.1-06 ~ OS: OPEN of 28 octets ~ N 1/2 001c
3.3 ~ M ~ RFC4271-6.1-07 ~ UPDATE length 22 ~ N 1/2 0016
3.3 ~ M ~ RFC4271-6.1-08 ~ UPDATE length 19 ~ N 1/2 0013
3.3 ~ M ~ RFC4271-6.1-09 ~ KEEPALIVE length 20 ~ N 1/2 0014
3.3 ~ D ~ RFC4271-6.1-10 ~ NOTIFICATION length 20 ~ N 1/2 0014, or silent close (6.4 says no NOTIFICATION back)
3.3 ~ M ~ RFC4271-6.1-11 ~ type 0 ~ N 1/3 00
3.3 ~ M ~ RFC4271-6.1-12 ~ type 9, 127, 255 ~ N 1/3 <type>
3.3 ~ D ~ RFC4271-6.1-13 ~ type 6 (dynamic cap), 128 (old refresh) ~ N 1/3 or accepted
3.3 ~ M ~ RFC4271-6.1-14 ~ 0: OPEN length 4097 ~ N 1/2 1001 even with cap 6
3.3 ~ D ~ RFC4271-6.1-15 ~ ROUTE-REFRESH length 22 ~ N 1/2 or 7/1
3.3 ~ D ~ RFC4271-6.1-16 ~ both marker and length wrong ~ one NOTIFICATION, code 1
3.3 ~ Z ~ Z-FRM-01 ~ valid UPDATE one octet per segment ~ processed
3.3 ~ Z ~ Z-FRM-02 ~ 2 UPDATE + KEEPALIVE in one segment ~ all processed
3.3 ~ M ~ Z-FRM-03 ~ header announcing 4000, then stall ~ hold expiry N 4/0: a partial message does not restart the timer
3.3 ~ Z ~ Z-FRM-04 ~ FIN in the middle of a message ~ routes withdrawn, target alive
3.3 ~ Z ~ Z-FRM-05 ~ RST after OPEN ~ no crash, can reconnect
3.3 ~ Z ~ Z-FRM-06 ~ 0: 64 kB random octets; HTTP GET ~ closed; other sessions untouched
3.3 ~ Z ~ Z-FRM-07 ~ 0: connect, send nothing 30 s ~ target sends OPEN (or waits); no busy loop
3.3 ~ Z ~ Z-FRM-08 ~ 500 idle connections from unknown addresses ~ refused/closed; configured peer still accepted
3.3 ~ S ~ RFC4486-4-01 ~ 0: connect from an unconfigured address ~ N 6/5 or plain close
3.4 ~ M ~ RFC4271-4.2-01 ~ read target OPEN ~ version 4, AS 65000, hold 0 or ≥ 3, id 10.0.0.1, consistent lengths
3.4 ~ M ~ RFC4271-4.2-02 ~ e1 hold 9 / target 90; and 90/30 ~ KEEPALIVEs at min/3; expiry after min
3.4 ~ M ~ RFC4271-6.2-01 ~ version 3 ~ N 2/1 0004
3.4 ~ M ~ RFC4271-6.2-02 ~ version 5 ~ N 2/1 0004
3.4 ~ M ~ RFC4271-6.2-03 ~ AS 65099 in both fields ~ N 2/2 *
3.4 ~ M ~ RFC4271-6.2-04 ~ hold 1; hold 2 ~ N 2/6 (data = hold, S)
3.4 ~ M ~ RFC4271-6.2-05 ~ hold 0 ~ UP, no KEEPALIVE in 5 s, no expiry
3.4 ~ M ~ RFC4271-6.2-06 ~ hold 3; hold 65535 ~ UP
3.4 ~ M ~ RFC4271-6.2-07 ~ id 0.0.0.0 ~ N 2/3
3.4 ~ M ~ RFC6286-2.1-01 ~ id 224.0.0.1; 255.255.255.255 ~ UP (any non-zero value)
3.4 ~ M ~ RFC6286-2.2-01 ~ iBGP, id = target's ~ N 2/3
3.4 ~ M ~ RFC6286-2.2-02 ~ eBGP, id = target's ~ UP
3.4 ~ M ~ RFC4271-6.2-08 ~ optional parameter type 99 ~ N 2/4
3.4 ~ M ~ RFC4271-6.2-09 ~ parameter type 1 (authentication, deprecated) ~ N 2/4 (2/5 tolerated, report)
3.4 ~ M ~ RFC4271-6.2-10 ~ Opt Parm Len > octets present ~ N 2/0
3.4 ~ M ~ RFC4271-6.2-11 ~ parameter length beyond the field ~ N 2/0
3.4 ~ M ~ RFC4271-6.2-12 ~ one trailing octet after last parameter ~ N 2/0
3.4 ~ D ~ RFC4271-6.2-13 ~ empty capability parameter (02 00) ~ UP
3.4 ~ D ~ RFC4271-6.2-14 ~ several errors at once (version 5 + wrong AS + hold 1) ~ one N 2/x
3.4 ~ M ~ RFC5492-4-01 ~ all capabilities in one parameter ~ UP, all honoured
3.4 ~ M ~ RFC5492-4-02 ~ one parameter per capability ~ UP
3.4 ~ M ~ RFC5492-4-03 ~ same capability twice, identical ~ UP
3.4 ~ M ~ RFC5492-4-04 ~ unknown capability 200 ~ UP, not rejected
3.4 ~ M ~ RFC5492-4-05 ~ capability length overrun (46 08 in 2 octets) ~ N 2/0
3.4 ~ D ~ RFC5492-4-06 ~ same capability twice, different value (AS4, GR) ~ last/first used, session sane
3.4 ~ M ~ RFC5492-3-01 ~ no optional parameters at all ~ UP, IPv4 unicast works
3.4 ~ M ~ RFC5492-5-01 ~ tester answers N 2/7 listing the target's caps ~ target retries without them or stays down; never loops < 1 s
3.4 ~ D ~ RFC5492-5-02 ~ MP caps only for a family the target lacks (25/70) ~ UP with nothing, or N 2/7 + data = required MP capability
3.4 ~ M ~ RFC4760-8-01 ~ MP cap reserved octet ff ~ ignored, UP
3.4 ~ D ~ RFC4760-8-02 ~ MP cap length 3 / 5 ~ N 2/0 or ignored
3.4 ~ M ~ RFC6793-4.1-02 ~ cap 65 with AS 65001, field 65001 ~ AS_PATH in 4-octet form
3.4 ~ M ~ RFC6793-4.2.1-01 ~ AS 70000 with cap 65, field 23456 ~ UP
3.4 ~ M ~ RFC6793-4.2.1-02 ~ field 23456, no cap 65, peer configured 70000 ~ N 2/2
3.4 ~ D ~ RFC6793-4.2.1-03 ~ field 64999, cap 65 = 65001 ~ accept (cap wins) or N 2/2
3.4 ~ M ~ RFC7607-2-02 ~ cap 65 AS 0 ~ N 2/2
3.4 ~ M ~ RFC7607-2-03 ~ field AS 0, no cap ~ N 2/2
3.4 ~ D ~ RFC6793-3-01 ~ cap 65 length 2 ~ N 2/0 or ignore
3.4 ~ D ~ RFC6793-4.1-03 ~ cap 65 AS 23456 ~ N 2/2
3.4 ~ M ~ RFC9072-2-01 ~ ff ff + 2-octet length, 2-octet parameter lengths, total < 255 ~ UP
3.4 ~ M ~ RFC9072-2-02 ~ same, Non-Ext length 10 ~ UP (length ignored)
3.4 ~ M ~ RFC9072-2-03 ~ > 255 octets of capabilities, extended ~ UP, last capability honoured
3.4 ~ M ~ RFC9072-2-04 ~ plain form, exactly 255 octets, first type 2 ~ UP
3.4 ~ M ~ RFC9072-2-05 ~ extended length field beyond the message ~ N 2/0
3.4 ~ D ~ RFC9072-2-06 ~ Non-Ext length 0, octets ff 00 xx follow ~ error, not extended ("MUST NOT be 0")
3.4 ~ M ~ RFC9072-3-01 ~ type 255 as a later parameter ~ N 2/4
3.4 ~ S ~ RFC9072-2-07 ~ target with few capabilities ~ plain form used
3.5 ~ M ~ RFC6608-4-01 ~ OS: KEEPALIVE ~ N 5/1 04
3.5 ~ M ~ RFC6608-4-02 ~ OS: UPDATE ~ N 5/1 02
3.5 ~ M ~ RFC6608-4-03 ~ OS: ROUTE-REFRESH ~ N 5/1 05
3.5 ~ M ~ RFC6608-4-04 ~ OC: UPDATE ~ N 5/2 02
3.5 ~ M ~ RFC6608-4-05 ~ OC: OPEN ~ N 5/2 01
3.5 ~ M ~ RFC6608-4-06 ~ OC: ROUTE-REFRESH ~ N 5/2 05
3.5 ~ M ~ RFC6608-4-07 ~ OPEN in Established ~ N 5/3 01
3.5 ~ M ~ RFC4271-8.2.2-01 ~ OS: NOTIFICATION ~ TCP close, no answer
3.5 ~ M ~ RFC4271-8.2.2-02 ~ OC: NOTIFICATION 6/2 ~ TCP close, no answer
3.5 ~ M ~ RFC4271-8.2.2-03 ~ 0: connect; target's OPEN without waiting for ours ~ OPEN from target within connect delay
3.5 ~ M ~ RFC4271-8.2.2-04 ~ valid OPEN ~ target: OPEN then KEEPALIVE; Established only after our KEEPALIVE (no UPDATE before)
3.5 ~ S ~ RFC4271-8.2.2-05 ~ OS: stay silent ~ no hold expiry before ~4 min (large value), then N 4/0 'slow'
3.5 ~ M ~ RFC4271-6.5-01 ~ OC: no KEEPALIVE, hold 3 ~ N 4/0 at negotiated time
3.5 ~ M ~ RFC4271-6.5-02 ~ hold 3, silent after first KEEPALIVE ~ N 4/0 at 3 s (−0.3/+2)
3.5 ~ M ~ RFC4271-6.5-03 ~ same with a *dynamic* neighbour ~ same
3.5 ~ M ~ RFC4271-6.5-04 ~ only UPDATEs every 1 s, hold 3, 12 s ~ stays up
3.5 ~ M ~ RFC4271-6.5-05 ~ ROUTE-REFRESH only, hold 3 ~ D: 2918 does not restart hold; record
3.5 ~ S ~ RFC4271-4.4-02 ~ hold 9, watch ~ KEEPALIVE every 3 s ± jitter (0.75–1.0)
3.5 ~ M ~ RFC4271-4.4-03 ~ hold 3, busy UPDATE stream from target ~ still some message ≤ 3 s
3.5 ~ M ~ RFC4271-6.7-01 ~ 4 prefixes ~ N 6/1, data ø or AFI/SAFI/limit
3.5 ~ M ~ RFC4271-6.8-01 ~ target conn A + tester conn B, tester id **lower**; OPEN on B then A ~ A survives, B gets N 6/7
3.5 ~ M ~ RFC4271-6.8-02 ~ tester id **higher** ~ B survives, A gets N 6/7
3.5 ~ M ~ RFC4271-6.8-03 ~ second connection while Established, no GR ~ new one closed (6/7), old untouched
3.5 ~ M ~ RFC6286-2.3-01 ~ eBGP, ids equal, tester AS higher / lower ~ connection of the larger AS survives
3.5 ~ M ~ RFC4271-6.8-04 ~ OPEN on both at the same instant ~ exactly one survives
3.5 ~ Y ~ RFC4271-6.8-05 ~ A in OpenSent, B sends OPEN first ~ either rule of 6.8, one survivor
3.5 ~ M ~ RFC4271-8.2.1-01 ~ tester refuses (RST) 5 times ~ retries; interval near ConnectRetry, jittered, no busy loop
3.5 ~ M ~ RFC4271-8.2.1-02 ~ passive target, tester listens ~ no connection from target in 30 s
3.5 ~ Y ~ RFC4271-8.1.1-01 ~ N 6/2 from tester thrice ~ back-off grows (DampPeerOscillations)
3.5 ~ M ~ RFC4271-8.2.2-06 ~ Established, TCP FIN ~ all routes of the peer withdrawn elsewhere
3.5 ~ M ~ RFC4271-8.2.2-07 ~ NOTIFICATION 6/2 ~ same, no answer
3.5 ~ S ~ RFC4271-6.4-01 ~ NOTIFICATION 99/1 ~ close, no answer, no crash
3.5 ~ M ~ RFC4271-8.2.2-08 ~ reconnect right after reset ~ old routes gone, new table exchange complete
3.5 ~ M ~ RFC9687-3-01 ~ tester stops reading, keeps KEEPALIVEs; refresh in a loop to fill the pipe ~ session dropped ≤ SendHoldTime (max(8 min, 2×hold)), N 8/0 optional 'slow'
3.5 ~ M ~ RFC9687-3-02 ~ slow reader, 1 kB/s, but progress ~ not dropped
3.5 ~ S ~ RFC4271-9.2.1.1-01 ~ flap px 10× in 1 s ~ ≤ 2 updates in 5 s, last state right
3.5 ~ S ~ RFC4271-9.2.1.1-02 ~ withdraw during MRAI ~ withdraw not delayed beyond MRAI; final state right
3.6 ~ M ~ RFC7606-3b-01 ~ Withdrawn Length 60 in a 23+4 body ~ N 3/1
3.6 ~ M ~ RFC7606-3b-02 ~ Total Attribute Length 200 > rest ~ N 3/1
3.6 ~ M ~ RFC7606-5.3-01 ~ NLRI prefix length 33 ~ RST (3/10)
3.6 ~ M ~ RFC7606-5.3-02 ~ NLRI /24 with 2 octets ~ RST (3/10)
3.6 ~ M ~ RFC7606-3i-01 ~ withdrawn prefix length 33 ~ RST
3.6 ~ M ~ RFC7606-3i-02 ~ withdrawn prefix truncated ~ RST
3.6 ~ M ~ RFC7606-4-01 ~ last attr 'c0 08 40 00 01' (64 > rest) + px ~ TAW
3.6 ~ M ~ RFC7606-4-02 ~ one stray octet c0 at the end of attributes ~ TAW
3.6 ~ M ~ RFC7606-4-03 ~ 'd0 08 00' (ext length, 3 octets left) ~ TAW
3.6 ~ M ~ RFC7606-4-04 ~ attr 8, 9, 10, 16, 32, 4, 5 with length 0 ~ as for a bad length of that attr (only AS_PATH, ATOMIC_AGG may be empty)
3.6 ~ M ~ RFC7606-3g-01 ~ MED 5, MED 9 ~ first kept (c1 sees 5), session up
3.6 ~ M ~ RFC7606-3g-02 ~ ORIGIN 1, ORIGIN 2 ~ ORIGIN 1
3.6 ~ M ~ RFC7606-3g-03 ~ unknown c0 fa twice ~ first kept, forwarded once
3.6 ~ M ~ RFC7606-3g-04 ~ MP_REACH twice ~ N 3/1
3.6 ~ M ~ RFC7606-3g-05 ~ MP_UNREACH twice ~ N 3/1
3.6 ~ M ~ RFC7606-3d-01 ~ no ORIGIN ~ TAW
3.6 ~ M ~ RFC7606-3d-02 ~ no AS_PATH ~ TAW
3.6 ~ M ~ RFC7606-3d-03 ~ NLRI, no NEXT_HOP ~ TAW
3.6 ~ M ~ RFC7606-3d-04 ~ NLRI, Total Attribute Length 0 ~ TAW
3.6 ~ M ~ RFC7606-3d-05 ~ MP_REACH v6 without ORIGIN ~ TAW on v6
3.6 ~ M ~ RFC7606-3d-06 ~ v4 NLRI + MP_REACH v6, no NEXT_HOP ~ v4 TAW (both acceptable), session up
3.6 ~ D ~ RFC7606-3d-07 ~ iBGP without LOCAL_PREF ~ TAW, or accept with default 100
3.6 ~ M ~ RFC7606-3h-01 ~ bad ORIGIN + MP_REACH twice ~ strongest: session reset
3.6 ~ M ~ RFC7606-3h-02 ~ bad AGGREGATOR (discard) + bad MED (TAW) ~ TAW
3.6 ~ M ~ RFC7606-3j-01 ~ bad ORIGIN **before** MP_REACH(px6) ~ px6 withdrawn (parser must go on)
3.6 ~ M ~ RFC7606-3j-02 ~ MP_REACH(px6) first, bad ORIGIN after ~ TAW on px6
3.6 ~ M ~ RFC7606-3j-03 ~ bad ORIGIN, NLRI px, withdrawn py ~ px and py withdrawn
3.6 ~ M ~ RFC7606-5.2-01 ~ attributes only, no NLRI, all valid ~ no error
3.6 ~ M ~ RFC7606-5.2-02 ~ attributes only, ORIGIN 3 ~ session reset
3.6 ~ M ~ RFC7606-5.2-03 ~ attributes only, AGGREGATOR length 7 (discard class) ~ no reset
3.6 ~ M ~ RFC7606-5.2-04 ~ Withdrawn px + ORIGIN 3, no NLRI ~ session reset
3.6 ~ M ~ RFC7606-5.2-05 ~ only MP_UNREACH (withdraw/EoR) ~ valid
3.6 ~ M ~ RFC4271-6.3-01 ~ unknown well-known attr '40 63 616263' ~ N 3/2 406303616263 (7606 leaves it)
3.6 ~ M ~ RFC4271-6.3-02 ~ attr '80 fb dead' unknown optional non-transitive ~ IGN attr, route accepted, attr not forwarded
3.6 ~ M ~ RFC4271-9-01 ~ 'c0 fa dead' unknown transitive ~ forwarded with Partial: 'e0 fa dead' to e2 and c1
3.6 ~ M ~ RFC4271-9-02 ~ 'e0 fa dead' ~ Partial stays
3.6 ~ M ~ RFC4271-9-03 ~ 'd0 fa 012c de×300' ~ value intact
3.6 ~ M ~ RFC4271-9-04 ~ 'c0 fa' length 0 ~ forwarded, length 0
3.6 ~ M ~ RFC4271-4.3-05 ~ ORIGIN flags 4f (low nibble set) ~ accepted, sent as 40
3.6 ~ S ~ RFC4271-4.3-06 ~ px in Withdrawn and NLRI ~ treated as announced
3.6 ~ D ~ RFC4271-4.3-07 ~ MP_REACH px6 and MP_UNREACH px6 together ~ record
3.6 ~ M ~ RFC4271-4.3-08 ~ NLRI 14 0a281f (host bits set) ~ stored/sent as 10.40.16.0/20
3.6 ~ M ~ RFC4271-4.3-09 ~ 0.0.0.0/0, 10.40.0.1/32 ~ propagated
3.6 ~ S ~ RFC4271-6.3-03 ~ 224.5.0.0/16 ~ prefix ignored, session up
3.6 ~ D ~ RFC4271-6.3-04 ~ 127.5/16, 240.1/16, 169.254/16 ~ record
3.6 ~ M ~ RFC4271-4.3-10 ~ withdraw of a never-announced prefix ~ IGN, nothing sent
3.6 ~ M ~ RFC4271-3.1-01 ~ announce px twice with new attributes ~ replaced, one route
3.6 ~ M ~ RFC4271-4.3-11 ~ 1000 NLRI in one UPDATE ~ all seen
3.6 ~ Z ~ Z-UPD-01 ~ attr type 0 and 255, transitive ~ as unknown
3.6 ~ Z ~ Z-UPD-02 ~ 200 different unknown attrs in one UPDATE ~ no crash; forwarded or TAW
3.6 ~ Z ~ Z-UPD-03 ~ 4096-octet UPDATE with one attr of 4 kB ~ no crash
3.6 ~ Z ~ Z-UPD-04 ~ duplicate prefix 500× in one UPDATE ~ one route
3.7 ~ M ~ RFC7606-3c-01 ~ ORIGIN c0 ~ TAW
3.7 ~ M ~ RFC7606-3c-02 ~ ORIGIN 80 ~ TAW
3.7 ~ D ~ RFC7606-3c-03 ~ ORIGIN 60 (Partial on well-known; 7606 3c names only O and T bits) ~ TAW or ignore bit, never forward 60
3.7 ~ M ~ RFC7606-3c-04 ~ AS_PATH c0 ~ TAW
3.7 ~ M ~ RFC7606-3c-05 ~ NEXT_HOP c0 / 80 ~ TAW
3.7 ~ M ~ RFC7606-3c-06 ~ MED c0; MED 40 ~ TAW
3.7 ~ M ~ RFC7606-3c-07 ~ LOCAL_PREF c0 ~ e: DISC (7.5 wins), i: TAW
3.7 ~ M ~ RFC7606-3c-08 ~ ATOMIC_AGGREGATE c0 ~ TAW or DISC (3c vs 3f/7.6; record)
3.7 ~ D ~ RFC7606-3c-09 ~ AGGREGATOR 80 ~ TAW or DISC
3.7 ~ M ~ RFC7606-3c-10 ~ COMMUNITY 80 ~ TAW
3.7 ~ M ~ RFC7606-3c-11 ~ COMMUNITY e0 (Partial) ~ accepted, Partial kept
3.7 ~ M ~ RFC7606-3c-12 ~ EXT 80; LARGE 80 ~ TAW
3.7 ~ M ~ RFC7606-3c-13 ~ MP_REACH 40; c0 ~ TAW impossible if parse is distrusted: TAW or RST, NLRI must go
3.7 ~ M ~ RFC7606-3c-14 ~ ORIGINATOR_ID c0, CLUSTER_LIST c0 ~ e: DISC, i: TAW
3.7 ~ M ~ RFC7606-7.1-01 ~ ORIGIN len 0 ~ TAW
3.7 ~ M ~ RFC7606-7.1-02 ~ ORIGIN len 2 ~ TAW
3.7 ~ M ~ RFC7606-7.1-03 ~ ORIGIN 3; 255 ~ TAW
3.7 ~ M ~ RFC7606-7.2-01 ~ AS_PATH segment type 0; 5 ~ TAW
3.7 ~ M ~ RFC7606-7.2-02 ~ segment length 0 '02 00' appended ~ TAW
3.7 ~ M ~ RFC7606-7.2-03 ~ segment overrun '02 05 0000fde9' ~ TAW
3.7 ~ M ~ RFC7606-7.2-04 ~ one octet left '… 02' ~ TAW
3.7 ~ M ~ RFC7606-7.2-05 ~ empty AS_PATH from eBGP ~ D: accept / TAW (first-AS check)
3.7 ~ M ~ RFC7606-7.2-06 ~ 2-octet coded path on an AS4 session (odd remainder) ~ TAW
3.7 ~ M ~ RFC5065-5-02 ~ AS_CONFED_SEQUENCE / SET from non-member eBGP ~ TAW
3.7 ~ M ~ RFC7607-2-04 ~ AS 0 in AS_PATH ~ TAW, e and i
3.7 ~ M ~ RFC7607-2-05 ~ AS 0 in AGGREGATOR ~ DISC
3.7 ~ M ~ RFC7606-7.3-01 ~ NEXT_HOP len 3; len 5; len 0 ~ TAW
3.7 ~ M ~ RFC7606-7.4-01 ~ MED len 3; 5; 0 ~ TAW
3.7 ~ M ~ RFC7606-7.5-01 ~ LOCAL_PREF len 3, e ~ DISC
3.7 ~ M ~ RFC7606-7.5-02 ~ LOCAL_PREF len 3; 5; 0, i ~ TAW
3.7 ~ M ~ RFC7606-7.5-03 ~ LOCAL_PREF 777 valid, e ~ DISC; c1 sees default
3.7 ~ M ~ RFC7606-7.6-01 ~ ATOMIC_AGGREGATE len 1 ~ DISC
3.7 ~ M ~ RFC7606-7.7-01 ~ AGGREGATOR len 6 on AS4 session ~ DISC
3.7 ~ M ~ RFC7606-7.7-02 ~ AGGREGATOR len 7; 9; 0 ~ DISC
3.7 ~ M ~ RFC7606-7.7-03 ~ AGGREGATOR len 8 on OLD session ~ DISC
3.7 ~ M ~ RFC7606-7.8-01 ~ COMMUNITY len 5 ~ TAW
3.7 ~ M ~ RFC7606-7.8-02 ~ COMMUNITY len 0 ~ TAW
3.7 ~ M ~ RFC7606-7.9-01 ~ ORIGINATOR_ID valid, e ~ DISC
3.7 ~ M ~ RFC7606-7.9-02 ~ ORIGINATOR_ID len 3; 5, e ~ DISC
3.7 ~ M ~ RFC7606-7.9-03 ~ same, i ~ TAW
3.7 ~ M ~ RFC7606-7.10-01 ~ CLUSTER_LIST valid, e ~ DISC
3.7 ~ M ~ RFC7606-7.10-02 ~ CLUSTER_LIST len 5, e / i ~ DISC / TAW
3.7 ~ M ~ RFC7606-7.10-03 ~ CLUSTER_LIST len 0, i ~ TAW
3.7 ~ M ~ RFC7606-7.11-01 ~ MP_REACH next-hop length 0; 5; 33 (v6) ~ RST
3.7 ~ M ~ RFC7606-7.11-02 ~ MP_REACH length 4 (no room) ~ RST
3.7 ~ M ~ RFC7606-7.11-03 ~ next-hop length 64 > attribute ~ RST
3.7 ~ M ~ RFC7606-5.3-03 ~ MP_REACH NLRI /129 ~ RST
3.7 ~ M ~ RFC7606-5.3-04 ~ MP_UNREACH NLRI truncated ~ RST
3.7 ~ M ~ RFC7606-7.12-01 ~ MP_UNREACH length 2 ~ RST
3.7 ~ M ~ RFC7606-7.14-01 ~ EXT len 7; 9 ~ TAW
3.7 ~ M ~ RFC7606-7.14-02 ~ EXT len 0 ~ TAW
3.7 ~ M ~ RFC7606-7.14-03 ~ EXT unknown type 3f77 ~ not an error, value intact
3.7 ~ M ~ RFC7606-7.15-01 ~ IPv6 EXT (25) len 19; 0 ~ TAW if the type is supported, else forwarded
3.7 ~ M ~ RFC7606-7.16-01 ~ ATTR_SET (128) len 2; inner attr broken ~ TAW if supported, else forward with Partial
3.7 ~ M ~ RFC8092-6-01 ~ LARGE len 13; 11 ~ TAW
3.7 ~ M ~ RFC8092-6-02 ~ LARGE len 0 ~ TAW
3.7 ~ M ~ RFC8092-6-03 ~ LARGE with duplicates ~ not an error, de-duplicated
3.7 ~ M ~ RFC9234-5-01 ~ OTC len 3; 5; 0 ~ TAW if supported
3.7 ~ D ~ RFC9234-5-02 ~ OTC value 0 ~ record (7606-style TAW in FRR)
3.7 ~ M ~ RFC6793-4.1-04 ~ AS4_PATH from NEW speaker, valid ~ DISC; path unchanged
3.7 ~ M ~ RFC6793-4.1-05 ~ AS4_AGGREGATOR from NEW ~ DISC
3.7 ~ M ~ RFC6793-6-01 ~ AS4_PATH malformed ('02 05 00'), NEW and OLD sender ~ DISC, route kept
3.7 ~ M ~ RFC6793-6-02 ~ AS4_PATH segment type 0; AS_CONFED in AS4_PATH ~ confed segments dropped / attr DISC
3.7 ~ M ~ RFC6793-6-03 ~ AS4_AGGREGATOR len 7 ~ DISC
3.7 ~ M ~ RFC7311-3.2-01 ~ AIGP TLV type 1 length 5; attr on a session without AIGP ~ DISC
3.7 ~ M ~ RFC9012-13-01 ~ Tunnel-Encap (23) garbage ~ TAW/DISC if supported, else forward; **never reset**
3.7 ~ D ~ RFC6514-5-01 ~ PMSI (22) '00 ff' ~ no reset
3.7 ~ Z ~ RFC6790-Z-01 ~ Entropy label (28) 'ff' (the 2023 incident) ~ no reset
3.7 ~ S ~ RFC9552-8.2.2-01 ~ BGP-LS (29) broken TLV on IPv4 unicast ~ DISC, no reset
3.7 ~ M ~ RFC8669-6-01 ~ Prefix-SID (40) TLV overrun ~ DISC
3.7 ~ Z ~ RFC8205-Z-01 ~ BGPsec_PATH (33) without capability ~ no reset
3.7 ~ D ~ RFC9015-Z-01 ~ D-PATH (36), types 37, 39, 40, 41, 42 with 2 random octets ~ no reset
3.7 ~ Z ~ Z-ATT-01 ~ every type 0–255 × flags {40,80,c0,e0} × length {0,1,2,3,255} random value ~ never crash; reset only for 14, 15 and unknown well-known
3.7 ~ Z ~ Z-ATT-02 ~ attribute longer than declared NLRI start (length tricks), 200 seeds ~ no crash; at most one reset per message
3.7 ~ S ~ RFC4271-6.3-05 ~ NEXT_HOP 0.0.0.0; 255.255.255.255; 224.0.0.1; 240.0.0.1 ~ route ignored or TAW, no NOTIFICATION (7606 removes the reset for syntactic ones)
3.7 ~ M ~ RFC4271-6.3-06 ~ NEXT_HOP = address of the target ~ route not used
3.7 ~ S ~ RFC4271-6.3-07 ~ directly connected eBGP, NEXT_HOP off-subnet ~ route ignored (unless multihop)
3.7 ~ M ~ RFC4271-6.3-09 ~ NEXT_HOP = the target's address on the subnet it shares with its neighbours ~ route ignored
3.7 ~ Y ~ RFC4271-6.3-08 ~ path starts 64999, Pas ~ TAW (3/11 by 4271)
3.7 ~ M ~ RFC4271-9.1.2-01 ~ AS_PATH contains 65000 (sequence) ~ route excluded, old px withdrawn, session up
3.7 ~ M ~ RFC4271-9.1.2-02 ~ AS_PATH AS_SET contains 65000 ~ same
3.7 ~ D ~ RFC9774-3-01 ~ AS_SET in path (deprecated 2025: TAW) ~ TAW or accept (4271); state which the target claims
3.8 ~ M ~ RFC4760-3-02 ~ px6, next hop 16 ~ PROP v6
3.8 ~ M ~ RFC2545-3-01 ~ next hop 32 (global + link-local) ~ accepted; to a non-shared link only global is sent
3.8 ~ D ~ RFC2545-3-02 ~ next hop only fe80:: ~ record
3.8 ~ M ~ RFC4760-3-03 ~ reserved octet (old SNPA count) 07 ~ ignored
3.8 ~ S ~ RFC4760-3-04 ~ NEXT_HOP 224.1.1.1 beside MP_REACH ~ NEXT_HOP ignored, PROP
3.8 ~ M ~ RFC4760-3-05 ~ MP_REACH AFI 1/SAFI 1, next hop 4 ~ accepted as IPv4 unicast
3.8 ~ M ~ RFC4760-4-01 ~ MP_UNREACH AFI 1/SAFI 1 for px ~ withdrawn
3.8 ~ M ~ RFC4760-4-02 ~ MP_UNREACH v6 ~ withdrawn
3.8 ~ D ~ RFC4760-3-06 ~ v6 NLRI with 4-octet next hop ~ TAW/RST; no crash
3.8 ~ S ~ RFC4760-3-07 ~ next hop ::, ::1, ff02::1, target's own ~ not used
3.8 ~ D ~ RFC4760-3-08 ~ MP_REACH with no NLRI ~ ignore or RST
3.8 ~ M ~ RFC4760-8-03 ~ MP_REACH v6 ~ not accepted; not propagated; ignore, AFI disable or N 3/9
3.8 ~ M ~ RFC4760-8-04 ~ e1 sends px6 ~ nothing v6 to e2
3.8 ~ D ~ RFC4760-7-01 ~ AFI 99/SAFI 1 in MP_REACH ~ ignore or N 3/9
3.8 ~ D ~ RFC4760-8-05 ~ VPNv4 NLRI un-negotiated ~ ignore/N 3/9
3.8 ~ M ~ RFC4760-3-09 ~ v4 NLRI + MP_REACH v6 in one UPDATE ~ both accepted
3.8 ~ M ~ RFC4760-8-06 ~ v4 NLRI in the UPDATE body ~ not accepted as negotiated v4 (record)
3.8 ~ M ~ RFC8950-4-01 ~ both offer cap 5 (0001 0001 0002); 1/1 MP_REACH, next hop 16 ~ accepted, PROP
3.8 ~ M ~ RFC8950-4-02 ~ same, next hop 32 ~ accepted
3.8 ~ M ~ RFC8950-4-03 ~ 1/1 with next hop 16 ~ not accepted: RST/TAW by 7.11
3.8 ~ M ~ RFC8950-4-04 ~ e2 without cap 5 ~ target sends v4 with v4 next hop or nothing
3.8 ~ S ~ RFC8950-4-05 ~ next hop 4 still usable ~ accepted
3.8 ~ D ~ RFC8950-3-01 ~ cap 5 length not multiple of 6 ~ N 2/0 or ignore, UP
`;
