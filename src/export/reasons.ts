/** Why a best path is not sent to a peer. Reaches `helioctl explain`. */

export const suppressedReasons = [
  'sent',
  'source-peer', //            RFC 4271 §9.1.3: never back to the peer it came from
  'originator', //             RFC 4456 §8: the peer originated it
  'non-client-to-non-client', // RFC 4456 §6
  'client-to-client-off', //   reflection between clients is switched off
  'no-advertise', //           RFC 1997
  'no-export', //              RFC 1997
  'no-export-subconfed', //    RFC 1997
  'no-export-policy', //       RFC 8212: external peer without one
  'export-policy',
  'no-own-next-hop', //        next hop self, but no address of ours in that family
  'next-hop-family', //        the next hop's family cannot be told to this peer (RFC 8950 not negotiated)
  'vpn-external', //           RFC 4364 §10: routes of a VPN leave the AS with a label of the border's own only
  'route-target', //           RFC 4684 §3: the peer wants no route with these route targets
  'too-large', //              RFC 8654 §4: does not fit into a message that the peer accepts
] as const;

export type SuppressedReason = Exclude<(typeof suppressedReasons)[number], 'sent'>;

/** The memo's way to hold a reason: negative, so that it cannot be taken for a PathId. */
export function suppressedCode(reason: SuppressedReason): number {
  return -suppressedReasons.indexOf(reason);
}

export function suppressedReason(code: number): SuppressedReason {
  return suppressedReasons[-code] as SuppressedReason;
}
