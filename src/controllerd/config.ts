/**
 * The configuration file of helio-controller: YAML, strict, every mistake at once with its line. Owns the defaults.
 */
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type ControllerGrant, roles } from './grants.ts';

const text = z.string().min(1);
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const token = z
  .strictObject({ file: text, role: z.enum(roles), tenant: text.optional(), gateway: text.optional() })
  .superRefine(({ role, tenant, gateway }, context) => {
    if ((role === 'tenant') !== (tenant !== undefined))
      context.addIssue({
        code: 'custom',
        path: ['tenant'],
        message: 'is for the role tenant, which needs it',
      });
    if (role !== 'agent' && gateway !== undefined)
      context.addIssue({ code: 'custom', path: ['gateway'], message: 'is for the role agent' });
  });

/** Names end up in commands. */
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}$/, 'is no name');
const place = { netns: word.optional(), interface: word };

const schema = z.strictObject({
  listen: z
    .strictObject({
      address: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(8180),
    })
    .prefault({}),
  store: z.strictObject({ directory: text }),
  tokens: z.array(token).min(1),
  appliers: z
    .strictObject({
      multiplexers: z.array(z.strictObject(place)).default([]),
      hosts: z.array(z.strictObject({ tenant: text, ...place })).default([]),
      json: z.array(text).default([]),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(logLevels).default('info') }).prefault({}),
});

export interface ControllerConfig {
  readonly listen: { readonly address: string; readonly port: number };
  readonly store: { readonly directory: string };
  readonly tokens: readonly ControllerGrant[];
  readonly appliers: {
    readonly multiplexers: readonly { readonly netns?: string; readonly interface: string }[];
    readonly hosts: readonly {
      readonly tenant: string;
      readonly netns?: string;
      readonly interface: string;
    }[];
    /** Paths of Unix sockets. */
    readonly json: readonly string[];
  };
  readonly log: { readonly level: (typeof logLevels)[number] };
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: ControllerConfig }
  /** Each ready to print: `file:line: path: message`. */
  | { readonly ok: false; readonly problems: readonly string[] };

export function loadConfig(source: string, fileName: string): LoadedConfig {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const at = (offset: number | undefined) =>
    offset === undefined ? fileName : `${fileName}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message.split('\n')[0]}`);
    return { ok: false, problems };
  }
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (parsed.success) return { ok: true, config: parsed.data as ControllerConfig };
  const problems = parsed.error.issues.map(({ path, message }) => {
    const node = path.length === 0 ? undefined : document.getIn(path as readonly (string | number)[], true);
    const range = (node as { range?: readonly number[] } | undefined)?.range;
    return `${at(range?.[0])}: ${path.join('.') || 'file'}: ${message}`;
  });
  return { ok: false, problems };
}
