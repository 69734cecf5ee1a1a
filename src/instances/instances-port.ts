/** The instances as the management API sees them: who there is, and one stream of the events of all. */
import type { InstanceEvent, InstanceInfo, InstancesPort } from '../api/ports.ts';
import { formatUint32 } from '../net/ip-address.ts';
import type { InstanceSettings, Place } from '../speaker/settings.ts';
import type { ManagementPort } from '../speaker/views.ts';
import type { InstanceSet } from './instance-set.ts';

type Listener = Parameters<InstancesPort['subscribe']>[1];

export class Instances implements InstancesPort {
  readonly #set: InstanceSet;
  readonly #sourceOf: (key: string) => InstanceInfo['source'];
  readonly #listeners = new Set<{ readonly routes: boolean; readonly listener: Listener }>();

  constructor(set: InstanceSet, sourceOf: (key: string) => InstanceInfo['source']) {
    this.#set = set;
    this.#sourceOf = sourceOf;
  }

  list(): readonly InstanceInfo[] {
    return this.#set.list().map((settings) => this.#info(settings));
  }

  now(): number {
    return performance.now();
  }

  management(key: string): ManagementPort | undefined {
    return this.#set.management(key);
  }

  subscribe(options: { readonly routes: boolean }, listener: Listener): () => void {
    const entry = { routes: options.routes, listener };
    this.#listeners.add(entry);
    this.#watchRoutes();
    return () => {
      this.#listeners.delete(entry);
      this.#watchRoutes();
    };
  }

  /** Tells everybody who listens. */
  publish(event: InstanceEvent, { tenant, slot }: InstanceSettings): void {
    for (const { routes, listener } of this.#listeners) {
      if (routes || event.type !== 'route') listener(event, { tenant, slot });
    }
  }

  #watchRoutes(): void {
    this.#set.watchRoutes([...this.#listeners].some(({ routes }) => routes));
  }

  #info(settings: InstanceSettings): InstanceInfo {
    const { name, tenant, slot, place, router, limits } = settings;
    return {
      key: name,
      tenant,
      slot,
      place: placeText(place),
      source: this.#sourceOf(name),
      asn: router.asn,
      routerId: formatUint32(router.routerId),
      trouble: this.#set.trouble(name),
      limits,
    };
  }
}

function placeText(place: Place): string {
  return place.type === 'host' ? 'host' : `${place.type} ${place.name}`;
}
