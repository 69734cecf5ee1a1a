// The requirements index: what each standard asks, and the cases that look at it.
//
// Notation of the lists: `RFC n`, then `section ~ level ~ requirement ~ cases`; instead of cases a `waiver: why not`.

import { allCases } from '../cases/index.ts';
import { invariants } from '../engine/invariants.ts';
import { matches } from '../engine/known.ts';
import { monitoring } from './monitoring.ts';
import { others } from './others.ts';
import { rfc4271 } from './rfc4271.ts';
import { sessionsAndVpn } from './sessions-and-vpn.ts';

export interface Requirement {
  readonly rfc: string;
  readonly section: string;
  readonly level: 'MUST' | 'SHOULD' | 'MAY';
  /** In our own words. */
  readonly text: string;
  /** Ids and globs of rows; empty where there is a waiver. */
  readonly cases: readonly string[];
  readonly waiver: string | undefined;
}

const levels: readonly Requirement['level'][] = ['MUST', 'SHOULD', 'MAY'];

export function parseRequirements(text: string): readonly Requirement[] {
  const list: Requirement[] = [];
  let rfc = '';
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [section = '', word = '', words = '', covered = ''] = line.split(' ~ ');
    if (/^RFC \d+$/.test(line)) {
      rfc = line.slice(4);
      continue;
    }
    const level = levels.find((each) => each === word);
    if (level === undefined || rfc === '' || covered === '') throw new Error(`no requirement: ${line}`);
    const waiver = covered.startsWith('waiver: ') ? covered.slice(8) : undefined;
    const cases = waiver === undefined ? covered.split(', ') : [];
    list.push({ rfc, section, level, text: words, cases, waiver });
  }
  return list;
}

export const requirements: readonly Requirement[] = [rfc4271, others, sessionsAndVpn, monitoring].flatMap(
  parseRequirements,
);

const playedRows: readonly string[] = [
  ...new Set([...allCases.map((one) => one.id), ...invariants.map((one) => one.id)]),
];

/** Rows that are built for a requirement. */
export const rowsOf = (requirement: Requirement): readonly string[] =>
  playedRows.filter((id) => requirement.cases.some((glob) => matches(glob, id)));

/** Rows that no requirement names. */
export const unclaimedRows = (): readonly string[] =>
  playedRows.filter((id) => !requirements.some(({ cases }) => cases.some((glob) => matches(glob, id))));

/** The index as a page. */
export function requirementsMarkdown(): string {
  const lines = [
    '# Requirements and their cases',
    '',
    'Written by `helio-conformance list --requirements`. A MUST without a case has a waiver that says why.',
  ];
  let rfc = '';
  for (const one of requirements) {
    if (one.rfc !== rfc)
      lines.push(
        '',
        `## RFC ${one.rfc}`,
        '',
        '| section | level | requirement | cases |',
        '| --- | --- | --- | --- |',
      );
    rfc = one.rfc;
    const covered = one.waiver === undefined ? rowsOf(one).join(' ') : `none: ${one.waiver}`;
    lines.push(`| ${one.section} | ${one.level} | ${one.text} | ${covered} |`);
  }
  return `${lines.join('\n')}\n`;
}
