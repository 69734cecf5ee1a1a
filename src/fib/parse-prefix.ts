/**
 * Prefixes as `ip` prints them, into NLRI form (length, then 4 or 16 octets). A table of 50,000 routes is read after
 * every change of a link, hence this instead of the strict parser of net/: what it is given was printed by a program.
 */

/** `undefined` for what is no prefix. `default` is /0; without a length it is a host. */
export function parseDestination(text: string, version: 4 | 6): Uint8Array | undefined {
  const octets = version === 4 ? 4 : 16;
  const nlri = new Uint8Array(1 + octets);
  if (text === 'default') return nlri;
  const slash = text.indexOf('/');
  const length = slash < 0 ? octets * 8 : Number(text.slice(slash + 1));
  const address = slash < 0 ? text : text.slice(0, slash);
  if (!Number.isInteger(length) || length < 0 || length > octets * 8) return undefined;
  nlri[0] = length;
  return (version === 4 ? readIpv4(address, nlri, 1) : readIpv6(address, nlri)) ? nlri : undefined;
}

/** Prefixes may be short of octets: `10.1/16`. */
function readIpv4(text: string, out: Uint8Array, at: number): boolean {
  const parts = text.split('.');
  if (parts.length > 4) return false;
  for (let i = 0; i < parts.length; i++) {
    const octet = Number(parts[i]);
    if (parts[i] === '' || !(octet >= 0 && octet <= 255)) return false;
    out[at + i] = octet;
  }
  return true;
}

function readIpv6(text: string, out: Uint8Array): boolean {
  const gap = text.indexOf('::');
  if (gap < 0) return readGroups(text, out, 1) === 17;
  const head = gap === 0 ? 1 : readGroups(text.slice(0, gap), out, 1);
  const tail = text.slice(gap + 2);
  if (head < 0 || tail === '') return head > 0;
  const after = new Uint8Array(17);
  const end = readGroups(tail, after, 1);
  if (end < 0 || head + end > 18) return false;
  out.set(after.subarray(1, end), 18 - end);
  return true;
}

/** Returns where it ends, -1 for what are no groups. */
function readGroups(text: string, out: Uint8Array, start: number): number {
  let at = start;
  for (const group of text.split(':')) {
    if (at > 15) return -1;
    if (group.includes('.')) {
      if (at > 13 || !readIpv4(group, out, at)) return -1;
      at += 4;
      continue;
    }
    const value = group.length > 0 && group.length <= 4 ? Number.parseInt(group, 16) : Number.NaN;
    if (Number.isNaN(value)) return -1;
    out[at] = value >>> 8;
    out[at + 1] = value;
    at += 2;
  }
  return at;
}
