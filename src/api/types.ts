/** What a client of the API needs to know, types only: importing this costs nothing at run time. */
import type { PeerView } from '../speaker/views.ts';

/** `now` in host milliseconds, against which the times of the peers are told. */
export interface PeersPage {
  readonly now: number;
  readonly peers: readonly PeerView[];
}

export type {
  AttributesView,
  ExplainView,
  MessageCounts,
  NetworkView,
  NewNetwork,
  PeerFamilyView,
  PeerState,
  PeerView,
  RouteView,
  SpeakerEvent,
  StatusView,
} from '../speaker/views.ts';
export type { Topic, WatchEvent } from './event-hub.ts';
export type { ConfigDiff, ConfigProblem } from './ports.ts';
export type { Problem, ProblemCode } from './problem.ts';
export type { RoutesPage } from './route-stream.ts';
