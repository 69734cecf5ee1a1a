// RFC 7606 §7 and its successors: one malformed attribute per row, expanded over senders, carriers and route history.
//
// Each row of the row tables is played for every sender it allows (external, client, non-client), with the routes
// in NLRI and in MP_REACH_NLRI (the bad attribute behind it), replacing a good route and fresh.

import type { Body, Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { announcement, describeRoute, hexOf, type SeenRoute } from '../../engine/routes.ts';
import type { Family } from '../../wire/address.ts';
import type { Bytes } from '../../wire/bytes.ts';
import type { AttributeRow } from './attribute-row.ts';
import { flagRows, mandatoryRows } from './attribute-rows.ts';
import { communityRows, otherRows } from './optional-rows.ts';
import { expectEffect, isInternal, play, type SenderName, wordsFor } from './outcome.ts';

const typeOf = (attribute: Bytes): number => attribute[1] ?? 0;

function body(
  row: AttributeRow,
  bad: (peer: Peer) => Bytes,
  sender: SenderName,
  family: Family,
  replaces: boolean,
): Body {
  const expectation = isInternal(sender) ? row.internal : row.external;
  return async (t) => {
    const result = await play(t, {
      sender,
      family,
      replaces,
      stimulus: (peer, prefix) => {
        const path = peer.facts.internal ? [64999] : [peer.facts.asn, 64999];
        return announcement(peer.sender, [prefix], { origin: 2, path, with: [bad(peer)] });
      },
    });
    if (expectation === undefined) return;
    const { effects, attribute } = expectation;
    if (row.level === 'RECORD') t.observe(wordsFor(effects));
    expectEffect(t, result, effects);
    if (result.effect !== 'accepted') return;
    const sent = bad(result.sender);
    for (const { observer, route } of result.seen) if (route !== undefined) inspect(observer, route, sent);

    function inspect(observer: Peer, route: SeenRoute, octets: Bytes): void {
      const value = hexOf(route, typeOf(octets));
      const report = `${observer.name}: ${describeRoute(route)}`;
      const original = Buffer.from(octets.subarray((octets[0] ?? 0) & 0x10 ? 4 : 3)).toString('hex');
      if (attribute === 'gone') t.check(value === undefined, 'the attribute discarded', report);
      if (attribute === 'not-this') t.check(value !== original, 'the received value discarded', report);
      if (attribute === 'intact') t.check(value === original, 'the attribute with its value intact', report);
      if (expectation?.inspect !== undefined) {
        const broken = expectation.inspect(route, observer);
        t.check(broken === undefined, broken ?? '', report);
      }
    }
  };
}

function variantsOf(row: AttributeRow): Record<string, Body> {
  const out: Record<string, Body> = {};
  for (const [name, bad] of Object.entries(row.bad))
    for (const sender of row.senders ?? ['e1', 'c1', 'n1'])
      for (const family of row.families ?? (['v4', 'v6'] as const))
        for (const history of ['repl', 'new'] as const) {
          const wanted = isInternal(sender) ? row.internal : row.external;
          if (wanted === undefined) continue;
          const suffix = [sender, family, history, ...(name === '' ? [] : [name])].join('-');
          out[suffix] = body(row, bad, sender, family, history === 'repl');
        }
  return out;
}

function expectedWords(row: AttributeRow): string {
  const of = (e: AttributeRow['external']) => (e === undefined ? undefined : wordsFor(e.effects));
  const [external, internal] = [of(row.external), of(row.internal)];
  if (external === undefined) return internal ?? '';
  if (internal === undefined || internal === external) return external;
  return `from external peers: ${external}; from internal peers: ${internal}`;
}

const rows = [...flagRows, ...mandatoryRows, ...communityRows, ...otherRows];

export const attributeCases: readonly Case[] = rows.map((row): Case => {
  const { id, level, title, needs } = row;
  const expected = expectedWords(row);
  return { id, level, title, expected, variants: variantsOf(row), ...(needs === undefined ? {} : { needs }) };
});
