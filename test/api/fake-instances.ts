/** Instances over fake speakers: the default one, unless others are named. */
import type { InstanceEvent, InstanceIdentity, InstanceInfo, InstancesPort } from '../../src/api/ports.ts';
import type { ManagementPort, SpeakerEvent } from '../../src/speaker/views.ts';
import { status } from './fake-ports.ts';

export function instanceInfo(key: string): InstanceInfo {
  const [tenant, slot = 'main'] = key.split('/');
  return {
    key,
    tenant,
    slot,
    place: key === 'default' ? 'host' : `netns ${tenant}`,
    source: 'configuration',
    asn: 65000,
    routerId: '10.0.0.1',
    trouble: undefined,
    limits: { routes: undefined, peers: undefined, updatesPerSecond: undefined },
  };
}

export class FakeInstances implements InstancesPort {
  readonly ports = new Map<string, ManagementPort>();
  /** These are being built anew. */
  readonly down = new Set<string>();

  constructor(ports: Readonly<Record<string, ManagementPort>>) {
    for (const [key, port] of Object.entries(ports)) this.ports.set(key, port);
  }

  list(): readonly InstanceInfo[] {
    return [...this.ports.keys()].map((key) =>
      this.down.has(key) ? { ...instanceInfo(key), trouble: 'internal error' } : instanceInfo(key),
    );
  }

  management(key: string): ManagementPort | undefined {
    return this.down.has(key) ? undefined : this.ports.get(key);
  }

  now(): number {
    return status.now;
  }

  subscribe(
    options: { readonly routes: boolean },
    listener: (event: InstanceEvent, of: InstanceIdentity) => void,
  ): () => void {
    const stops = [...this.ports].map(([key, port]) => {
      const { tenant, slot } = instanceInfo(key);
      return port.subscribe(options, (event: SpeakerEvent) => listener(event, { tenant, slot }));
    });
    return () => {
      for (const stop of stops) stop();
    };
  }
}
