/** What a client of the API needs to know, types only: importing this costs nothing at run time. */
export type {
  AttributesView,
  ExplainView,
  MessageCounts,
  NetworkView,
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
