/** Documents of a YAML text (JSON is YAML): what each says it is, before anybody checks it. */
import { parseAllDocuments } from 'yaml';

export interface ObjectDocument {
  /** `document 2`. */
  readonly where: string;
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
}

export function parseDocuments(text: string): {
  readonly documents: readonly ObjectDocument[];
  readonly mistakes: readonly string[];
} {
  const parsed = parseAllDocuments(text, { maxAliasCount: 100 } as object);
  const mistakes: string[] = [];
  const documents: ObjectDocument[] = [];
  for (const [i, document] of (Array.isArray(parsed) ? parsed : []).entries()) {
    const where = `document ${i + 1}`;
    mistakes.push(...document.errors.map(({ message }) => `${where}: ${message.split('\n')[0]}`));
    if (document.errors.length > 0) continue;
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null) continue;
    const { kind, name, metadata, spec, ...rest } = value as Record<string, unknown>;
    const named = name ?? (metadata as { name?: unknown } | undefined)?.name;
    const unknown = Object.keys(rest).filter((key) => key !== 'apiVersion');
    mistakes.push(...unknown.map((key) => `${where}: ${key} is no field of a document`));
    documents.push({ where, kind: String(kind), name: String(named ?? ''), spec });
  }
  return { documents, mistakes };
}
