/** How large a packet may be that leaves from one of the machine's addresses. */
import type { RunTogether } from './ip-together.ts';

interface JsonLink {
  readonly mtu?: number;
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** MTU of the link by address, of the process's own namespace. Empty when it cannot be read: the kernel has a default. */
export async function underlayMtus(run: RunTogether): Promise<ReadonlyMap<string, number>> {
  const [end] = await run([{ args: ['-j', 'addr', 'show'], namespace: undefined }]);
  if (end?.code !== 0) return new Map();
  const links: readonly JsonLink[] = JSON.parse(end.stdout);
  return new Map(
    links.flatMap(({ mtu, addr_info: addresses = [] }) =>
      addresses.flatMap(({ local }) =>
        mtu === undefined || local === undefined ? [] : [[local, mtu] as const],
      ),
    ),
  );
}
