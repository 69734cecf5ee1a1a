/**
 * What can be wrong with bytes from a peer.
 * `NotificationError` is thrown and ends the session (RFC 4271 §6); `AttributeFault` is a value and
 * usually does not (RFC 7606). Nothing else leaves `wire/`, whatever the bytes were.
 */
import type { FamilyKey } from '../net/family.ts';

/** The peer broke the protocol so that the session must end with exactly this NOTIFICATION. */
export class NotificationError extends Error {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;

  constructor(code: number, subcode: number, data: Uint8Array = new Uint8Array(0), detail = '') {
    super(detail);
    this.name = 'NotificationError';
    this.code = code;
    this.subcode = subcode;
    this.data = data;
  }
}

/** RFC 7606 §2, weakest first; the strongest of an UPDATE's faults wins. */
export type AttributeAction = 'attribute-discard' | 'treat-as-withdraw' | 'disable-family' | 'session-reset';

/** One malformed attribute or NLRI field, with what the operator needs to see of it. */
export interface AttributeFault {
  /** Path attribute type code; 0 for a fault of the message's own structure. */
  readonly attributeType: number;
  readonly action: AttributeAction;
  /** One sentence for the operator. */
  readonly detail: string;
  /** The offending bytes, copied; at most 4,096 of them. */
  readonly bytes: Uint8Array;
  /** Set where `action` is `disable-family`. */
  readonly family?: FamilyKey;
  /** The NOTIFICATION that a `session-reset` sends (RFC 4271 §6.3); unset otherwise. */
  readonly notification?: NotificationError;
}
