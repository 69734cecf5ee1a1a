/** Words of `helioctl controller` that its help needs: kept apart from what costs time to load. */
export const serverVariable = 'HELIO_CONTROLLER';
export const tokenFileVariable = 'HELIO_CONTROLLER_TOKEN_FILE';
export const defaultServer = 'http://127.0.0.1:8180';

/** How kinds are called on the command line, and what they are in the API. */
export const kindWords = {
  pools: 'pools',
  gateways: 'gateways',
  tenants: 'tenants',
  connections: 'connections',
  peers: 'peers',
  policies: 'policies',
  slots: 'slots',
  routes: 'routes',
  'lb-rules': 'lbRules',
  'overlay-routes': 'overlayRoutes',
  events: 'events',
  system: 'system',
} as const;
export type KindWord = keyof typeof kindWords;
export const kindNames = Object.keys(kindWords) as readonly KindWord[];
