/**
 * Reads and changes the routes of one place through `ip`: the namespace of the process, a named one, or a device, whose
 * VRF table counts where it is a VRF device. Hands routes on as they come; keeps none, and knows no BGP.
 */
import type { CommandEnd } from '../../fib/batch.ts';
import { RouteReader } from '../../fib/parse-routes.ts';
import { type KernelRoute, RouteTable } from '../../fib/route.ts';
import type { Place } from '../../speaker/settings.ts';
import { type RunIp, runIp } from './ip-command.ts';

/** Which tables a place has its routes in. */
export interface PlaceTables {
  /** Where routes belong unless the operator says otherwise. */
  readonly own: number;
  /** Routes of the main table count only through these devices; `undefined`: all of them do. */
  readonly mainDevices: ReadonlySet<string> | undefined;
}

interface JsonLink {
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly table?: number } };
}

export class PlaceReader {
  readonly #place: Place;
  readonly #run: RunIp;

  constructor(place: Place, run: RunIp = runIp) {
    this.#place = place;
    this.#run = run;
  }

  get namespace(): string | undefined {
    return this.#place.type === 'netns' ? this.#place.name : undefined;
  }

  /** Throws, in words, when the device is not there. */
  async tables(): Promise<PlaceTables> {
    if (this.#place.type !== 'device') return { own: RouteTable.main, mainDevices: undefined };
    const { name } = this.#place;
    const [link]: JsonLink[] = JSON.parse(await this.#text(['-d', '-j', 'link', 'show', 'dev', name]));
    const table = link?.linkinfo?.info_kind === 'vrf' ? link.linkinfo.info_data?.table : undefined;
    return table === undefined
      ? { own: RouteTable.main, mainDevices: new Set([name]) }
      : { own: table, mainDevices: new Set() };
  }

  /** Every route of every table. Throws, in words, when the place is not there or the reading was cut short. */
  async routes(onRoute: (route: KernelRoute) => void): Promise<void> {
    const reader = new RouteReader(onRoute);
    const args = ['-N', '-j', 'route', 'show', 'table', 'all'];
    const end = await this.#run({
      args,
      namespace: this.namespace,
      onOutput: (text) => reader.push(text),
    });
    reader.end();
    complain(args, end);
    if (reader.malformed > 0) throw new Error('ip printed routes that are no JSON');
  }

  change(lines: readonly string[]): Promise<CommandEnd> {
    const input = `${lines.join('\n')}\n`;
    return this.#run({ args: ['-force', '-batch', '-'], namespace: this.namespace, input });
  }

  async #text(args: readonly string[]): Promise<string> {
    let text = '';
    const onOutput = (part: string) => {
      text += part;
    };
    complain(args, await this.#run({ args, namespace: this.namespace, onOutput }));
    return text;
  }
}

function complain(args: readonly string[], { code, stderr, problem }: CommandEnd): void {
  if (problem === undefined && code === 0) return;
  throw new Error(problem ?? (stderr.trim() || `ip ${args.join(' ')} ended with ${code ?? 'a signal'}`));
}
