/** The controller's answers as helioctl reads them, types only; one place to see which of them are used. */
import type { Placement } from '../../controller/placement.ts';
import type { ConnectionStatus } from '../../controller/resources.ts';
import type { Kind, Kinds } from '../../controller/snapshot.ts';

export type {
  BgpPeer,
  Connection,
  FailoverEvent,
  Gateway,
  GatewayPool,
  Slot,
  Tenant,
} from '../../controller/resources.ts';
export type { Kind, Kinds } from '../../controller/snapshot.ts';

export interface List<K extends Kind> {
  readonly revision: number;
  readonly items: readonly Kinds[K][];
}

export interface Applied {
  readonly revision: number;
  readonly dryRun: boolean;
  readonly results: readonly {
    readonly kind: Kind;
    readonly name: string;
    readonly outcome: 'created' | 'changed' | 'unchanged' | 'deleted';
  }[];
}

export interface Explained {
  readonly revision: number;
  /** Of a connection that is there. */
  readonly status?: ConnectionStatus;
  /** Where it would go now, when it has no place. */
  readonly now?: Placement;
}

export interface InvariantsPage {
  readonly revision: number;
  readonly violations: readonly { readonly id: string; readonly detail: string }[];
  /** Found since the controller started. */
  readonly seen: number;
}

export interface ActedOn {
  readonly revision: number;
  readonly gateway?: Kinds['gateways'];
}
