/** What the kernel of a node has counted, for proofs that it was the kernel who dropped something. */
import type { LabNode } from './lab.ts';

/** A counter of /proc/net/netstat: `TCPMD5Failure`, `TCPMinTTLDrop`. */
export async function kernelCounter(node: LabNode, name: string): Promise<number> {
  const lines = (await node.output('cat', ['/proc/net/netstat'])).split('\n').map((line) => line.split(' '));
  const at = lines.findIndex((line) => line.includes(name));
  return Number(lines[at + 1][lines[at].indexOf(name)]);
}
