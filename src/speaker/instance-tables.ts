/** The tables of one routing instance. Nothing in them is shared with another instance. */
import type { ExportContext } from '../export/context.ts';
import { FrameBuffers } from '../export/frame-buffers.ts';
import { AttributeTable } from '../rib/attribute-table.ts';
import { Decision, type DecisionOptions } from '../rib/decision.ts';
import { NextHopTable, type Resolver } from '../rib/next-hop-table.ts';
import { PathTable } from '../rib/path-table.ts';
import { PeerColumns } from '../rib/peer-columns.ts';

export interface InstanceTables extends ExportContext {
  /** Seeds the hashes of tables that are made later. */
  readonly seed: number;
}

/** `holdsSent`: does the host still read bytes that were sent? Where nobody says so it always may. */
export function makeTables(
  seed: number,
  resolver: Resolver,
  options: DecisionOptions,
  holdsSent: () => boolean = () => true,
): InstanceTables {
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
    frames: new FrameBuffers(holdsSent),
  };
}
