// The commands of helio-conformance; each returns the exit code.

import { diffCommand, matrixCommand } from './compare.ts';
import { listCommand, showCommand } from './list.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';

const help = `helio-conformance: black-box BGP tests for any speaker

  run --target heliod|frr|bird|gobgp|openbgpd|manual   play cases against a target
      [--case ID|GLOB] [--rfc N] [--level MUST] [--fast | --slow] [--workers N] [--patience SECONDS] [--seed N]
      [--evidence DIR [--evidence-all]] [--tap FILE] [--junit DIR] [--json FILE]
  run --target manual --address A [--port N]           any router: prints what to configure, then tests it
      [--network 10.77.0.0/16]                         the tester's addresses, for a router on another machine
      [--profile P0] [--has FEATURE,...]               how it is configured, and what it can do
  run --all [--fast] [--reports DIR] [--matrix FILE]   every daemon: TAP, JUnit, JSON, evidence, and the matrix of them all
  list [--requirements]                                rows built of rows in the catalogue, per section and RFC
  show ID                                              what a row sends and expects
  diff OLD.json NEW.json                               changed verdicts, and what was seen differently
  matrix FILE.json... [--html FILE]                    one column per target, Markdown on standard output
  replay EVIDENCE_DIR                                  play a recorded execution again and compare the verdict

Examples:
  helio-conformance run --target bird --rfc 7606 --evidence evidence/
  helio-conformance run --target heliod --fast --json now.json && helio-conformance diff before.json now.json
  helio-conformance run --target manual --address 192.0.2.1 --network 10.77.0.0/16 --level MUST
  helio-conformance show RFC4271-6.1-01

Exit code of run: 0 only when cases were played and nothing unexpected happened.
`;

export const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  run: runCommand,
  list: listCommand,
  show: showCommand,
  diff: diffCommand,
  matrix: matrixCommand,
  replay: replayCommand,
  help: () => {
    process.stdout.write(help);
    return Promise.resolve(0);
  },
};
