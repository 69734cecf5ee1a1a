/** What the handlers are given: the instances, the configuration, and facts of the process. */
import type { EventHub } from './event-hub.ts';
import type { ConfigPort, InstancesPort } from './ports.ts';

export interface ApiPorts {
  readonly instances: InstancesPort;
  readonly config: ConfigPort;
  /** JSON Schema of the configuration file. */
  readonly configSchema: () => object;
  readonly version: string;
  /** Why the daemon is not ready; `undefined` when it is. */
  readonly notReady: () => string | undefined;
  /** A handler failed for a reason of our own. */
  readonly onInternalError: (error: Error) => void;
  /** A client has connected and will want an answer soon. */
  readonly onClient: () => void;
}

export interface ApiContext extends ApiPorts {
  readonly hub: EventHub;
}
