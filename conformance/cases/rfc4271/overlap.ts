// RFC 4271 §9.1.4: a route and a more specific one inside it.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import { pathOf } from '../../engine/routes.ts';

/** The narrow prefix in the upper half of a wide one. */
const families = {
  v4: { family: 'v4', upper: (wide: string) => wide.replace('.0/24', '.128/25') },
  v6: { family: 'v6', upper: (wide: string) => wide.replace('::/48', ':8000::/49') },
} as const;

const wideFrom = { path: [65001, 64901] } as const;
const narrowFrom = { path: [65002, 64902] } as const;

async function overlap(t: Bench, { family, upper }: (typeof families)[keyof typeof families]): Promise<void> {
  const [e1, e2, c1, e3] = await t.peers('e1', 'e2', 'c1', 'e3');
  const wide = t.prefix(family);
  const narrow = upper(wide);
  const observers = [c1, e3];
  const holds = (prefix: string, tail: string) => {
    for (const observer of observers) {
      const path = pathOf(t.need(observer, prefix));
      t.check(path.endsWith(tail), `${prefix} by [... ${tail}]`, `[${path}]`);
    }
  };
  await t.seed(wide, e1, observers, wideFrom);
  await t.seed(narrow, e2, observers, narrowFrom);
  holds(wide, '65001 64901');
  holds(narrow, '65002 64902');
  e2.withdraw(narrow);
  for (const observer of observers) await observer.loses(narrow);
  await t.settle(e2, observers, family);
  holds(wide, '65001 64901');
  await t.seed(narrow, e2, observers, narrowFrom);
  e1.withdraw(wide);
  for (const observer of observers) await observer.loses(wide);
  await t.settle(e1, observers, family);
  holds(narrow, '65002 64902');
}

export const overlapCases: readonly Case[] = [
  {
    id: 'RFC4271-9.1.4-01',
    level: 'MUST',
    title: 'a wide prefix from e1 and a narrow one inside it from e2, each withdrawn while the other stays',
    expected: 'both are told with their own paths, and each goes by itself',
    variants: each(families, overlap),
  },
];
