/**
 * Rules about what the sockets of a peer are prepared with. Whether this machine can do it, and whether a key file is
 * good, is asked of the machine (`MachineFacts`): nothing is opened here.
 */
import { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import type { MachineFacts } from './configuration.ts';
import type { Findings } from './findings.ts';
import type { Layers } from './layers.ts';

const keys = ['md5', 'ttlSecurity', 'ttl'] as const;

interface TransportContext {
  readonly findings: Findings;
  readonly facts: MachineFacts;
}

export function checkTransport(layers: Layers, { findings, facts }: TransportContext): void {
  const { md5, ttlSecurity, ttl } = layers.merged;
  const wanted = keys.find((key) => layers.merged[key] && !layers.isBroken(key));
  const lacking = wanted && facts.socketProblem?.();
  if (lacking) findings.problem(layers.origin(wanted), `${wanted} ${lacking}`);
  if (ttlSecurity && ttl !== undefined && !layers.isBroken('ttl') && !layers.isBroken('ttlSecurity')) {
    const at = layers.culprit(['ttl'], ['ttlSecurity']);
    findings.problem(at, 'ttl and ttlSecurity exclude each other: with ttlSecurity we send with TTL 255');
  }
  if (!md5 || md5.keyFile === undefined || layers.isBroken('md5')) return;
  const problem = facts.keyFileProblem?.(md5.keyFile);
  if (problem) findings.problem(layers.origin('md5', 'keyFile'), problem);
}

/** Whoever may connect: a peer, or a range of addresses. */
export interface Sender {
  readonly layers: Layers;
  readonly from: IpAddress | Prefix;
}

/** The kernel demands the key of a range of every address in it; an exception cannot be told to it. */
export function checkKeyedRanges(senders: readonly Sender[], findings: Findings): void {
  const keyed = senders.filter(({ layers }) => layers.merged.md5);
  for (const { layers, from } of senders) {
    if (layers.merged.md5 || layers.isBroken('md5')) continue;
    const around = keyed.find((other) => other.from instanceof Prefix && other.from.contains(from));
    if (!around) continue;
    const what = from instanceof IpAddress ? 'this peer' : 'this range';
    findings.problem(
      layers.path,
      `${what} has no md5, and lies in ${around.from} (${around.layers.path.join('.')}), which has: give it a key too`,
    );
  }
}
