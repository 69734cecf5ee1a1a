/** A speaker as a station session sees it. */
import type { Speaker } from '../speaker/speaker.ts';
import type { MonitoredInstance } from './view-table.ts';

export function monitoredSpeaker({ instance, directory, monitoring }: Speaker): MonitoredInstance {
  return {
    tables: instance.tables,
    families: instance.families,
    sessions: () => directory.all().flatMap(({ record }) => record.current ?? []),
    watchSessions: (watcher) => monitoring.watch(watcher),
    watchRoutes: (listener) => instance.watchRoutes(listener),
    watchBest: (listener) => instance.watchBest(listener),
  };
}
