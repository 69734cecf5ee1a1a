/** What a client of the API needs to know, types only: importing this costs nothing at run time. */
import type { z } from 'zod';
import type { PeerView, StationView } from '../speaker/views.ts';
import type { InstanceIdentity } from './ports.ts';
import type { tenantChangeSchema, tenantSchema } from './schemas.ts';

/** `now` in host milliseconds, against which the times of the peers are told. */
export interface PeersPage {
  readonly now: number;
  /** Each with whose it is. */
  readonly peers: readonly (PeerView & InstanceIdentity)[];
}

/** `now` in host milliseconds, against which the times of the stations are told. */
export interface StationsPage {
  readonly now: number;
  readonly stations: readonly StationView[];
}

export type TenantView = z.output<typeof tenantSchema>;
export type TenantChanged = z.output<typeof tenantChangeSchema>;

export type {
  AttributesView,
  ExplainView,
  FibRouteView,
  FibView,
  MessageCounts,
  NetworkView,
  NewNetwork,
  PeerFamilyView,
  PeerState,
  PeerView,
  RouteView,
  SpeakerEvent,
  StationView,
  StatusView,
} from '../speaker/views.ts';
export type { Topic, WatchEvent } from './event-hub.ts';
export type { ConfigDiff, ConfigProblem, InstanceIdentity } from './ports.ts';
export type { Problem, ProblemCode } from './problem.ts';
export type { RoutesPage } from './route-stream.ts';
