/** How many bytes of JavaScript objects an action makes, those that are garbage again too. Typed arrays do not count. */
import { Session } from 'node:inspector';

interface ProfileNode {
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

/** Sampled, every 4 KiB or so: of much, a good estimate; of little, nothing. */
export function allocated(action: () => void): number {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.startSampling', {
    samplingInterval: 4096,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  action();
  let bytes = 0;
  session.post('HeapProfiler.stopSampling', (error, result) => {
    if (error) throw error;
    const walk = ({ selfSize, children }: ProfileNode): void => {
      bytes += selfSize;
      children.forEach(walk);
    };
    walk(result.profile.head);
  });
  session.disconnect();
  return bytes;
}
