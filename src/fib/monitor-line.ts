/**
 * Lines of `ip monitor all-nsid link address route`, which are text whatever is asked for (its -j prints text too).
 * Only what tells whether something must be read again is understood: whose namespace, what kind, and of routes the
 * protocol and whether it went. Device names in other namespaces are wrong in this output, so none is looked at.
 */

export interface MonitorEvent {
  /** Namespace id; `current` is the watcher's own. `undefined` where one namespace alone is watched. */
  readonly namespace: number | 'current' | undefined;
  readonly kind: 'link' | 'address' | 'route';
  readonly deleted: boolean;
  /** Of an address: the number of its interface, and itself with its length. */
  readonly address?: string;
  /** Of a route. */
  readonly destination: string | undefined;
  readonly protocol: string | undefined;
  readonly metric: number | undefined;
}

const label = /^\[nsid (\d+|current|unknown)\]/;

/** A route of BGP that was added: 50,000 such lines tell us what we did ourselves. */
export function isBgpAddition(line: string): boolean {
  return line.includes(' proto bgp ') && !line.includes('Deleted ');
}

/** `undefined` for a line that continues the one before it. */
export function parseMonitorLine(line: string): MonitorEvent | undefined {
  const labelled = label.exec(line);
  let rest = labelled ? line.slice(labelled[0].length) : line;
  if (rest === '' || rest.startsWith(' ') || rest.startsWith('\t')) return undefined;
  const deleted = rest.startsWith('Deleted ');
  if (deleted) rest = rest.slice('Deleted '.length);
  const namespace = namespaceOf(labelled?.[1]);
  const kind = kindOf(rest);
  if (kind !== 'route') {
    const noRoute = { destination: undefined, protocol: undefined, metric: undefined };
    const address = addressOf(rest);
    return { namespace, kind, deleted, ...noRoute, ...(address === undefined ? {} : { address }) };
  }
  const metric = / metric (\d+)/.exec(rest)?.[1];
  return {
    namespace,
    kind,
    deleted,
    destination: destinationOf(rest),
    protocol: / proto (\S+)/.exec(rest)?.[1],
    metric: metric === undefined ? undefined : Number(metric),
  };
}

function namespaceOf(text: string | undefined): MonitorEvent['namespace'] {
  if (text === undefined || text === 'current') return text;
  const id = Number(text);
  return Number.isNaN(id) ? undefined : id;
}

/** Links and addresses begin with the number of the interface: `2: eth0: <UP>`, `2: eth0    inet 10.0.0.1/24`. */
function kindOf(text: string): MonitorEvent['kind'] {
  if (!/^\d+: /.test(text)) return 'route';
  return / inet6? /.test(text) ? 'address' : 'link';
}

function addressOf(text: string): string | undefined {
  const [, index, address] = /^(\d+): \S+ +(inet6? \S+)/.exec(text) ?? [];
  return index === undefined ? undefined : `${index} ${address}`;
}

/**
 * Tells new addresses from those whose lifetime alone changed: a lease is renewed every second, and nothing has to be
 * read again for it. Grows with the addresses that are there.
 */
export class KnownAddresses {
  readonly #known = new Set<string>();

  /** False for an address that was there before. */
  isNews({ kind, namespace, address, deleted }: MonitorEvent): boolean {
    if (kind !== 'address' || address === undefined) return true;
    const key = `${namespace} ${address}`;
    const isNews = deleted || !this.#known.has(key);
    if (deleted) this.#known.delete(key);
    else this.#known.add(key);
    return isNews;
  }

  /** Events were lost. */
  forget(): void {
    this.#known.clear();
  }
}

/** After the type, which unicast routes do not have. */
function destinationOf(text: string): string | undefined {
  return /^(?:[a-z]+ (?=[0-9a-f.:]+[/ ]|default ))?(\S+)/.exec(text)?.[1];
}
