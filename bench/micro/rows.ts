/** The hot steps of a route's way through the speaker, each alone. A row is a step. */

import { batchSize, OutboundBatch } from '../../src/export/outbound-batch.ts';
import { UpdatePacker } from '../../src/export/update-packer.ts';
import { ipv4Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { Prefix } from '../../src/net/prefix.ts';
import type {
  PolicyDefinition,
  PolicyMatch,
  PolicySet,
  PolicyTerm,
  PrefixRange,
} from '../../src/policy/definition.ts';
import { compilePolicy } from '../../src/policy/evaluate.ts';
import { FamilyRib } from '../../src/rib/family-rib.ts';
import { Ipv4NlriTable } from '../../src/rib/nlri-table.ts';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { clientGroup } from '../../test/support/settings.ts';
import { addClients, emptyTables, type MicroTable, routesOf, seed } from './world.ts';

/** Ready to run once. */
export interface Step {
  /** How many units a run takes. */
  readonly units: number;
  readonly run: () => void;
}

export interface MicroRow {
  readonly name: string;
  readonly what: string;
  readonly unit: 'route' | 'attribute set';
  readonly prepare: (table: MicroTable) => Step;
}

function decoding(table: MicroTable): Step {
  return { units: table.routes, run: () => table.decode(() => undefined) };
}

function interningNew(table: MicroTable): Step {
  const tables = emptyTables();
  return { units: table.heard.length, run: () => table.intern(tables) };
}

function interningKnown(table: MicroTable): Step {
  const tables = emptyTables();
  table.intern(tables);
  return { units: table.heard.length, run: () => table.intern(tables) };
}

function destinations({ routes, table, heard }: MicroTable): Step {
  const nlri = new Ipv4NlriTable(seed);
  return {
    units: routes,
    run: () => {
      for (const one of heard) for (const at of one.nlri) nlri.intern(table.bytes, at);
    },
  };
}

/** Three clients say the same with different attributes: every step down to the last is looked at for some. */
function deciding(table: MicroTable): Step {
  const tables = emptyTables();
  const [first, ...others] = addClients(tables, 3);
  const { nlri, nlriIds, paths } = routesOf(table, tables, first);
  const rib = new FamilyRib(ipv4Unicast, nlri, tables.paths);
  for (const [n, id] of nlriIds.entries()) {
    rib.announce(id, first, 0, paths[n], paths[n], 0);
    for (const [k, peer] of others.entries()) {
      const like = paths[(n + k * 7) % paths.length];
      const own = tables.paths.intern(peer, tables.paths.attributes[like], tables.paths.nextHop[like], 0);
      rib.announce(id, peer, 0, own, own, 0);
    }
  }
  return {
    units: nlriIds.length,
    run: () => {
      for (const id of nlriIds) tables.decision.select(rib, id);
    },
  };
}

const policy: PolicyDefinition = {
  name: 'micro',
  default: 'accept',
  terms: [
    term('reject', { prefixes: ['10.0.0.0/8', '192.168.0.0/16', '100.64.0.0/10'].map(range) }),
    term('next', { communities: [{ kind: 'standard', parts: [undefined, 666] }] }, { localPref: 50 }),
    term('accept', { asPath: ['_64512_'] }, { med: 10 }),
  ],
};

function term(verdict: PolicyTerm['then'], match: PolicyMatch, set: PolicySet = {}): PolicyTerm {
  return { name: verdict, match, set, ['then' as const]: verdict };
}

/** The prefix and all in it. */
function range(text: string): PrefixRange {
  const prefix = Prefix.parse(text);
  if (prefix === undefined) throw new Error(`${text} is no prefix`);
  return { prefix, minLength: prefix.length, maxLength: 32 };
}

function policing({ table: { address, length, set }, heard, routes }: MicroTable): Step {
  const { evaluate } = compilePolicy(policy);
  const attributes = heard.map(({ canonical }) => decodePathAttributes(canonical, 0, canonical.length));
  const nextHop = IpAddress.fromUint32(0xc6336401);
  const peer = IpAddress.fromUint32(0x0a000002);
  const asked = Array.from({ length: routes }, (_, n) => ({
    family: ipv4Unicast,
    attributes: attributes[set[n] % attributes.length],
    prefixBytes: IpAddress.fromUint32(address[n]).bytes,
    prefixLength: length[n],
    nextHop,
    peer,
  }));
  return {
    units: routes,
    run: () => {
      for (const route of asked) evaluate(route);
    },
  };
}

/** As an update group does it: batches of changes, sorted by path, into frames. */
function packing(table: MicroTable): Step {
  const tables = emptyTables();
  const [source] = addClients(tables, 1);
  const { nlri, nlriIds, paths } = routesOf(table, tables, source);
  const packer = new UpdatePacker(tables, clientGroup(), nlri);
  const batch = new OutboundBatch(tables.paths, (item) => item);
  return {
    units: nlriIds.length,
    run: () => {
      for (let n = 0; n < nlriIds.length; n++) {
        batch.announce(nlriIds[n], paths[n]);
        if (batch.announcements < batchSize) continue;
        batch.pack(packer, () => 0);
        packer.take();
      }
      batch.pack(packer, () => 0);
      packer.take();
    },
  };
}

export const rows: readonly MicroRow[] = [
  { name: 'decode', what: 'UPDATE to view, all attributes checked', unit: 'route', prepare: decoding },
  { name: 'intern-new', what: 'attribute set not seen before', unit: 'attribute set', prepare: interningNew },
  { name: 'intern-known', what: 'attribute set seen before', unit: 'attribute set', prepare: interningKnown },
  { name: 'destinations', what: 'prefix to number, not seen before', unit: 'route', prepare: destinations },
  { name: 'decision', what: 'best of three routes', unit: 'route', prepare: deciding },
  { name: 'policy', what: 'prefix list, community, AS path', unit: 'route', prepare: policing },
  { name: 'packing', what: 'changes to full UPDATEs', unit: 'route', prepare: packing },
];
