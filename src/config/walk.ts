/**
 * Reads plain data with a zod schema and keeps going: each bad leaf is reported by its path and left out,
 * everything else comes back typed. zod's own `parse` yields nothing at all after the first issue; the rules
 * that look at several keys (`check.ts`) need what is good in spite of what is bad.
 */
import { z } from 'zod';
import type { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { ListenAddress } from '../speaker/settings.ts';
import type { FindingKind, Findings, Path } from './findings.ts';
import { shown } from './scalars.ts';
import { didYouMean, nearest } from './suggest.ts';

/** What is left of a `T` when bad values are taken out: any key may be absent, any list element too. */
export type Loose<T> = T extends string | number | boolean | IpAddress | Prefix | ListenAddress
  ? T
  : T extends readonly (infer E)[]
    ? readonly (Loose<E> | undefined)[]
    : T extends object
      ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
      : T;

export function readWith<S extends z.ZodType>(
  schema: S,
  data: unknown,
  findings: Findings,
): Loose<z.output<S>> | undefined {
  // The walk builds exactly what the schema says, less what it reported.
  return readValue(schema, data, [], findings) as Loose<z.output<S>> | undefined;
}

function readValue(schema: unknown, value: unknown, path: Path, findings: Findings): unknown {
  if (value === undefined && findings.isBroken(path)) return undefined;
  if (schema instanceof z.ZodOptional) {
    return value === undefined ? undefined : readValue(schema.unwrap(), value, path, findings);
  }
  if (schema instanceof z.ZodObject) return readObject(schema, value, path, findings);
  if (schema instanceof z.ZodArray) return readList(schema, value, path, findings);
  if (schema instanceof z.ZodUnion) return readUnion(schema, value, path, findings);
  return schema instanceof z.ZodType ? readLeaf(schema, value, path, findings) : undefined;
}

function readLeaf(schema: z.ZodType, value: unknown, path: Path, findings: Findings): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  findings.problem(path, result.error.issues[0].message, kindOf(value));
  return undefined;
}

/** Where nothing stands, a syntax error may have hidden it. */
function kindOf(value: unknown): FindingKind {
  return value === null || value === undefined ? 'missing' : 'value';
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readObject(schema: z.ZodObject, value: unknown, path: Path, findings: Findings): unknown {
  const known = Object.keys(schema.shape);
  if (!isMap(value)) {
    const message = `expected a map of keys (${listOf(known)}), not ${shown(value)}`;
    findings.problem(path, message, kindOf(value));
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) reportUnknown(key, value, known, path, findings);
  }
  const result: Record<string, unknown> = {};
  for (const key of known) {
    const member = schema.shape[key];
    const here = [...path, key];
    if (value[key] !== undefined) {
      const read = readValue(member, value[key], here, findings);
      if (read !== undefined) result[key] = read;
    } else if (!(member instanceof z.ZodOptional) && !findings.isBroken(here)) {
      findings.problem(here, 'this key is missing', 'missing');
    }
  }
  return result;
}

function reportUnknown(
  key: string,
  value: Record<string, unknown>,
  known: readonly string[],
  path: Path,
  findings: Findings,
): void {
  const hint = didYouMean(key, known) || `; the keys here are ${listOf(known)}`;
  findings.unknownKey([...path, key], `unknown key${hint}`);
  // What was meant is not missing, it is misspelt: no second report.
  const meant = nearest(key, known);
  if (meant !== undefined && value[meant] === undefined) findings.markBroken([...path, meant]);
}

function readList(schema: z.ZodArray, value: unknown, path: Path, findings: Findings): unknown {
  if (!Array.isArray(value)) {
    const scalar = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    const hint = /^[\w.:/-]+$/.test(scalar) ? `: write [${scalar}]` : '';
    findings.problem(path, `expected a list, not ${shown(value)}${hint}`, kindOf(value));
    return undefined;
  }
  return value.map((item, i) => readValue(schema.element, item, [...path, i], findings));
}

/** Unions here are scalars with at most one map, so the shape of the value tells which was meant. */
function readUnion(schema: z.ZodUnion, value: unknown, path: Path, findings: Findings): unknown {
  const map = schema.options.find((option) => option instanceof z.ZodObject);
  if (map && isMap(value)) return readObject(map, value, path, findings);
  return readLeaf(schema, value, path, findings);
}

function listOf(keys: readonly string[]): string {
  return keys.length > 8 ? `${keys.slice(0, 8).join(', ')} ...` : keys.join(', ');
}
