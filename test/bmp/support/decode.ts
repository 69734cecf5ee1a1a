/** BMP as a station reads it: written from RFC 7854 and RFC 9069 alone, sharing no line with the encoder. */
const names = [
  'route-monitoring',
  'statistics-report',
  'peer-down',
  'peer-up',
  'initiation',
  'termination',
] as const;

export interface Tlv {
  readonly type: number;
  readonly value: Buffer;
}

export interface Decoded {
  readonly type: (typeof names)[number];
  readonly peer?: {
    readonly type: number;
    readonly flags: number;
    readonly distinguisher: string;
    readonly address: string;
    readonly asn: number;
    readonly bgpIdentifier: number;
    readonly seconds: number;
    readonly microseconds: number;
  };
  /** What follows the headers. */
  readonly body: Buffer;
  readonly tlvs: readonly Tlv[];
  /** BGP messages inside, whole. */
  readonly bgp: readonly Buffer[];
}

/** Splits a stream; throws where it is no sequence of whole messages. */
export function decodeStream(bytes: Uint8Array): Decoded[] {
  const stream = Buffer.from(bytes);
  const found: Decoded[] = [];
  for (let at = 0; at < stream.length; ) {
    if (stream[at] !== 3) throw new Error(`version ${stream[at]} at ${at}`);
    const length = stream.readUInt32BE(at + 1);
    if (length < 6 || at + length > stream.length) throw new Error(`length ${length} at ${at}`);
    found.push(decodeOne(stream.subarray(at, at + length)));
    at += length;
  }
  return found;
}

function decodeOne(message: Buffer): Decoded {
  const type = names[message[5]];
  if (type === undefined) throw new Error(`message type ${message[5]}`);
  if (type === 'initiation' || type === 'termination') {
    const body = message.subarray(6);
    return { type, body, tlvs: tlvsOf(body), bgp: [] };
  }
  const peer = {
    type: message[6],
    flags: message[7],
    distinguisher: message.toString('hex', 8, 16),
    address: message.toString('hex', 16, 32),
    asn: message.readUInt32BE(32),
    bgpIdentifier: message.readUInt32BE(36),
    seconds: message.readUInt32BE(40),
    microseconds: message.readUInt32BE(44),
  };
  const body = message.subarray(48);
  switch (type) {
    case 'route-monitoring': {
      const { messages, rest } = bgpOf(body, 1);
      if (rest.length > 0) throw new Error('octets after the UPDATE');
      return { type, peer, body, tlvs: [], bgp: messages };
    }
    case 'peer-up': {
      const { messages, rest } = bgpOf(body.subarray(20), 2);
      return { type, peer, body, tlvs: tlvsOf(rest), bgp: messages };
    }
    case 'peer-down': {
      const { messages } = bgpOf(body.subarray(1), body[0] === 1 || body[0] === 3 ? 1 : 0);
      return { type, peer, body, tlvs: body[0] === 6 ? tlvsOf(body.subarray(1)) : [], bgp: messages };
    }
    case 'statistics-report': {
      const tlvs = tlvsOf(body.subarray(4));
      if (tlvs.length !== body.readUInt32BE(0)) throw new Error('the count of statistics is wrong');
      return { type, peer, body, tlvs, bgp: [] };
    }
  }
}

function bgpOf(bytes: Buffer, count: number): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (bytes.toString('hex', at, at + 16) !== 'f'.repeat(32)) throw new Error('no BGP marker');
    const length = bytes.readUInt16BE(at + 16);
    messages.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at > bytes.length) throw new Error('a BGP message is cut');
  return { messages, rest: bytes.subarray(at) };
}

function tlvsOf(bytes: Buffer): Tlv[] {
  const found: Tlv[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    if (at + 4 + length > bytes.length) throw new Error('a TLV is cut');
    found.push({ type: bytes.readUInt16BE(at), value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return found;
}
