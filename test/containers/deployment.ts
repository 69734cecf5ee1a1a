/**
 * Reads compose.yaml and the containerlab topology into what podman is told, so that the files people run and the test
 * cannot diverge: a key that is not translated here is an error, never ignored.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { repository } from '../interop/harness/command.ts';

export interface Service {
  readonly name: string;
  readonly image: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Options of `podman run`, apart from name and network. */
  readonly options: readonly string[];
}

export interface Deployment {
  readonly subnets: readonly string[];
  readonly services: readonly Service[];
}

/** What an image of compose.yaml is built from. */
export interface ImageSource {
  readonly image: string;
  readonly context: string;
  readonly dockerfile: string;
}

export const deployDirectory = join(repository, 'deploy');

interface ComposeService {
  readonly image: string;
  readonly hostname: string;
  readonly build: { readonly context: string; readonly dockerfile?: string };
  readonly volumes?: readonly string[];
  readonly networks: { readonly bgp: { readonly ipv4_address: string; readonly ipv6_address: string } };
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
}

interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: {
    readonly bgp: {
      readonly enable_ipv6: boolean;
      readonly ipam: { readonly config: readonly { readonly subnet: string }[] };
    };
  };
}

interface ClabNode {
  readonly kind: string;
  readonly image: string;
  readonly binds: readonly string[];
  readonly 'mgmt-ipv4': string;
  readonly 'mgmt-ipv6': string;
}

interface ClabFile {
  readonly name: string;
  readonly mgmt: {
    readonly network: string;
    readonly 'ipv4-subnet': string;
    readonly 'ipv6-subnet': string;
  };
  readonly topology: { readonly nodes: Readonly<Record<string, ClabNode>> };
}

const serviceKeys =
  'image hostname build volumes networks sysctls cap_drop cap_add security_opt restart'.split(' ');
const nodeKeys = 'kind image binds mgmt-ipv4 mgmt-ipv6'.split(' ');

/** `directory` has compose.yaml and what it mounts: deploy/ or a copy of it. */
export function readCompose(directory: string): Deployment {
  const file = composeFile(directory);
  const services = Object.entries(file.services).map(([name, service]): Service => {
    onlyKeys(service, serviceKeys, `services.${name}`);
    onlyKeys(service.networks, ['bgp'], `services.${name}.networks`);
    const { ipv4_address: ipv4, ipv6_address: ipv6 } = service.networks.bgp;
    return { name, image: service.image, ipv4, ipv6, options: composeOptions(service, directory) };
  });
  return { subnets: file.networks.bgp.ipam.config.map(({ subnet }) => subnet), services };
}

/** The images compose.yaml builds, always from the repository's own sources. */
export const imageSources = (): readonly ImageSource[] =>
  Object.values(composeFile(deployDirectory).services).map(({ image, build }) => {
    const context = resolve(deployDirectory, build.context);
    return { image, context, dockerfile: join(context, build.dockerfile ?? 'Dockerfile') };
  });

/** `directory` has heliograph.clab.yml and what it binds. */
export function readContainerlab(directory: string): Deployment {
  const file: ClabFile = parse(readFileSync(join(directory, 'heliograph.clab.yml'), 'utf8'));
  onlyKeys(file, ['name', 'mgmt', 'topology'], 'topology file');
  onlyKeys(file.topology, ['nodes'], 'topology');
  const services = Object.entries(file.topology.nodes).map(([name, node]): Service => {
    onlyKeys(node, nodeKeys, `nodes.${name}`);
    if (node.kind !== 'linux') throw new Error(`nodes.${name}.kind: ${node.kind}`);
    const options = ['--hostname', name, ...mounts(node.binds, directory), ...asContainerlab];
    return { name, image: node.image, ipv4: node['mgmt-ipv4'], ipv6: node['mgmt-ipv6'], options };
  });
  return { subnets: [file.mgmt['ipv4-subnet'], file.mgmt['ipv6-subnet']], services };
}

/** Containerlab's nodes are privileged, and Docker opens the low ports to every user; this is the part we need. */
const asContainerlab = [
  ...['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN'].flatMap((name) => ['--cap-add', name]),
  ...['--sysctl', 'net.ipv4.ip_unprivileged_port_start=0'],
];

function composeFile(directory: string): ComposeFile {
  const file: ComposeFile = parse(readFileSync(join(directory, 'compose.yaml'), 'utf8'));
  onlyKeys(file, ['name', 'services', 'networks'], 'compose.yaml');
  onlyKeys(file.networks, ['bgp'], 'networks');
  return file;
}

function composeOptions(service: ComposeService, directory: string): string[] {
  const each = (option: string, values: readonly string[] | undefined): string[] =>
    (values ?? []).flatMap((value) => [option, value]);
  const sysctls = Object.entries(service.sysctls ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    ...['--hostname', service.hostname],
    ...mounts(service.volumes ?? [], directory),
    ...each('--sysctl', sysctls),
    ...each('--cap-drop', service.cap_drop),
    ...each('--cap-add', service.cap_add),
    ...each(
      '--security-opt',
      service.security_opt?.map((option) => option.replace(/:true$/, '')),
    ),
    ...each('--restart', service.restart === undefined ? [] : [service.restart]),
  ];
}

const mounts = (binds: readonly string[], directory: string): string[] =>
  binds.flatMap((bind) => {
    const [source, ...rest] = bind.split(':');
    return ['--volume', [resolve(directory, source), ...rest].join(':')];
  });

function onlyKeys(value: object, allowed: readonly string[], where: string): void {
  const unknown = Object.keys(value).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) throw new Error(`${where}: the test does not translate ${unknown.join(', ')}`);
}
