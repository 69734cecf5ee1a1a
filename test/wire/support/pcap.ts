/** A capture file of one TCP stream on port 179, one message in each segment (raw IPv4 packets). */

function u32le(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

function u32be(value: number): number[] {
  return u32le(value).reverse();
}

function ipv4Packet(payload: Uint8Array, sequence: number): number[] {
  const total = 40 + payload.length;
  const ip = [0x45, 0, total >> 8, total & 255, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
  const tcp = [0x9c, 0x40, 0, 179, ...u32be(sequence), ...u32be(1), 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0];
  return [...ip, ...tcp, ...payload];
}

/** Messages of up to 65,000 octets each. */
export function pcapOf(messages: readonly Uint8Array[]): Uint8Array {
  const linkTypeRawIp = 101;
  const file = [
    ...u32le(0xa1b2c3d4),
    2,
    0,
    4,
    0,
    ...u32le(0),
    ...u32le(0),
    ...u32le(262144),
    ...u32le(linkTypeRawIp),
  ];
  let sequence = 1;
  messages.forEach((message, i) => {
    const packet = ipv4Packet(message, sequence);
    sequence += message.length;
    file.push(...u32le(i + 1), ...u32le(0), ...u32le(packet.length), ...u32le(packet.length));
    for (const octet of packet) file.push(octet);
  });
  return Uint8Array.from(file);
}
