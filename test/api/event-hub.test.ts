import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHub, type HubEntry, type Topic } from '../../src/api/event-hub.ts';
import type { SpeakerEvent } from '../../src/speaker/views.ts';
import { FakeInstances } from './fake-instances.ts';
import { FakeManagement } from './fake-ports.ts';

function stateEvent(at: number): SpeakerEvent {
  return { type: 'peer-state', at, peer: '10.0.0.2', from: 'idle', to: 'connect', reason: undefined };
}

function routeEvent(at: number): SpeakerEvent {
  return { type: 'route', at, family: 'ipv4-unicast', prefix: '10.0.0.0/8', route: undefined };
}

function configurationEvent(at: number): SpeakerEvent {
  return { type: 'configuration', at, summary: 'changed' };
}

/** A watcher that keeps what it got: the times of events, `overflow` for that. */
function recorder(...topics: Topic[]) {
  const got: (number | 'overflow')[] = [];
  const ids: string[] = [];
  const deliver = ({ event, id }: HubEntry): void => {
    got.push(event.type === 'overflow' ? 'overflow' : event.at);
    ids.push(id);
  };
  return { got, ids, watcher: { topics: new Set(topics), deliver } };
}

describe('topics', () => {
  it.each<[Topic[], number[]]>([
    [['peers'], [1]],
    [['events'], [1, 3]],
    [['routes'], [2]],
    [
      ['peers', 'routes'],
      [1, 2],
    ],
    [
      ['peers', 'events'],
      [1, 3],
    ],
  ])('%j', (topics, expected) => {
    const port = new FakeManagement();
    const hub = new EventHub(new FakeInstances({ default: port }), 'e');
    const { watcher, got } = recorder(...topics);
    hub.watch(watcher, undefined);
    for (const event of [stateEvent(1), routeEvent(2), configurationEvent(3)]) port.emit(event);
    expect(got).toEqual(expected);
  });

  it('route events are asked of the speaker only while somebody watches routes', () => {
    const port = new FakeManagement();
    const hub = new EventHub(new FakeInstances({ default: port }), 'e');
    const stopPeers = hub.watch(recorder('peers').watcher, undefined);
    expect(port.routeListeners).toBe(0);
    const stopA = hub.watch(recorder('routes').watcher, undefined);
    const stopB = hub.watch(recorder('routes').watcher, undefined);
    expect([port.routeListeners, port.listeners]).toEqual([1, 1]);
    stopA();
    expect(port.routeListeners).toBe(1);
    stopB();
    stopPeers();
    expect([port.routeListeners, port.listeners]).toEqual([0, 1]);
    hub.close();
    expect(port.listeners).toBe(0);
  });
});

describe('the wall clock', () => {
  it('is that of the moment it happened, for those who come back too', () => {
    const port = new FakeManagement();
    let now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const hub = new EventHub(new FakeInstances({ default: port }), 'e', 1, () => now);
    const texts: string[] = [];
    const watcher = { topics: new Set<Topic>(['events']), deliver: ({ text }: HubEntry) => texts.push(text) };
    port.emit(stateEvent(1));
    port.emit(configurationEvent(2));
    now += 60_000;
    hub.watch(watcher, 'e.0')();
    hub.watch(watcher, 'e.-1');
    expect(texts.map((text) => JSON.parse(text))).toEqual([
      { ...configurationEvent(2), tenant: 'default', slot: 'main', time: '2026-01-02T03:04:05.678Z' },
      { type: 'overflow', detail: expect.any(String), time: '2026-01-02T03:05:05.678Z' },
    ]);
  });
});

describe('coming back', () => {
  it('gets exactly what was missed, or an overflow first', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.nat({ max: 20 }),
      fc.nat({ max: 20 }),
      (capacity, before, missed) => {
        const port = new FakeManagement();
        const hub = new EventHub(new FakeInstances({ default: port }), 'e', capacity);
        const first = recorder('events');
        const stop = hub.watch(first.watcher, undefined);
        for (let at = 0; at < before; at++) port.emit(stateEvent(at));
        stop();
        for (let at = before; at < before + missed; at++) port.emit(stateEvent(at));
        const again = recorder('events');
        hub.watch(again.watcher, first.ids.at(-1) ?? 'e.-1');
        port.emit(stateEvent(99));
        const all = Array.from({ length: missed }, (_, i) => before + i);
        expect(again.got).toEqual(missed <= capacity ? [...all, 99] : ['overflow', 99]);
      },
    );
    fc.assert(property);
  });

  it.each(['other.1', 'e.7', 'nonsense', '', 'e.1e3', 'e.-2'])('with the id %j it gets an overflow', (id) => {
    const port = new FakeManagement();
    const hub = new EventHub(new FakeInstances({ default: port }), 'e');
    for (let at = 0; at < 5; at++) port.emit(stateEvent(at));
    const { watcher, got } = recorder('events');
    hub.watch(watcher, id);
    expect(got).toEqual(['overflow']);
  });

  it('for routes after nobody watched them it gets an overflow: some were never made', () => {
    const port = new FakeManagement();
    const hub = new EventHub(new FakeInstances({ default: port }), 'e');
    const first = recorder('routes');
    const stop = hub.watch(first.watcher, undefined);
    port.emit(routeEvent(1));
    stop();
    port.emit(routeEvent(2));
    const again = recorder('routes');
    hub.watch(again.watcher, first.ids[0]);
    expect(again.got).toEqual(['overflow']);
    port.emit(routeEvent(3));
    expect(again.got).toEqual(['overflow', 3]);
  });

  it('for routes while another watched them gets them all', () => {
    const port = new FakeManagement();
    const hub = new EventHub(new FakeInstances({ default: port }), 'e');
    hub.watch(recorder('routes').watcher, undefined);
    const first = recorder('routes');
    const stop = hub.watch(first.watcher, undefined);
    port.emit(routeEvent(1));
    stop();
    port.emit(routeEvent(2));
    const again = recorder('routes');
    hub.watch(again.watcher, first.ids[0]);
    expect(again.got).toEqual([2]);
  });
});
