// Known deviations of BIRD 2.0, from runs of this suite. None has been compared with a newer release yet.

import { deviations } from './list.ts';

export const bird = deviations(
  '2.0',
  `
# bug ~ the supported version is missing from the data, or is not two octets
RFC4271-6.2-01 ~ NOTIFICATION 2/1 data
RFC4271-6.2-02 ~ NOTIFICATION 2/1 data

# bug ~ the FSM error is told otherwise than RFC 6608 asks: no data, or no NOTIFICATION at all
RFC6608-4-01 ~ NOTIFICATION 5/1 without data
RFC6608-4-02 ~ NOTIFICATION 5/1 without data
RFC6608-4-03 ~ NOTIFICATION 5/1 without data
RFC6608-4-05 ~ NOTIFICATION 5/2 without data
RFC6608-4-06 ~ NOTIFICATION 5/2 without data
RFC6608-4-07 ~ NOTIFICATION 5/3 without data
RFC6608-4-04 ~ session up

# bug ~ a wrong header is told without its data, with another code, or not noticed
RFC4271-6.1-09 ~ session up
RFC8654-4-04/keepalive ~ session up
RFC8654-5-01 ~ NOTIFICATION 1/2 data ~ sometimes

# bug ~ something else than the standard asks
RFC4271-6.3-01 ~ session up
RFC8092-3-03 ~  path [
RFC4271-4.3-02 ~ broken by
RFC8092-3-01 ~ broken by
RFC4271-9.2-01 ~ broken by

# bug ~ a malformed attribute goes unnoticed, or the earlier route stays
RFC7607-2-04 ~ route accepted

# bug ~ the malformed or foreign attribute is passed on
RFC7607-2-05 ~  path [
RFC8092-6-03 ~  path [

# bug ~ the next hop, or a route by its next hop, is judged otherwise
RFC4271-6.3-05/*-broadcast ~ route accepted
RFC4271-6.3-05/*-multicast ~ route accepted
RFC4271-6.3-05/*-reserved ~ route accepted
RFC4271-6.3-06 ~ route accepted
RFC4760-3-07/multicast ~ route accepted
RFC4760-3-07/loopback ~ route accepted

# unsupported ~ Cease has no subcode when BFD ends the session: the standard is two months younger
RFC9384-3-01 ~ NOTIFICATION 6/0

# choice ~ the decision goes by other steps, or by the order of arrival
Z-DEC-01 ~  path [ ~ sometimes
RFC4271-9.1.2.2-08/order-123 ~  path [
RFC4271-9.1.2.2-08/order-213 ~  path [
RFC4271-9.1.2.2-08/order-132 ~  path [
RFC4271-9.1.2.2-08/order-312 ~  path [

# choice ~ a route whose next hop cannot be resolved is passed on where there is no other
RFC4271-9.1.2-04 ~  path [

# bug ~ reflection differs: ORIGINATOR_ID, CLUSTER_LIST or who is sent the route
RFC4456-8-10/n1-* ~  path [
RFC4456-10-03 ~ next hop

# bug ~ ADD-PATH is negotiated or used otherwise than RFC 7911 asks
RFC7911-4-02/seven ~ NOTIFICATION 3/1 without data

# bug ~ the size of messages is limited otherwise than negotiated
RFC8654-4-02 ~ session up
RFC8654-5-02 ~ NOTIFICATION 1/2 data 1357
RFC8654-4-03 ~ session up

# bug ~ AS 0 is accepted and passed on
RFC7607-2-01 ~ broken by

# bug ~ a VPN-IPv6 next hop that is an IPv4-mapped address is refused
RFC4659-3.2.1-02 ~ no route to

# bug ~ a shutdown communication that is too long is cut inside a character
RFC9003-2-02 ~ ff

# unsupported ~ no bound for stale routes of a refresh that never ends
RFC7313-4-06 ~  path [

# choice ~ a ROUTE-REFRESH with filter entries is refused where the capability was not exchanged
RFC5291-6-04 ~ NOTIFICATION 7/1

# choice ~ as configured here, a route is not judged again when payloads come or go
RFC6811-5-01/comes-* ~ not-found
RFC6811-5-01/goes-valid ~ valid
RFC6811-5-01/goes-invalid ~ invalid

# bug ~ the validation state of an external neighbour is passed on
RFC8097-2-02 ~ 4300000000000002

# bug ~ a PDU of an impossible length is ignored, and so is what follows
RFC8210-Z-01/length-* ~ neither

# bug ~ a route with 3600 octets of communities is too long for it, and withdrawn
RFC1997-OP-03 ~ session up

# bug ~ stale routes stay up to three seconds longer than the restart time
RFC4724-4.2-05 ~ after ~ sometimes
`,
);
