/** The tables of one instance that export reads and interns into. */

import type { AttributeTable } from '../rib/attribute-table.ts';
import type { Decision } from '../rib/decision.ts';
import type { NextHopTable } from '../rib/next-hop-table.ts';
import type { PathTable } from '../rib/path-table.ts';
import type { PeerColumns } from '../rib/peer-columns.ts';
import type { FrameBuffers } from './frame-buffers.ts';

export interface ExportContext {
  readonly attributes: AttributeTable;
  readonly nextHops: NextHopTable;
  readonly paths: PathTable;
  readonly peers: PeerColumns;
  readonly decision: Decision;
  readonly frames: FrameBuffers;
}
