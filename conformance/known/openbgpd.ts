// Known deviations of OpenBGPD 7.7, from runs of this suite. None has been compared with a newer release yet.

import { deviations } from './list.ts';

export const openbgpd = deviations(
  '7.7',
  `
# bug ~ the supported version is missing from the data, or is not two octets
RFC4271-6.2-01 ~ NOTIFICATION 2/1 data
RFC4271-6.2-02 ~ NOTIFICATION 2/1 data

# bug ~ an OPEN is judged otherwise than the standard asks
RFC4271-6.2-04 ~ session up
RFC5492-3-01 ~ NOTIFICATION 3/9 without data

# bug ~ the FSM error is told otherwise than RFC 6608 asks: no data, or no NOTIFICATION at all
RFC6608-4-01 ~ NOTIFICATION 5/1 without data
RFC6608-4-02 ~ NOTIFICATION 5/1 without data
RFC6608-4-04 ~ NOTIFICATION 5/2 without data
RFC6608-4-05 ~ NOTIFICATION 5/2 without data
RFC6608-4-07 ~ NOTIFICATION 5/3 without data
RFC6608-4-03 ~ connected, not established
RFC6608-4-06 ~ session up

# bug ~ the session is reset where RFC 7606 asks for less
RFC7606-4-01 ~ NOTIFICATION 3/5 data
RFC7606-4-02 ~ NOTIFICATION 3/5 data
RFC7606-4-03 ~ NOTIFICATION 3/5 data
RFC7606-4-04/med ~ NOTIFICATION 3/5 data
RFC7606-3d-01 ~ NOTIFICATION 3/3 data
RFC7606-3d-02 ~ NOTIFICATION 3/3 data
RFC7606-3d-03 ~ NOTIFICATION 3/3 data
RFC7606-3d-04 ~ NOTIFICATION 3/1 without data
RFC7606-3d-05 ~ NOTIFICATION 3/3 data
RFC7606-3g-01 ~ NOTIFICATION 3/1 without data
RFC7606-3g-02 ~ NOTIFICATION 3/1 without data
RFC7606-3g-03 ~ NOTIFICATION 3/1 without data
RFC7606-3h-02 ~ NOTIFICATION 3/5 data
RFC7606-3j-01 ~ NOTIFICATION 3/6 data
RFC7606-3j-02 ~ NOTIFICATION 3/6 data
RFC7606-3d-06 ~ NOTIFICATION 6/2 data
RFC7606-3c-01 ~ NOTIFICATION 3/4 data
RFC7606-3c-02 ~ NOTIFICATION 3/4 data
RFC7606-3c-04 ~ NOTIFICATION 3/4 data
RFC7606-3c-05 ~ NOTIFICATION 3/4 data
RFC7606-3c-06 ~ NOTIFICATION 3/4 data
RFC7606-3c-07 ~ NOTIFICATION 3/4 data
RFC7606-3c-08 ~ NOTIFICATION 3/4 data
RFC7606-3c-10 ~ NOTIFICATION 3/4 data
RFC7606-3c-12 ~ NOTIFICATION 3/4 data
RFC7606-3c-14 ~ NOTIFICATION 3/4 data
RFC7606-7.1-01 ~ NOTIFICATION 3/5 data
RFC7606-7.1-02 ~ NOTIFICATION 3/5 data
RFC7606-7.1-03 ~ NOTIFICATION 3/6 data
RFC7606-7.2-01 ~ NOTIFICATION 3/11 without data
RFC7606-7.2-02 ~ NOTIFICATION 3/11 without data
RFC7606-7.2-03 ~ NOTIFICATION 3/11 without data
RFC7606-7.2-04 ~ NOTIFICATION 3/11 without data
RFC7606-7.2-06 ~ NOTIFICATION 3/11 without data
RFC7606-7.3-01 ~ NOTIFICATION 3/5 data
RFC7606-7.4-01 ~ NOTIFICATION 3/5 data
RFC7606-7.5-01 ~ NOTIFICATION 3/5 data
RFC7606-7.5-02 ~ NOTIFICATION 3/5 data
RFC7606-7.6-01 ~ NOTIFICATION 3/5 data
RFC7606-7.9-02 ~ NOTIFICATION 3/5 data
RFC7606-7.9-03 ~ NOTIFICATION 3/5 data
RFC7606-7.10-02 ~ NOTIFICATION 3/5 data
RFC7606-7.14-01/*-7 ~ NOTIFICATION 3/5 data
RFC8092-6-01 ~ NOTIFICATION 3/5 data
RFC9234-5-01/*-5 ~ NOTIFICATION 3/5 data
RFC6793-6-03 ~ NOTIFICATION 3/5 data

# bug ~ something else than the standard asks
RFC4271-6.3-03 ~  path [
RFC4760-4-02/e1 ~ an idle session ~ sometimes
RFC4360-2-01/unknown ~  path [
RFC5492-5-01 ~ after 
RFC4271-4.4-01 ~ broken by

# bug ~ the Partial bit is not set on an attribute it does not know
Z-UPD-01 ~ route accepted

# crash ~ the process ends
RFC7606-3j-03 ~ the target ended ~ sometimes
RFC7606-3d-06 ~ the target ended ~ sometimes
RFC4760-4-01 ~ the target ended ~ sometimes
RFC4760-4-02/c1 ~ the target ended ~ sometimes

# bug ~ the malformed or foreign attribute is passed on
RFC7606-7.9-01 ~  path [
RFC7606-7.14-03 ~  path [
RFC7606-5.1-01 ~ broken by
RFC7606-5.1-02 ~ broken by

# bug ~ a malformed attribute goes unnoticed, or the earlier route stays
RFC7606-7.10-03 ~ route accepted

# bug ~ a route with the own AS in its path is used, or the one it replaces is kept
RFC4271-9.1.2-01/c1-* ~ route accepted
RFC4271-9.1.2-01/n1-* ~ route accepted
RFC4271-9.1.2-02/c1-* ~ route accepted
RFC4271-9.1.2-02/n1-* ~ route accepted

# bug ~ the next hop, or a route by its next hop, is judged otherwise
RFC4271-6.3-05 ~ route accepted ~ sometimes
RFC4271-6.3-05 ~ NOTIFICATION 3/8 data ~ sometimes
RFC4271-6.3-06 ~ route accepted
RFC4271-6.3-09 ~ next hop 10.201.0.1
RFC4271-6.3-07 ~ next hop 10.201.0.1
RFC4271-5.1.3-04 ~ 10.201.0.
RFC4760-3-04 ~ NOTIFICATION 3/8 data
RFC4760-3-05 ~ NOTIFICATION 3/9 data
RFC4760-3-07 ~ route accepted

# bug ~ the session is reset
RFC4760-4-01 ~ NOTIFICATION 6/2 data
RFC4271-6.3-08 ~ NOTIFICATION 3/11 without data

# choice ~ the decision goes by other steps, or by the order of arrival
Z-DEC-01 ~  path [
RFC4271-9.1.2.2-08 ~  path [
RFC4271-9.1.2.2-11 ~  path [

# bug ~ reflection differs: ORIGINATOR_ID, CLUSTER_LIST or who is sent the route
RFC4456-8-07 ~  path [

# bug ~ route refresh is answered otherwise
RFC7313-5-01 ~ NOTIFICATION 7/1 data
RFC7313-4-07 ~ nothing
RFC7313-4-01 ~ nothing
RFC7313-4-02 ~  path [

# choice ~ of two colliding connections another one survives, or none is told 6/7
RFC4271-6.8-01 ~ connection ended (fin)
RFC4271-6.8-02 ~ connection a does
RFC6286-2.3-01 ~ connection a does

# bug ~ the hold timer does not fire in time
RFC4271-6.5-01 ~ session up

# bug ~ a withdrawn VPN route stays with the peers that were told of it
RFC4364-4.3.2-02 ~ next hop (
RFC4364-4.3.2-03 ~ next hop (

# bug ~ a VPN-IPv6 next hop of 48 octets is refused
RFC4659-3.2.1-01 ~ no route to

# bug ~ the connection that loses a collision is closed without a word
RFC4486-4-07 ~ connection ended (fin)

# bug ~ a ROUTE-REFRESH does not bring what is unchanged
RFC2918-4-01 ~ IPv4 0, IPv6 0
RFC2918-4-02 ~ IPv4 0, IPv6 0
RFC2918-3-01 ~ session up

# bug ~ a refresh begun again does not mark everything stale again
RFC7313-4-03 ~  path [

# bug ~ NOTIFICATION where an update of two families lacks NEXT_HOP
RFC7606-3j-03 ~ NOTIFICATION 3/6 ~ sometimes

# bug ~ a route that does not fit 4096 octets any more stays as it was told before
RFC4271-9.2-03 ~  path [ ~ sometimes

# bug ~ OTC without a role of the neighbour, and on VPN routes; of two role capabilities the last counts
RFC9234-4.2-02 ~ c0/35
RFC9234-5-11 ~ c0/35
RFC9234-4.2-05/fitting-last ~ session up

# bug ~ a cache that speaks version 0 alone is asked in version 1 for ever
RFC8210-5-01/version-0 ~ first query: version 1

# bug ~ a route that does not fit 4096 octets once it is reflected blocks all that is behind it
RFC4456-8-14 ~ nothing any more

# bug ~ what it cannot tell one neighbour is told to others again and again
RFC4271-9.2-01 ~ was sent again unchanged ~ sometimes
`,
);
