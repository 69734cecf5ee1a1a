/** Rules for the file as a whole: each instance by itself, the instances against each other, and the API. */
import { checkInstance } from './check-instance.ts';
import { checkTenants } from './check-tenants.ts';
import type { MachineFacts } from './configuration.ts';
import type { Findings } from './findings.ts';
import { indexed } from './lists.ts';
import type { ConfigFile } from './schema.ts';
import { defaultScope, tenantScope } from './scope.ts';
import type { Loose } from './walk.ts';

type LooseFile = Loose<ConfigFile>;

export function checkFile(file: LooseFile, findings: Findings, facts: MachineFacts): void {
  checkDefaultInstance(file, findings);
  checkInstance(defaultScope(file), findings, facts);
  for (const [i, tenant] of indexed(file.tenants)) {
    checkInstance(tenantScope(tenant, ['tenants', i]), findings, facts);
  }
  checkTenants(file, findings, facts);
  checkApi(file, findings);
  checkController(file, findings);
}

const listKeys = ['peerGroups', 'peers', 'dynamicPeers', 'networks', 'policies'] as const;

/** A daemon of tenants, or of a controller, alone needs no router; what belongs to it does. */
function checkDefaultInstance(file: LooseFile, findings: Findings): void {
  if (file.router || findings.isBroken(['router'])) return;
  const alone = file.tenants?.length || file.controller || findings.isBroken(['controller']);
  if (!alone && !findings.isBroken(['tenants'])) {
    findings.problem(['router'], 'this key is missing', 'missing');
    return;
  }
  for (const key of listKeys) {
    if (file[key]) findings.problem([key], 'these belong to router, which is missing', 'missing', 'key');
  }
}

function checkController({ controller }: LooseFile, findings: Findings): void {
  if (!controller) return;
  if (controller.endpoints?.length === 0)
    findings.problem(['controller', 'endpoints'], 'at least one endpoint is needed');
  for (const [i, url] of indexed(controller.endpoints)) {
    if (!url.startsWith('http:') || isLoopback(new URL(url).hostname)) continue;
    findings.warn(['controller', 'endpoints', i], 'token and state go there unencrypted');
  }
  const vlans = new Set<number>();
  for (const [i, { vlan }] of indexed(controller.interfaces)) {
    if (vlan === undefined) continue;
    if (vlans.has(vlan))
      findings.problem(['controller', 'interfaces', i, 'vlan'], `${vlan} was given before`);
    vlans.add(vlan);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

function checkApi({ api, tenants }: LooseFile, findings: Findings): void {
  const tcp = api?.tcp;
  if (!tcp) return;
  const path = ['api', 'tcp'];
  const { listen } = tcp;
  const loopback = listen?.address?.bytes[0] === 127 || listen?.address?.toString() === '::1';
  if (listen && !loopback)
    findings.warn([...path, 'listen'], 'the API can be reached from other machines, unencrypted');
  const tokensKnown = !findings.isBroken([...path, 'tokenFile']) && !findings.isBroken([...path, 'tokens']);
  if (tcp.tokenFile === undefined && !tcp.tokens?.length && tokensKnown) {
    findings.problem(
      [...path, 'tokenFile'],
      'this key is missing: a token is needed, here or in tokens',
      'missing',
    );
  }
  const names = [...indexed(tenants)].map(([, { name }]) => name);
  for (const [i, { tenant }] of indexed(tcp.tokens)) {
    if (tenant === undefined || names.includes(tenant.split('/')[0])) continue;
    findings.warn(
      [...path, 'tokens', i, 'tenant'],
      `no tenant of this file is called ${JSON.stringify(tenant)}`,
    );
  }
}
