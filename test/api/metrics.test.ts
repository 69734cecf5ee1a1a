import { describe, expect, it } from 'vitest';
import { peer } from './fake-ports.ts';
import { runningApi } from './running-api.ts';

/** The samples by name and labels. */
function parse(text: string): Map<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const own = (text: string) => new Map([...parse(text)].filter(([name]) => /^(bgp|heliod)_/.test(name)));

describe('metrics', () => {
  it('say what the views say', async () => {
    const { client, speaker } = await runningApi();
    const at = {
      type: 'notification-sent',
      at: 1,
      peer: '10.0.0.2',
      subcode: 2,
      text: '',
      data: '',
    } as const;
    for (const code of [6, 6, 4]) speaker.emit({ ...at, code });
    speaker.emit({
      type: 'peer-state',
      at: 1,
      peer: '10.0.0.2',
      from: 'idle',
      to: 'connect',
      reason: undefined,
    });
    speaker.emit({
      type: 'malformed-update',
      at: 1,
      peer: '10.0.0.2',
      action: 'session-reset',
      detail: '',
      bytes: '',
    });
    const before = Date.now() / 1000;
    const samples = own(await client.getText('/metrics'));
    const here = 'tenant="default",slot="main",peer="10.0.0.2"';
    const family = `${here},family="ipv4-unicast"`;
    const expected: [string, number][] = [
      [`bgp_peer_up{${here},remote_as="65000"}`, 1],
      ['bgp_peer_up{tenant="default",slot="main",peer="2001:db8::2",remote_as="65000"}', 0],
      [`bgp_peer_state{${here}}`, 6],
      ['bgp_peer_state{tenant="default",slot="main",peer="2001:db8::2"}', 3],
      ['bgp_peer_lagging{tenant="default",slot="main",peer="2001:db8::2"}', 1],
      [`bgp_peer_prefixes{${family},stage="received"}`, 10],
      [`bgp_peer_prefixes{${family},stage="advertised"}`, 7],
      [`bgp_messages_total{${here},direction="sent",type="routeRefresh"}`, 5],
      [`bgp_notifications_total{${here},direction="sent",code="6"}`, 2],
      [`bgp_notifications_total{${here},direction="sent",code="4"}`, 1],
      [`bgp_peer_transitions_total{${here},to="connect"}`, 1],
      [`bgp_malformed_updates_total{${here},action="session-reset"}`, 1],
      ['bgp_rib_routes{tenant="default",slot="main",family="ipv4-unicast"}', 8],
      ['bgp_rib_paths{tenant="default",slot="main",family="ipv4-unicast"}', 9],
      ['bgp_rib_bytes{tenant="default",slot="main"}', 65536],
      ['heliod_config_generation', 1],
      ['heliod_config_last_reload_success', 1],
      [`heliod_build_info{version="0.0.0",node="${process.version}"}`, 1],
    ];
    for (const [name, value] of expected) expect([name, samples.get(name)]).toEqual([name, value]);
    // Established a second before `now` of the status.
    const established = samples.get(`bgp_peer_established_timestamp_seconds{${here}}`);
    expect(established).toBeGreaterThanOrEqual(before - 1.001);
    expect(established).toBeLessThanOrEqual(Date.now() / 1000 - 0.999);
  });

  it('forget peers that are gone, and do not count twice', async () => {
    const { client, speaker, config } = await runningApi();
    speaker.emit({
      type: 'peer-state',
      at: 1,
      peer: '10.0.0.2',
      from: 'idle',
      to: 'connect',
      reason: undefined,
    });
    const first = own(await client.getText('/metrics'));
    const second = own(await client.getText('/metrics'));
    const stable = (samples: Map<string, number>) =>
      [...samples].filter(([name]) => !name.includes('timestamp'));
    expect(stable(second)).toEqual(stable(first));
    speaker.list = [];
    speaker.emit({ type: 'peer-removed', at: 2, peer: peer.address, dynamic: true });
    config.bad = true;
    const last = own(await client.getText('/metrics'));
    expect([...last.keys()].filter((name) => name.includes('peer='))).toEqual([]);
    expect(last.get('heliod_config_last_reload_success')).toBe(0);
  });

  it('have those of the process too', async () => {
    const { client } = await runningApi();
    expect(await client.getText('/metrics')).toContain('nodejs_eventloop_lag_seconds');
  });
});
