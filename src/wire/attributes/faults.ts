/** Making and weighing RFC 7606 faults. What is malformed is for `scan.ts` and `update-decode.ts` to say. */
import type { FamilyKey } from '../../net/family.ts';
import { type AttributeAction, type AttributeFault, NotificationError } from '../errors.ts';
import { NotificationCode } from '../notification-codes.ts';

/** Weakest first (RFC 7606 §2). */
const strengths: readonly AttributeAction[] = [
  'attribute-discard',
  'treat-as-withdraw',
  'disable-family',
  'session-reset',
];

/** Most offending octets that are kept with a fault. */
const maxKept = 4096;

/** RFC 7606 §3 (h): the strongest action wins; `undefined` for a good message. */
export function strongestAction(faults: readonly AttributeFault[]): AttributeAction | undefined {
  let strongest = -1;
  for (const fault of faults) strongest = Math.max(strongest, strengths.indexOf(fault.action));
  return strengths[strongest];
}

/**
 * Must the UPDATE's routes be withdrawn instead of announced? Asked beside `strongestAction`, since an UPDATE
 * that disables one family may carry routes of another with attributes that are not to be used.
 */
export function withdrawsRoutes(faults: readonly AttributeFault[]): boolean {
  return faults.some((fault) => fault.action === 'treat-as-withdraw');
}

/** The NOTIFICATION to send where an action is `session-reset`, else `undefined`. */
export function resetOf(faults: readonly AttributeFault[]): NotificationError | undefined {
  return faults.find((fault) => fault.action === 'session-reset')?.notification;
}

/** A fault without consequences beyond its message; bytes `[start, end)` are copied. */
export function attributeFault(
  attributeType: number,
  action: 'attribute-discard' | 'treat-as-withdraw',
  detail: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): AttributeFault {
  return { attributeType, action, detail, bytes: keep(bytes, start, end) };
}

/** RFC 7606 §2, RFC 4760 §7: this family is ignored from now on. */
export function familyFault(
  attributeType: number,
  family: FamilyKey,
  detail: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): AttributeFault {
  return { attributeType, action: 'disable-family', detail, bytes: keep(bytes, start, end), family };
}

/** `[start, end)` is kept and becomes the data of an UPDATE Message Error, except where RFC 4271 §6.3 has none. */
export function resetFault(
  attributeType: number,
  subcode: number,
  detail: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): AttributeFault {
  const kept = keep(bytes, start, end);
  const data = subcodesWithoutData.has(subcode) ? undefined : kept;
  const notification = new NotificationError(NotificationCode.update, subcode, data, detail);
  return { attributeType, action: 'session-reset', detail, bytes: kept, notification };
}

const subcodesWithoutData: ReadonlySet<number> = new Set([1, 10, 11]);

function keep(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.slice(start, Math.min(end, start + maxKept));
}
