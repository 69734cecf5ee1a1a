/** What a BgpPeer and its policies become in heliod's configuration, and what becomes of a session without its key. */
import { describe, expect, it } from 'vitest';
import { instanceDocument } from '../../src/agent/instance-document.ts';
import { withoutMissingKeys } from '../../src/agent/keys.ts';
import { loadTenant } from '../../src/config/load-tenant.ts';
import type { DesiredTenant } from '../../src/controller/desired.ts';

const site = { tenant: 'contoso', asn: 65001, connection: 'c1' };
const tenant: DesiredTenant = {
  tenant: 'contoso',
  slot: 'pool-1',
  epoch: 2,
  routingDomain: 'contoso',
  asn: 64512,
  address: '10.1.254.1',
  routerId: '10.1.254.1',
  reflector: {
    address: '10.1.255.1',
    routerId: '10.1.255.1',
    clusterId: 1,
    clients: ['10.1.254.2'],
    peers: [
      { ...site, name: 'berlin', address: '172.16.1.2', passwordRef: 'berlin', policyIn: 'edge' },
      { ...site, name: 'oslo', address: '172.16.2.2', policyOut: 'edge', multihopTtl: 8 },
    ],
    ownPrefixes: ['10.1.255.1/32', '10.1.254.0/24'],
    policies: [{ name: 'edge', rules: [{ match: { prefixes: ['10.0.0.0/8 orlonger'] }, action: 'deny' }] }],
  },
  connections: [],
};
const document = instanceDocument(tenant, 'g+pool-1+contoso', '/keys');
const load = ({ configuration }: typeof document) =>
  loadTenant(JSON.stringify(configuration), 'tenant', { hostName: 'gateway' }, []);

describe('the document of an instance', () => {
  it('gives peers their policies, keys and TTL', () => {
    const loaded = load(document);
    if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join('; '));
    const { peers, policies } = loaded.settings;
    const [berlin, oslo, client] = peers;
    expect(berlin).toMatchObject({
      importPolicy: 'import.edge',
      exportPolicy: 'accept-all',
      transport: { md5KeyFile: '/keys/berlin', ttl: undefined },
    });
    expect(oslo).toMatchObject({
      importPolicy: 'import.sites',
      exportPolicy: 'edge',
      transport: { md5KeyFile: undefined, ttl: 8 },
    });
    expect(client?.transport.md5KeyFile).toBeUndefined();
    const guard = { name: 'not-of-the-gateways' };
    expect(policies).toMatchObject([
      { name: 'import.edge', default: 'accept', terms: [guard, { name: 'term-2' }] },
      { name: 'import.sites', default: 'accept', terms: [guard] },
      { name: 'edge', default: 'accept', terms: [{ name: 'term-1' }] },
    ]);
  });

  it('keeps a session down whose key is missing, and leaves the others alone', () => {
    const asked: string[] = [];
    const kept = withoutMissingKeys(document, (path) => {
      asked.push(path);
      return `${path} is not there`;
    });
    expect(asked).toEqual(['/keys/berlin']);
    expect(kept.problems).toEqual(['the session with 172.16.1.2 stays down: /keys/berlin is not there']);
    const loaded = load(kept.document);
    if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join('; '));
    const [berlin, oslo] = loaded.settings.peers;
    expect(berlin?.shutdown).toBeDefined();
    expect(berlin?.transport.md5KeyFile).toBeUndefined();
    expect(oslo?.shutdown).toBeUndefined();
  });

  it('is the same when all keys are there', () => {
    expect(withoutMissingKeys(document, () => undefined)).toEqual({ document, problems: [] });
  });
});
