// The catalogue of rows the suite is built from: what is to be tested, whether a case exists for it or not.
//
// `list` counts built rows against it, and a unit test refuses a case whose id is not here.

import { extensions } from './extensions.ts';
import { messagesAndErrors } from './messages-and-errors.ts';
import { routes } from './routes.ts';

export interface CatalogueRow {
  readonly section: string;
  readonly level: string;
  readonly id: string;
  readonly stimulus: string;
  readonly expected: string;
}

export const sectionTitles: Readonly<Record<string, string>> = {
  '3.2': 'Invariants',
  '3.3': 'RFC 4271 header and framing',
  '3.4': 'OPEN',
  '3.5': 'FSM, timers, collision',
  '3.6': 'UPDATE structure',
  '3.7': 'Attribute errors',
  '3.8': 'Multiprotocol',
  '3.9': 'Propagation and attributes',
  '3.10': 'Decision process',
  '3.11': 'Route reflection',
  '3.12': 'Four-octet AS',
  '3.13': 'Route refresh, enhanced refresh, ORF',
  '3.14': 'Graceful restart',
  '3.15': 'ADD-PATH',
  '3.16': 'Communities',
  '3.17': 'Roles and OTC',
  '3.18': 'Session protection and shutdown',
  '3.19': 'VPN',
  '3.20': 'Origin validation',
  '3.21': 'BMP, monitoring side',
  '3.22': 'Robustness and regression set',
};

const parse = (text: string): readonly CatalogueRow[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [section = '', level = '', id = '', stimulus = '', expected = ''] = line.split(' ~ ');
      return { section, level, id, stimulus, expected };
    });

export const catalogue: readonly CatalogueRow[] = [messagesAndErrors, routes, extensions].flatMap(parse);
