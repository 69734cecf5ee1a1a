/** Why a connection is where it is, or is nowhere, in lines. Pure. */
import { printable } from '../render/text.ts';
import type { Explained } from './views.ts';

export function renderPlacement(connection: string, { status, now }: Explained): string {
  return [...stored(connection, status), ...wouldBe(now)].map((line) => `${printable(line)}\n`).join('');
}

function stored(connection: string, status: Explained['status']): readonly string[] {
  if (!status) return [];
  const { placement, slot, phase } = status;
  if (slot === null || !placement) return [`${connection} has no place: ${phase}`];
  return [
    `${connection} is on slot ${slot}: ${phase}`,
    `${placement.reason}: ${placement.explanation}`,
    `units free there when it was placed: ${placement.freeAfterUnits}`,
  ];
}

function wouldBe(now: Explained['now']): readonly string[] {
  switch (now?.type) {
    case undefined:
      return [];
    case 'placed':
      return [`it would go to slot ${now.slot}`, `${now.reason}: ${now.explanation}`];
    case 'new-slot':
      return [`it would go to a new slot on ${now.gateway} of ${now.pool}`, now.explanation];
    case 'pending': {
      const { reason, message, neededUnits, largestFreeUnits, wouldFitIf } = now.record;
      const remedies = wouldFitIf.length > 0 ? [`it would fit after: ${wouldFitIf.join(', ')}`] : [];
      return [
        `it would wait: ${reason}: ${message}`,
        `units needed: ${neededUnits}, most that are free: ${largestFreeUnits}`,
        ...remedies,
      ];
    }
  }
}
