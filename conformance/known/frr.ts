// Known deviations of FRR 8.4, from runs of this suite. None has been compared with a newer release yet.

import { deviations } from './list.ts';

export const frr = deviations(
  '8.4',
  `
# bug ~ an OPEN is judged otherwise than the standard asks
RFC9072-2-02 ~ NOTIFICATION 2/4 without data
RFC9072-2-04 ~ NOTIFICATION 2/0 without data

# bug ~ the FSM error is told otherwise than RFC 6608 asks: no data, or no NOTIFICATION at all
RFC6608-4-01 ~ NOTIFICATION 5/1 without data
RFC6608-4-02 ~ NOTIFICATION 5/1 without data
RFC6608-4-03 ~ NOTIFICATION 5/1 without data
RFC6608-4-04 ~ NOTIFICATION 5/2 without data
RFC6608-4-05 ~ connection ended (fin)
RFC6608-4-06 ~ NOTIFICATION 5/2 without data
RFC6608-4-07 ~ connection ended (fin)

# bug ~ the session is reset
RFC4271-8.2.2-01 ~ NOTIFICATION 5/1 without data
RFC4271-6.3-01/e1 ~ NOTIFICATION 3/1 without data

# bug ~ the hold timer does not fire in time
RFC4271-6.5-03 ~ session up
RFC4271-6.5-01 ~ session up

# bug ~ the session is reset where RFC 7606 asks for less
RFC7606-4-01 ~ NOTIFICATION 3/5 data
RFC7606-4-02 ~ NOTIFICATION 3/5 without data
RFC7606-4-03 ~ NOTIFICATION 3/5 without data
RFC7606-3g-01 ~ NOTIFICATION 3/1 without data
RFC7606-3g-02 ~ NOTIFICATION 3/1 without data
RFC7606-3g-03 ~ NOTIFICATION 3/1 without data
RFC7606-3h-02 ~ NOTIFICATION 3/10 without data
RFC7606-3j-01 ~ NOTIFICATION 3/10 without data
RFC7606-3j-02 ~ NOTIFICATION 3/10 without data
RFC7606-3j-03 ~ NOTIFICATION 3/10 without data
RFC7606-3c-01 ~ NOTIFICATION 3/10 without data
RFC7606-3c-02 ~ NOTIFICATION 3/10 without data
RFC7606-3c-04/e1-v4-* ~ NOTIFICATION 3/10 without data
RFC7606-7.1-01 ~ NOTIFICATION 3/10 without data
RFC7606-7.1-02 ~ NOTIFICATION 3/10 without data
RFC7606-7.1-03 ~ NOTIFICATION 3/10 without data
RFC7606-7.2-01/e1-v4-* ~ NOTIFICATION 3/10 without data
RFC7606-7.2-02/e1-v4-* ~ NOTIFICATION 3/10 without data
RFC7606-7.2-03/e1-v4-* ~ NOTIFICATION 3/10 without data
RFC7606-7.2-04/e1-v4-* ~ NOTIFICATION 3/10 without data
RFC7606-7.2-06/e1-v4-* ~ NOTIFICATION 3/10 without data
RFC6793-6-01 ~ NOTIFICATION 3/1 without data
RFC6793-6-02 ~ NOTIFICATION 3/1 without data
RFC8669-6-01 ~ NOTIFICATION 3/1 without data

# bug ~ RFC 7606 is followed for external peers only: an error from an internal one resets the session
RFC7606-4-01 ~ NOTIFICATION 3/5 data
RFC7606-4-02 ~ NOTIFICATION 3/5 without data
RFC7606-4-03 ~ NOTIFICATION 3/5 without data
RFC7606-3g-01 ~ NOTIFICATION 3/1 without data
RFC7606-3g-02 ~ NOTIFICATION 3/1 without data
RFC7606-3g-03 ~ NOTIFICATION 3/1 without data
RFC7606-3h-02 ~ NOTIFICATION 3/5 data
RFC7606-3j-01 ~ NOTIFICATION 3/6 data
RFC7606-3j-02 ~ NOTIFICATION 3/6 data
RFC7606-5.2-03/n1-v4-repl ~ NOTIFICATION 3/5 data
RFC7606-5.2-03/c1-v4-repl ~ NOTIFICATION 3/5 data
RFC7606-3c-01 ~ NOTIFICATION 3/4 data
RFC7606-3c-02 ~ NOTIFICATION 3/4 data
RFC7606-3c-04/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-04/n1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-05/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-05/n1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-06/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-06/n1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-07/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-07/n1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-08/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-08/n1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-10/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-10/n1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-12/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-12/n1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-14/c1-* ~ NOTIFICATION 3/4 data
RFC7606-3c-14/n1-* ~ NOTIFICATION 3/4 data
RFC7606-7.1-01 ~ NOTIFICATION 3/5 data
RFC7606-7.1-02 ~ NOTIFICATION 3/5 data
RFC7606-7.1-03 ~ NOTIFICATION 3/6 data
RFC7606-7.2-01/c1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-01/n1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-02/c1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-02/n1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-03/c1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-03/n1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-04/c1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-04/n1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-06/c1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.2-06/n1-* ~ NOTIFICATION 3/11 without data
RFC7606-7.3-01/c1-* ~ NOTIFICATION 3/5 data
RFC7606-7.3-01/n1-* ~ NOTIFICATION 3/5 data
RFC7606-7.4-01/c1-* ~ NOTIFICATION 3/5 data
RFC7606-7.4-01/n1-* ~ NOTIFICATION 3/5 data
RFC7606-7.5-02 ~ NOTIFICATION 3/5 data
RFC7606-7.6-01/c1-* ~ NOTIFICATION 3/5 data
RFC7606-7.6-01/n1-* ~ NOTIFICATION 3/5 data
RFC7606-7.7-01/c1-* ~ NOTIFICATION 3/5 data
RFC7606-7.7-01/n1-* ~ NOTIFICATION 3/5 data
RFC7606-7.7-02/c1-* ~ NOTIFICATION 3/5 data
RFC7606-7.7-02/n1-* ~ NOTIFICATION 3/5 data
RFC7606-7.8-01/c1-* ~ NOTIFICATION 3/9 data
RFC7606-7.8-01/n1-* ~ NOTIFICATION 3/9 data
RFC7606-7.8-02/c1-* ~ NOTIFICATION 3/9 data
RFC7606-7.8-02/n1-* ~ NOTIFICATION 3/9 data
RFC7606-7.9-03 ~ NOTIFICATION 3/5 data
RFC7606-7.10-02 ~ NOTIFICATION 3/5 data
RFC7606-7.10-03 ~ NOTIFICATION 3/5 data
RFC7606-7.14-01/c1-* ~ NOTIFICATION 3/9 data
RFC7606-7.14-01/n1-* ~ NOTIFICATION 3/9 data
RFC7606-7.14-02/c1-* ~ NOTIFICATION 3/9 data
RFC7606-7.14-02/n1-* ~ NOTIFICATION 3/9 data
RFC7606-7.15-01/c1-* ~ NOTIFICATION 3/9 data
RFC7606-7.15-01/n1-* ~ NOTIFICATION 3/9 data
RFC8092-6-01/c1-* ~ NOTIFICATION 3/9 data
RFC8092-6-01/n1-* ~ NOTIFICATION 3/9 data
RFC8092-6-02/c1-* ~ NOTIFICATION 3/9 data
RFC8092-6-02/n1-* ~ NOTIFICATION 3/9 data
RFC6793-6-01 ~ NOTIFICATION 3/11 without data
RFC6793-6-02 ~ NOTIFICATION 3/11 without data
RFC6793-6-03/c1-* ~ NOTIFICATION 3/5 without data
RFC6793-6-03/n1-* ~ NOTIFICATION 3/5 without data
RFC9012-13-01/c1-* ~ NOTIFICATION 3/9 data
RFC9012-13-01/n1-* ~ NOTIFICATION 3/9 data
RFC8669-6-01 ~ NOTIFICATION 3/5 data

# bug ~ a malformed attribute goes unnoticed, or the earlier route stays
RFC7606-3d-04/*-repl ~ route kept
RFC7606-3d-06 ~ route accepted

# bug ~ something else than the standard asks
RFC4271-4.3-06 ~ route withdrawn
RFC4760-8-03 ~  path [
RFC4271-5.1.2-05 ~ 02ff
RFC4271-9.2-03 ~  path [
RFC6793-4.2.3-03 ~  path [
RFC5701-2-01 ~  path [
RFC4271-4.3-01 ~ broken by
RFC4271-4.3-02 ~ broken by
RFC4271-4.3-03 ~ broken by
RFC4271-5-01 ~ broken by
RFC4271-9.2-01 ~ broken by

# bug ~ the malformed or foreign attribute is passed on
RFC7606-3c-11 ~  path [

# bug ~ the route is withdrawn where the attribute alone should go, or the family or session
RFC7606-7.9-02 ~ route withdrawn
RFC7606-7.10-02 ~ route withdrawn

# bug ~ the next hop, or a route by its next hop, is judged otherwise
RFC4271-6.3-06 ~ route accepted
RFC2545-3-01 ~ NOTIFICATION 3/10 without data
RFC4760-3-04 ~ route withdrawn
RFC8950-4-03 ~ route accepted

# bug ~ reflection differs: ORIGINATOR_ID, CLUSTER_LIST or who is sent the route
RFC4456-10-01 ~  path [
RFC4456-8-14 ~  path [

# bug ~ a CLUSTER_LIST past 255 octets is sent with a one-octet length: the UPDATE is broken
RFC4456-8-13 ~  path [

# bug ~ ADD-PATH is negotiated or used otherwise than RFC 7911 asks
RFC7911-4-02/seven ~ NOTIFICATION 3/10 without data

# bug ~ route refresh is answered otherwise
RFC7313-5-01 ~ NOTIFICATION 7/1 without data
RFC7313-4-01 ~ nothing
RFC7313-4-01 ~ nothing (known: route re
RFC7313-4-02 ~  path [

# bug ~ the size of messages is limited otherwise than negotiated
RFC8654-4-05 ~  path [
RFC8654-4-02 ~ session up
RFC8654-5-02 ~ NOTIFICATION 1/2 data 1357

# bug ~ a wrong header is told without its data, with another code, or not noticed
RFC8654-5-01 ~ session up

# bug ~ graceful restart differs
RFC4724-3-01 ~ first octet c0
RFC4724-4.2-08 ~ connection ended (fin)

# crash ~ the process ends
RFC4724-2-04/other-family ~ the target ended ~ sometimes
RFC8538-4-05/one-octet ~ the target ended

# bug ~ a next hop of a length that no family has is taken for a route withdrawn or a good one; the family stays in use
RFC4364-4.3.2-04 ~ session stays up
RFC4659-3.2-02 ~ session stays up

# choice ~ a link-local next hop counts only on a session over an interface it knows
RFC4659-3.2.1-01 ~ no route to

# bug ~ the first prefix above the limit is taken, and passed on
RFC4486-4-06 ~ session up

# bug ~ a shutdown communication that is too long is cut inside a character
RFC9003-2-02 ~ ff

# crash ~ the process ends
RFC5291-6-02 ~ the target ended
RFC5291-6-03 ~ the target ended

# bug ~ stale routes of a refresh that never ends stay longer than stalepath-time says
RFC7313-4-06 ~  path [

# bug ~ a stale route stays, as it is, with internal neighbours that do not know of long-lived graceful restart
RFC9494-4.3-01 ~ c0/8=ffff0006

# bug ~ after its restart routes are told before End-of-RIB of all neighbours
RFC4724-4.1-01 ~  path [

# bug ~ a refresh begun again does not mark everything stale again
RFC7313-4-03 ~  path [

# bug ~ R is set in the OPEN to a neighbour that is the one that restarted
RFC4724-4.2-09 ~ first octet c0

# crash ~ the process ends some time after a dynamic neighbour with stale routes went
RFC4724-4.2-* ~ the target ended ~ sometimes

# config ~ routes with different MEDs are aggregated unless matching-MED-only is set
RFC4271-9.2.2.2-04 ~ 10.60.0.0/16 path [

# bug ~ a broken AS4_PATH of an OLD speaker resets the session
Z-CVE-05/count-beyond ~ NOTIFICATION 3/1 without data
Z-CVE-05/segment-0 ~ NOTIFICATION 3/1 without data
Z-CVE-05/one-octet ~ NOTIFICATION 3/1 without data

# bug ~ a broken BGP Prefix-SID resets the session
Z-CVE-07/srv6-l3-beyond ~ NOTIFICATION 3/1 without data
Z-CVE-07/srv6-l3-empty ~ NOTIFICATION 3/5 without data
Z-CVE-07/srv6-sub-beyond ~ NOTIFICATION 3/1 without data
Z-CVE-07/label-index-short ~ NOTIFICATION 3/1 without data
Z-CVE-07/originator-srgb-short ~ NOTIFICATION 3/1 without data
Z-CVE-07/type-unknown ~ NOTIFICATION 3/1 without data
Z-CVE-07/one-octet ~ NOTIFICATION 3/1 without data
Z-CVE-07/many ~ NOTIFICATION 3/1 without data

# crash ~ a broken BGP Prefix-SID ends the process
Z-CVE-07/srv6-sub-short ~ the target ended ~ sometimes

# bug ~ a broken BGP Prefix-SID leaves the route before it in use
Z-CVE-07/srv6-sub-short ~ session up ~ sometimes

# bug ~ two NOTIFICATIONs on one connection
Z-FUZ-01 ~ 2 ~ sometimes

# bug ~ of two role capabilities with two values the last counts
RFC9234-4.2-05/fitting-last ~ session up

# bug ~ BMP: AS paths of external neighbours have the router's own AS in front, and short ones are not flagged
RFC7854-4.6-01 ~ 65000 65001 70001 64999
RFC7854-4.2-01/external ~ 65000 65001 64999
RFC7854-4.2-01/old-speaker ~ 4259905002
RFC7854-4.2-01/old-speaker ~ BMP message types 3 ~ sometimes
RFC7854-4.2-01/four-octet ~ 65000 70000 64999

# bug ~ BMP: no Peer Down for a neighbour of a range, or for one that is removed
RFC7854-4.9-03 ~ BMP message types 3 0
RFC7854-4.9-05 ~ BMP message types 3 0
RFC7854-5-02 ~ BMP message types 3 0

# bug ~ BMP: Peer Down has reason 2 with event 0, not what ended the session
RFC7854-4.9-01 ~ reason 2 0000 ~ sometimes
RFC7854-4.9-02 ~ reason 2 0000 ~ sometimes
RFC7854-4.9-04 ~ reason 2 0000 ~ sometimes

# bug ~ BMP: an UPDATE that ends the session is not mirrored
RFC7854-4.6-02/malformed ~ BMP message types

# choice ~ BMP: no Termination
RFC7854-4.5-01 ~ message of type 0
`,
);
