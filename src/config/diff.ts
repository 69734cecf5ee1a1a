/**
 * What a reload would do, before it is done: the default instance, each tenant that comes, goes or changes with all its
 * sessions, and what stands around them.
 */
import type { InstanceSettings, Place } from '../speaker/settings.ts';
import { sameSettings } from '../speaker/settings-diff.ts';
import type { Configuration } from './configuration.ts';
import { tenantDefaults } from './defaults.ts';
import { type ConfigDiff, type DiffLine, diffSettings, paired, untouched } from './diff-settings.ts';

export type { ConfigDiff } from './diff-settings.ts';

export function diffConfigurations(old: Configuration, next: Configuration): ConfigDiff {
  const lines = [...diffInstances(old.instances, next.instances).lines];
  if (!sameSettings(old.controller, next.controller)) {
    const effect = 'counts when heliod is restarted';
    lines.push({ change: 'change', subject: 'controller', effect, details: [] });
  }
  if (!sameSettings(old.api, next.api)) {
    lines.push({ change: 'change', subject: 'api', effect: 'counts when heliod is restarted', details: [] });
  }
  if (!sameSettings(old.log, next.log)) {
    const details = [`level ${old.log.level} -> ${next.log.level}`];
    lines.push({ change: 'change', subject: 'log', effect: untouched, details });
  }
  return { lines };
}

/** Also what adding, changing or removing one tenant at run time does. */
export function diffInstances(
  old: readonly InstanceSettings[],
  next: readonly InstanceSettings[],
): ConfigDiff {
  return { lines: paired(old, next, ({ name }) => name).flatMap(instanceLines) };
}

function instanceLines([name, before, after]: [
  string,
  InstanceSettings | undefined,
  InstanceSettings | undefined,
]): DiffLine[] {
  const subject = name === tenantDefaults.routerName ? 'router' : `tenant ${name}`;
  if (before && after && sameSettings(before.place, after.place)) {
    const { lines } = diffSettings(before, after);
    return name === tenantDefaults.routerName ? [...lines] : lines.map((line) => below(subject, line));
  }
  const sessions = diffSettings(before && !after ? before : empty(after), after ?? empty(before)).lines;
  const line = headLine(subject, before, after);
  return [line, ...sessions.map((session) => below(subject, session))];
}

function headLine(subject: string, before?: InstanceSettings, after?: InstanceSettings): DiffLine {
  if (!after) return { change: 'remove', subject, effect: 'all its sessions end', details: [] };
  const { asn } = after.router;
  if (!before) {
    const details = [`asn ${asn}`, `sockets in ${placeText(after.place)}`];
    return { change: 'add', subject, effect: 'starts', details };
  }
  const details = [`place ${placeText(before.place)} -> ${placeText(after.place)}`];
  return { change: 'change', subject, effect: 'all its sessions end, and it starts anew', details };
}

/** The same instance before it had anything. */
function empty(settings: InstanceSettings | undefined): InstanceSettings {
  if (!settings) throw new Error('broken invariant: a pair without either side');
  return { ...settings, peers: [], dynamicPeers: [], networks: [], policies: [] };
}

function below(subject: string, line: DiffLine): DiffLine {
  return { ...line, subject: `${subject} ${line.subject}` };
}

function placeText(place: Place): string {
  return place.type === 'host' ? 'the network of the daemon' : `${place.type} ${place.name}`;
}
