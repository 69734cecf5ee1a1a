/**
 * Who may connect, and what sockets to and from them are prepared with: a row per peer and per dynamic range. A
 * listener needs all rows at once (the kernel checks a signature before anybody accepts), a connection the one that
 * fits best. Owns the rows and the look-up, not the keys' files (`md5-keys.ts`).
 */
import type { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import type { InstanceSettings, PeerTemplate, TransportSettings } from '../speaker/settings.ts';

export interface Access {
  /** A peer's own address at full length, or a range. */
  readonly from: Prefix;
  readonly transport: TransportSettings;
  /** TCP gives up when sent bytes stay unacknowledged for so long; 0 leaves it to the system. */
  readonly userTimeoutMilliseconds: number;
}

/** The speaker's own timer (RFC 9687) speaks first: it knows what to tell the peer. */
const userTimeoutMargin = 10_000;

/** The rows of an instance, for `SocketHost.listen`. */
export function accessOf({ peers, dynamicPeers }: InstanceSettings): readonly Access[] {
  return [
    ...peers.map((peer) => row(new Prefix(peer.address, peer.address.bytes.length * 8), peer)),
    ...dynamicPeers.map(({ range, template }) => row(range.masked(), template)),
  ];
}

function row(from: Prefix, { transport, timers: { sendHoldSeconds } }: PeerTemplate): Access {
  const userTimeoutMilliseconds = sendHoldSeconds === 0 ? 0 : sendHoldSeconds * 1000 + userTimeoutMargin;
  return { from, transport, userTimeoutMilliseconds };
}

/** Finds the row of an address: a peer's own before a range, a longer range before a shorter. */
export class AccessTable {
  readonly rows: readonly Access[];
  readonly #peers = new Map<string, Access>();
  readonly #ranges: readonly Access[];

  constructor(rows: readonly Access[]) {
    this.rows = rows;
    const isPeer = ({ from }: Access): boolean => from.length === from.address.bytes.length * 8;
    for (const row of rows.filter(isPeer)) this.#peers.set(row.from.address.toString(), row);
    this.#ranges = rows.filter((row) => !isPeer(row)).sort((a, b) => b.from.length - a.from.length);
  }

  find(address: IpAddress): Access | undefined {
    return this.#peers.get(address.toString()) ?? this.#ranges.find(({ from }) => from.contains(address));
  }
}
