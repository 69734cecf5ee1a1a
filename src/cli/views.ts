/** The API's answers as the pages of helioctl read them; one place to see which of them are used. */
export type {
  AttributesView,
  ConfigDiff,
  ExplainView,
  FibRouteView,
  FibView,
  MessageCounts,
  NetworkView,
  NewNetwork,
  PeerFamilyView,
  PeersPage,
  PeerView,
  RouteView,
  StatusView,
  Topic,
  WatchEvent,
} from '../api/types.ts';
