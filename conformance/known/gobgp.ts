// Known deviations of GoBGP 3.10, from runs of this suite. None has been compared with a newer release yet.

import { deviations } from './list.ts';

export const gobgp = deviations(
  '3.10',
  `
# bug ~ a wrong header is told without its data, with another code, or not noticed
RFC4271-6.1-03 ~ NOTIFICATION 1/2 without data
RFC4271-6.1-04 ~ NOTIFICATION 1/2 without data
RFC4271-6.1-07 ~ NOTIFICATION 3/1 without data
RFC4271-6.1-08 ~ NOTIFICATION 3/1 without data
RFC4271-6.1-06 ~ NOTIFICATION 1/2 without data
RFC4271-6.1-01 ~ session up
RFC4271-6.1-02 ~ connected, not established
RFC4271-6.1-09 ~ session up
RFC4271-6.1-05 ~ session up
RFC8654-5-01 ~ session up

# crash ~ the process ends
RFC4271-6.1-12 ~ the target ended
RFC4271-6.1-11 ~ the target ended
RFC4271-6.1-13/type-128 ~ the target ended
RFC4271-6.1-14 ~ the target ended
Z-FRM-06 ~ the target ended
RFC6608-4-07 ~ the target ended
Z-UPD-03 ~ the target ended

# bug ~ something else than the standard asks
Z-FRM-06 ~ connected, not established
RFC4271-4.3-05 ~ route withdrawn
RFC4271-4.3-06 ~ route withdrawn
RFC4271-6.3-03 ~  path [
RFC7311-3.2-01 ~  path [
RFC4271-9.2-04 ~ UPDATEs
RFC4271-9.2-03 ~  path [
RFC6793-4.2.3-04 ~  path [
RFC4360-6-01 ~  path [
RFC6793-4.2.3-08 ~  path [
RFC4271-5-01 ~ broken by

# bug ~ the supported version is missing from the data, or is not two octets
RFC4271-6.2-01 ~ NOTIFICATION 2/1 without data
RFC4271-6.2-02 ~ NOTIFICATION 2/1 without data

# bug ~ an OPEN is judged otherwise than the standard asks
RFC4271-6.2-10 ~ NOTIFICATION 1/2 without data
RFC4271-6.2-11 ~ NOTIFICATION 1/2 without data
RFC4271-6.2-12 ~ NOTIFICATION 1/2 without data
RFC4271-6.2-08 ~ session up
RFC4271-6.2-09 ~ session up
RFC5492-4-05 ~ session up

# bug ~ the FSM error is told otherwise than RFC 6608 asks: no data, or no NOTIFICATION at all
RFC6608-4-01 ~ connection ended (fin)
RFC6608-4-02 ~ connection ended (fin)
RFC6608-4-03 ~ connection ended (fin)
RFC6608-4-04 ~ connection ended (fin)
RFC6608-4-05 ~ connection ended (fin)
RFC6608-4-06 ~ connection ended (fin)

# bug ~ a malformed attribute goes unnoticed, or the earlier route stays
RFC7606-4-01/*-repl ~ route kept
RFC7606-4-03/*-repl ~ route kept
RFC7606-4-04/communities ~ route accepted
RFC7606-4-04/extended ~ route accepted
RFC7606-4-04/large ~ route accepted
RFC7606-5.2-02 ~ route kept
RFC7606-3c-01/e1-v4-repl ~ route kept
RFC7606-3c-02/e1-v4-repl ~ route kept
RFC7606-3c-10/e1-v4-repl ~ route kept
RFC7606-3c-10/c1-v4-repl ~ route kept
RFC7606-3c-10/n1-v4-repl ~ route kept
RFC7606-7.2-06/e1-* ~ route accepted
RFC7606-7.2-06/*-repl ~ route kept
RFC7607-2-04 ~ route accepted
RFC7606-7.8-02 ~ route accepted
RFC7606-7.10-03 ~ route accepted
RFC7606-7.14-02 ~ route accepted
RFC8092-6-02 ~ route accepted
RFC7606-3c-13/e1-v6-repl-40 ~ route kept
RFC7606-3c-13/n1-v6-repl-40 ~ route kept
RFC7606-3c-13/c1-v6-repl-40 ~ route kept
RFC7606-3c-13/e1-v6-repl-c0 ~ route kept
RFC7606-3c-13/c1-v6-repl-c0 ~ route kept
RFC7606-3c-13/n1-v6-repl-c0 ~ route kept
RFC7606-7.11-01 ~ route accepted
RFC7606-7.11-01 ~ route kept
RFC7606-7.11-02 ~ route kept
RFC7606-7.11-03 ~ route kept
RFC7606-5.3-03 ~ route kept
RFC7606-5.3-04 ~ route kept
RFC7606-7.12-01 ~ route kept

# bug ~ the route is withdrawn where the attribute alone should go, or the family or session
RFC7606-5.2-04 ~ route withdrawn
RFC7606-7.5-01 ~ route withdrawn
RFC7606-7.9-02 ~ route withdrawn
RFC7606-7.10-02/e1-* ~ route withdrawn
RFC6793-6-01 ~ route withdrawn
RFC6793-6-02 ~ route withdrawn
RFC6793-6-03 ~ route withdrawn
RFC7606-7.11-01 ~ route withdrawn
RFC7606-7.11-02 ~ route withdrawn
RFC7606-7.11-03 ~ route withdrawn
RFC7606-5.3-03 ~ route withdrawn
RFC7606-5.3-04 ~ route withdrawn
RFC7606-7.12-01 ~ route withdrawn

# bug ~ the Partial bit is not set on an attribute it does not know
RFC4271-9-01 ~ route accepted
RFC4271-9-03 ~ route accepted
RFC4271-9-04 ~ route accepted
Z-UPD-01 ~ route accepted

# bug ~ the malformed or foreign attribute is passed on
RFC7606-7.5-03 ~  path [
RFC7606-7.7-01 ~  path [
RFC7606-7.7-03 ~  path [
RFC7607-2-05 ~  path [
RFC7606-7.9-01 ~  path [
RFC7606-5.1-01 ~ broken by

# bug ~ the session is reset where RFC 7606 asks for less
RFC6793-4.1-05 ~ NOTIFICATION 3/1 without data

# bug ~ a route with the own AS in its path is used, or the one it replaces is kept
RFC4271-9.1.2-01/*-repl ~ route kept
RFC4271-9.1.2-02/*-repl ~ route kept

# bug ~ the next hop, or a route by its next hop, is judged otherwise
RFC4760-3-04 ~ route withdrawn
RFC4760-3-07 ~ route accepted
RFC8950-4-03 ~ route accepted
RFC4760-3-01 ~ broken by

# unsupported ~ it does not look at the interfaces of the machine: any next hop is as good
RFC4271-6.3-07 ~ next hop 10.201.0.1
RFC4271-6.3-09 ~ next hop 10.201.0.1

# choice ~ the decision goes by other steps, or by the order of arrival
Z-DEC-01 ~  path [
RFC4271-9.1.1-02 ~  path [
RFC4271-9.1.2.2-08 ~  path [
RFC4271-9.1.2.2-11 ~  path [
RFC4456-9-01 ~  path [
RFC4456-9-02 ~  path [

# unsupported ~ AIGP is carried and not looked at
RFC7311-4-01 ~  path [

# bug ~ reflection differs: ORIGINATOR_ID, CLUSTER_LIST or who is sent the route
RFC4456-8-03 ~  path [
RFC4456-8-04/c1-n1 ~  path [
RFC4456-8-05/c1-n1 ~  path [
RFC4456-8-07/c1 ~  path [
RFC4456-8-09 ~  path [
RFC4456-8-10 ~  path [
RFC4456-8-14 ~  path [
RFC4456-6-06 ~  path [
RFC4456-8-12 ~  path [
RFC4456-7-01 ~  path [
RFC4456-7-02 ~  path [

# bug ~ a well-known community is not honoured, or a route with many is not passed on
RFC1997-WK-01 ~  path [
RFC1997-WK-02 ~  path [
RFC1997-WK-03 ~  path [
RFC1997-WK-04 ~  path [

# choice ~ of two colliding connections another one survives, or none is told 6/7
RFC4271-6.8-01 ~ connection ended (fin)
RFC4271-6.8-02 ~ connection a does
RFC6286-2.3-01 ~ connection a does

# bug ~ AS 0 is accepted and passed on
RFC7607-2-01 ~ broken by

# bug ~ a VPN next hop of a length that no family has is accepted
RFC4364-4.3.2-04 ~ session stays up
RFC4659-3.2-02 ~ session stays up

# bug ~ the connection that loses a collision is closed without a word
RFC4486-4-07 ~ connection ended (fin)

# unsupported ~ a shutdown communication has 128 octets at most, as in RFC 8203
RFC9003-2-01/octets-255 ~ too long reason

# bug ~ a membership counts only if it is a whole route target: the default one and prefixes bring nothing
RFC4684-4-02 ~ no route to
RFC4684-4-03 ~ no route to

# choice ~ VPN routes go out before End-of-RIB of the memberships
RFC4684-6-02 ~ next hop (

# crash ~ the process ends
RFC4684-4-05/bits-97 ~ the target ended
RFC4684-4-05/bits-1 ~ the target ended

# bug ~ what a neighbour sent from too far away before its connection was accepted is read all the same
RFC5082-3-02 ~ path [ ~ sometimes

# choice ~ a soft reset goes by the routes it has kept: the neighbour is not asked
RFC2918-4-06 ~ none

# bug ~ long-lived stale routes stay although the neighbour comes back without their forwarding state
RFC9494-4.2-06 ~ c0/8=ffff0006

# bug ~ stale routes stay: the neighbour came back without their forwarding state, the family or the capability, or was lost anew
RFC4724-4.2-03 ~  path [
RFC4724-4.2-04 ~  path [
RFC4724-4.2-06 ~  path [
RFC4724-4.2-08 ~  path [
RFC4724-4.2-08 ~ after 

# bug ~ a neighbour that restarted is not let in while its old session is up
RFC4724-5-01 ~ connection ended (

# bug ~ it ends without telling all neighbours
RFC4486-4-08 ~ connection ended (fin) ~ sometimes

# bug ~ a route whose AS4_PATH is broken, or stands before AS_PATH, is not passed on
Z-CVE-05/count-beyond ~ session up
Z-CVE-05/segment-0 ~ session up
Z-CVE-05/one-octet ~ session up
Z-CVE-05/empty ~ session up

# bug ~ a flow specification that cannot be read is told as NOTIFICATION 0/0
Z-CVE-06/component-unknown-* ~ NOTIFICATION 0/0 without data
Z-CVE-06/component-cut-* ~ NOTIFICATION 0/0 without data
Z-CVE-06/operator-endless-* ~ NOTIFICATION 0/0 without data

# bug ~ BMP: an UPDATE that is treated as a withdrawal is told as it came
RFC7854-5-02 ~ the malformed ORIGIN is told

# bug ~ BMP: no Peer Down for a neighbour that is removed
RFC7854-4.9-05 ~ BMP message types 3 0

# bug ~ BMP: no Peer Up for the Loc-RIB
RFC9069-4-01 ~ none

# bug ~ BMP: Route Mirroring is configured, and nothing is mirrored
RFC7854-4.6-02 ~ BMP message types 3

# choice ~ BMP: no Termination
RFC7854-4.5-01 ~ message of type 3

# bug ~ a path that ends in an AS_SET is not found instead of invalid
RFC6811-2-06 ~ not-found

# bug ~ a route is not judged again when payloads come or go
RFC6811-5-01/comes-* ~ not-found
RFC6811-5-01/goes-valid ~ valid
RFC6811-5-01/goes-invalid ~ invalid

# bug ~ a wrong PDU is ignored
RFC8210-Z-01/length-* ~ neither ~ sometimes
RFC8210-Z-01/type-99 ~ neither ~ sometimes

# crash ~ the process ends
Z-FUZ-02 ~ the target ended

# crash ~ an IPv4 prefix that is cut short ends the daemon
RFC8210-Z-01/prefix-short ~ the target ended

# crash ~ the process ends, at the first or at a later message of the kind
RFC4271-6.1-13/type-6 ~ the target ended ~ sometimes
Z-CVE-02 ~ the target ended ~ sometimes
Z-CVE-07/many ~ the target ended ~ sometimes
Z-FUZ-01 ~ the target ended ~ sometimes

# bug ~ a session that is to end stays, or ends without a word
RFC4271-6.1-14 ~ connected, not established ~ sometimes
Z-FUZ-01 ~ session up ~ sometimes
Z-CVE-07/many ~ session up ~ sometimes

# bug ~ an empty AS_PATH is passed on twice in one UPDATE
RFC4271-4.3-03 ~ attribute 2 twice ~ sometimes

# bug ~ a membership is sent again without a change
RFC4271-9.2-01 ~ was sent again unchanged ~ sometimes
`,
);
