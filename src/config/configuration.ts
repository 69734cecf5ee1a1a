/** What a file becomes: settings for the speaker, for the management API and for the log. */
import type { InstanceSettings, ListenAddress, Place } from '../speaker/settings.ts';

export interface ApiSettings {
  /** Path of the Unix socket. */
  readonly socket: string;
  /** Also on TCP, with bearer tokens in files. */
  readonly tcp: { readonly listen: ListenAddress; readonly tokens: readonly ApiToken[] } | undefined;
}

export interface ApiToken {
  readonly file: string;
  /** `contoso` for all its slots, `contoso/edge2` for one; `undefined` for the whole daemon. */
  readonly tenant: string | undefined;
  readonly access: 'read' | 'read-write';
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface LogSettings {
  readonly level: LogLevel;
}

/** The daemon as a gateway of a network controller. */
export interface ControllerSettings {
  readonly gateway: string;
  /** Origins, such as `http://192.0.2.10:8180`. */
  readonly endpoints: readonly string[];
  readonly tokenFile: string;
  /** Holds a key file for each `passwordRef` of the controller's peers. */
  readonly secretsDirectory: string;
  /** For VLANs whose interface is not called `vlan` and its number. */
  readonly interfaces: readonly { readonly vlan: number; readonly interface: string }[];
}

export interface Configuration {
  /** The default instance first, where there is a router block; then the tenants. */
  readonly instances: readonly InstanceSettings[];
  readonly api: ApiSettings;
  readonly log: LogSettings;
  /** Without it nobody else says what the daemon serves. */
  readonly controller?: ControllerSettings;
}

/** Facts of the machine that stand in for keys the operator left out. */
export interface MachineFacts {
  readonly hostName: string;
  /** Why the place is not there, naming it. Not given: it is not looked for. */
  readonly placeProblem?: (place: Place) => string | undefined;
  /** Why sockets with options (MD5, GTSM, TTL) or in another place cannot be had here. Not given: they can. */
  readonly socketProblem?: () => string | undefined;
  /** Why the file cannot be used as an MD5 key, naming it. Not given: it is not looked at. */
  readonly keyFileProblem?: (path: string) => string | undefined;
}

export interface ConfigProblem {
  /** `file:line:column: path: what is wrong (did you mean ...?)`, ready to print. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** `peers.0.timers.hold`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}
