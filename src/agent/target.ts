/** What a gateway is to come to: the desired state as spaces for its kernel and instances for its daemon. */
import type { DesiredState } from '../controller/desired.ts';
import type { Held } from '../controller/observations.ts';
import { type InstanceDocument, instanceDocument } from './instance-document.ts';
import type { Space } from './kernel-contract.ts';
import { type GatewayFacts, spaceOf } from './spaces.ts';
import { homeOf, type UnderlayDocument, underlayDocument } from './underlay.ts';

export interface Target {
  readonly revision: number;
  readonly slots: readonly Held[];
  readonly spaces: readonly Space[];
  readonly instances: readonly InstanceDocument[];
  /** The instance of the gateway's own network, an entry of `tenants` as plain data. */
  readonly underlay?: UnderlayDocument;
  /** Connections by the space that they are in. */
  readonly connections: ReadonlyMap<string, readonly string[]>;
}

export function nothing(revision: number): Target {
  return { revision, slots: [], spaces: [], instances: [], connections: new Map() };
}

export function targetOf(desired: DesiredState, facts: GatewayFacts): Target {
  const spaces = desired.tenants.map((tenant) => spaceOf(tenant, facts));
  const underlay = desired.underlay && underlayDocument(desired.underlay);
  return {
    revision: desired.revision,
    slots: desired.slots.map(({ slot, epoch }) => ({ slot, epoch })),
    spaces: desired.underlay ? [...spaces, homeOf(desired.underlay, facts.gateway)] : spaces,
    ...(underlay ? { underlay } : {}),
    instances: desired.tenants.map((tenant, at) =>
      instanceDocument(tenant, spaces[at]?.name ?? '', facts.secrets),
    ),
    connections: new Map(
      desired.tenants.map(({ connections }, at) => [
        spaces[at]?.name ?? '',
        connections.map(({ name }) => name),
      ]),
    ),
  };
}

/** The same slots, spaces and instances, whatever the revision is. */
export function isSameTarget(a: Target, b: Target): boolean {
  const known = ({ slots, spaces, instances, underlay }: Target) =>
    JSON.stringify([slots, spaces, instances, underlay]);
  return known(a) === known(b);
}
