/**
 * What the API is handed by the composition root: the routing instances, configuration and process facts.
 * `config/` and `api/` never import each other's inside.
 */
import type { ManagementPort, SpeakerEvent } from '../speaker/views.ts';

/** Who an instance is and how it is; its own state is asked of its `ManagementPort`. */
export interface InstanceInfo {
  /** `contoso`, or `contoso/edge2` for another slot than `main`; `default` for the instance of the router block. */
  readonly key: string;
  readonly tenant: string;
  readonly slot: string;
  /** `host`, `netns contoso`, `device vrf-contoso`. */
  readonly place: string;
  /** Where it comes from: the file, the API at run time, or the network controller. */
  readonly source: 'configuration' | 'api' | 'controller';
  readonly asn: number;
  readonly routerId: string;
  /** Why it is down; `undefined` when it is not. */
  readonly trouble: string | undefined;
  readonly limits: {
    readonly routes: number | undefined;
    readonly peers: number | undefined;
    readonly updatesPerSecond: number | undefined;
  };
}

/** What happens in an instance, and what becomes of it. */
export type InstanceEvent =
  | SpeakerEvent
  | {
      readonly type: 'instance-added' | 'instance-removed' | 'instance-up' | 'instance-down';
      /** Host milliseconds. */
      readonly at: number;
      /** Of `instance-down`: in words. */
      readonly reason: string | undefined;
    };

export interface InstanceIdentity {
  readonly tenant: string;
  readonly slot: string;
}

export interface InstancesPort {
  /** The default one first. */
  list(): readonly InstanceInfo[];
  /** `undefined`: there is none with this key, or it is just being built anew. */
  management(key: string): ManagementPort | undefined;
  /** Host milliseconds: the clock of all instances. */
  now(): number;
  /** Of all instances. `routes: true` also delivers best-path changes. Returns the way to stop. */
  subscribe(
    options: { readonly routes: boolean },
    listener: (event: InstanceEvent, of: InstanceIdentity) => void,
  ): () => void;
}

/** What became of a wish to add, replace or remove a tenant at run time. */
export type TenantChange =
  | { readonly ok: true; readonly key: string; readonly diff: ConfigDiff }
  | {
      readonly ok: false;
      readonly code: 'invalid-configuration' | 'duplicate-tenant' | 'tenant-of-file' | 'no-such-tenant';
      readonly detail: string;
      readonly problems: readonly ConfigProblem[];
    };

export interface ConfigProblem {
  /** `file:line:column: path: what is wrong (did you mean ...?)`, ready to print. */
  readonly text: string;
}

/** What a reload would do, session by session. */
export interface ConfigDiff {
  readonly lines: readonly {
    readonly change: 'add' | 'remove' | 'change';
    readonly subject: string;
    /** `session resets`, `no session is touched`, `soft reset in` ... */
    readonly effect: string;
    readonly details: readonly string[];
  }[];
}

export interface ConfigPort {
  /** Reads the file again and applies the difference. On problems nothing changes. */
  reload(): Promise<
    | { readonly ok: true; readonly diff: ConfigDiff; readonly generation: number }
    | { readonly ok: false; readonly problems: readonly ConfigProblem[] }
  >;
  /** Compares this text with the running configuration. */
  diff(
    text: string,
    fileName: string,
  ):
    | { readonly ok: true; readonly diff: ConfigDiff }
    | { readonly ok: false; readonly problems: readonly ConfigProblem[] };
  /** The running configuration as YAML, without secrets. */
  show(): string;
  /** One tenant, as an entry of `tenants`; `undefined` when there is none with this key. */
  showTenant(key: string): string | undefined;
  /** Adds a tenant (the text is an entry of `tenants`) until it is removed or the daemon ends. */
  addTenant(text: string, fileName: string): Promise<TenantChange>;
  /** Adds it, or replaces one that was added at run time. The text must be of this key. */
  putTenant(key: string, text: string, fileName: string): Promise<TenantChange>;
  /** Only one that was added at run time: the others are the file's. */
  removeTenant(key: string): Promise<TenantChange>;
  readonly generation: number;
  /** When the last reload succeeded or failed, and why. */
  lastReload():
    | { readonly at: number; readonly ok: boolean; readonly problems: readonly ConfigProblem[] }
    | undefined;
}
