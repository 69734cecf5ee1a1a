/** What the operator hears of one peer: events, and the malformed things it sent lately. */
import { type FamilyKey, formatFamily } from '../net/family.ts';
import { toHex } from '../wire/bytes.ts';
import type { AttributeFault } from '../wire/errors.ts';
import { describeNotification } from '../wire/notification.ts';
import type { SpeakerHost } from './host.ts';
import type { SourceFamily } from './route-source.ts';
import type { PeerState, PeerView } from './views.ts';

const keptFaults = 16;

export interface NotificationFields {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

export class PeerReports {
  /** Newest last. */
  readonly faults: PeerView['faults'][number][] = [];
  readonly #host: SpeakerHost;
  readonly #peer: string;

  constructor(host: SpeakerHost, peer: string) {
    this.#host = host;
    this.#peer = peer;
  }

  state(from: PeerState, to: PeerState, reason: string | undefined): void {
    this.#host.event({ type: 'peer-state', at: this.#host.now(), peer: this.#peer, from, to, reason });
  }

  notification(
    type: 'notification-sent' | 'notification-received',
    { code, subcode, data }: NotificationFields,
  ): void {
    const text = describeNotification(code, subcode, data);
    const at = this.#host.now();
    this.#host.event({ type, at, peer: this.#peer, code, subcode, text, data: toHex(data) });
  }

  malformed(fault: AttributeFault, action: string): void {
    const { detail } = fault;
    const event = { at: this.#host.now(), action, detail, bytes: toHex(fault.bytes) };
    if (this.faults.push(event) > keptFaults) this.faults.shift();
    this.#host.event({ type: 'malformed-update', peer: this.#peer, ...event });
  }

  maxPrefixes({ family, maxPrefixes }: SourceFamily, count: number, action: string): void {
    this.#host.event({
      type: 'max-prefixes',
      at: this.#host.now(),
      peer: this.#peer,
      family: formatFamily(family),
      limit: maxPrefixes?.limit ?? 0,
      count,
      action,
    });
  }

  endOfRib(family: FamilyKey, direction: 'received' | 'sent'): void {
    const at = this.#host.now();
    this.#host.event({ type: 'end-of-rib', at, peer: this.#peer, family: formatFamily(family), direction });
  }

  stale(family: FamilyKey, phase: 'kept' | 'removed', count: number): void {
    const at = this.#host.now();
    this.#host.event({
      type: 'stale-routes',
      at,
      peer: this.#peer,
      family: formatFamily(family),
      phase,
      count,
    });
  }
}
