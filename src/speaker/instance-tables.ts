/** The tables of one routing instance. Nothing in them is shared with another instance. */
import type { ExportContext } from '../export/context.ts';
import { AttributeTable } from '../rib/attribute-table.ts';
import { Decision, type DecisionOptions } from '../rib/decision.ts';
import { NextHopTable, type Resolver } from '../rib/next-hop-table.ts';
import { PathTable } from '../rib/path-table.ts';
import { PeerColumns } from '../rib/peer-columns.ts';

export interface InstanceTables extends ExportContext {
  /** Seeds the hashes of tables that are made later. */
  readonly seed: number;
}

export function makeTables(seed: number, resolver: Resolver, options: DecisionOptions): InstanceTables {
  const attributes = new AttributeTable(seed);
  const nextHops = new NextHopTable(resolver);
  const paths = new PathTable(attributes, nextHops, seed);
  const peers = new PeerColumns();
  return {
    seed,
    attributes,
    nextHops,
    paths,
    peers,
    decision: new Decision({ attributes, nextHops, peers, options }),
  };
}
