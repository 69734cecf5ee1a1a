/** Counts speaker events per peer, in plain numbers, for the metrics; a peer that is removed is forgotten. */
import type { InstanceEvent } from './ports.ts';

export interface CountedEvents {
  /** By the state gone to. */
  readonly transitions: Map<string, number>;
  /** By `sent` or `received`, a blank, and the code. */
  readonly notifications: Map<string, number>;
  /** By the action of RFC 7606. */
  readonly malformed: Map<string, number>;
}

export class EventCounts {
  readonly byPeer = new Map<string, CountedEvents>();

  count(event: InstanceEvent): void {
    switch (event.type) {
      case 'peer-state':
        add(this.#of(event.peer).transitions, event.to);
        break;
      case 'notification-sent':
        add(this.#of(event.peer).notifications, `sent ${event.code}`);
        break;
      case 'notification-received':
        add(this.#of(event.peer).notifications, `received ${event.code}`);
        break;
      case 'malformed-update':
        add(this.#of(event.peer).malformed, event.action);
        break;
      case 'peer-removed':
        this.byPeer.delete(event.peer);
        break;
      default:
    }
  }

  #of(peer: string): CountedEvents {
    const known = this.byPeer.get(peer);
    if (known) return known;
    const fresh = { transitions: new Map(), notifications: new Map(), malformed: new Map() };
    this.byPeer.set(peer, fresh);
    return fresh;
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
