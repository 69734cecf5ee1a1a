/** The API's answers as the pages of helioctl read them; one place to see which of them are used. */

export type { ConfigDiff } from '../api/ports.ts';
export type {
  AttributesView,
  ExplainView,
  MessageCounts,
  NetworkView,
  PeerFamilyView,
  PeerView,
  RouteView,
  SpeakerEvent,
  StatusView,
} from '../speaker/views.ts';
