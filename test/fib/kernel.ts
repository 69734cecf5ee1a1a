/** A kernel that takes batches, for tests: routes of one table by destination, as `ip -force -batch -` changes them. */
import type { BatchOutcome } from '../../src/fib/batch.ts';
import { parseDestination } from '../../src/fib/parse-prefix.ts';
import { bgpProtocol, type Hop, type KernelRoute, RouteTable, RouteType } from '../../src/fib/route.ts';

export function nlriOf(prefix: string): Uint8Array {
  const nlri = parseDestination(prefix, prefix.includes(':') ? 6 : 4);
  if (nlri === undefined) throw new Error(`${prefix} is no prefix`);
  return nlri;
}

/** Octets of an address. */
export function octetsOf(address: string): Uint8Array {
  return nlriOf(address).subarray(1);
}

export function hop(device: string, gateway?: string, alive = true): Hop {
  return { gateway, device, alive };
}

export function kernelRoute(
  prefix: string,
  hops: readonly Hop[],
  more: Partial<KernelRoute> = {},
): KernelRoute {
  return {
    version: prefix.includes(':') ? 6 : 4,
    nlri: nlriOf(prefix),
    table: RouteTable.main,
    protocol: 2,
    type: RouteType.unicast,
    metric: 0,
    hops,
    ...more,
  };
}

const changeLine = /^route (replace|del) (\S+) proto bgp metric (\d+) table (\d+)(?: ((?:via|nexthop) .*))?$/;

export class FakeKernel {
  /** By destination: the ways out. */
  readonly routes = new Map<string, string>();
  /** Destinations that are refused, with the reason. */
  readonly refused = new Map<string, string>();
  lines = 0;

  apply(lines: readonly string[]): BatchOutcome {
    const failed = new Map<number, string>();
    lines.forEach((line, index) => {
      const reason = this.#change(line);
      if (reason !== undefined) failed.set(index, reason);
    });
    return { type: 'done', failed };
  }

  #change(line: string): string | undefined {
    this.lines++;
    const match = changeLine.exec(line);
    if (match === null) throw new Error(`ip would not understand: ${line}`);
    const [, verb, destination, , , hops] = match;
    const known = this.routes.has(destination);
    const refusal = this.refused.get(destination);
    if (verb === 'del') {
      this.routes.delete(destination);
      return known ? undefined : 'No such process';
    }
    if (refusal !== undefined) return refusal;
    this.routes.set(destination, hops);
    return undefined;
  }

  /** As they are read back. */
  read(table: number, metric: number): KernelRoute[] {
    return [...this.routes].map(([destination, hops]) =>
      kernelRoute(destination, hopsOf(hops), { protocol: bgpProtocol, table, metric }),
    );
  }
}

function hopsOf(text: string): Hop[] {
  const ways = [...text.matchAll(/via (?:inet6 )?(\S+) dev (\S+)/g)];
  return ways.map(([, gateway, device]) => hop(device, gateway));
}
