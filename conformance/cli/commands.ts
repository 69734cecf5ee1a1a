// The commands of helio-conformance; each returns the exit code.

import { diffCommand, matrixCommand } from './compare.ts';
import { listCommand, showCommand } from './list.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';

const help = `helio-conformance: black-box BGP tests for any speaker

  run --target heliod|frr|bird|gobgp|openbgpd|manual   play cases against a target
      [--case ID|GLOB] [--rfc N] [--level MUST]        which cases; each option may be given several times
      [--fast | --slow]                                without cases of more than 20 s, or only those
      [--workers N] [--patience SECONDS] [--seed N]    instances at a time, longest wait for an answer, random numbers
      [--evidence DIR [--evidence-all]]                octets, capture file, configuration, log of what did not pass
      [--tap FILE] [--junit DIR] [--json FILE]         reports; TAP goes to standard output without --tap
  run --target manual --address A [--port N]           any router: prints what to configure, then tests it
      [--network 10.77.0.0/16]                         the tester's addresses, for a router on another machine
      [--profile P0] [--has FEATURE,...]               how it is configured, and what it can do
      [--wait SECONDS]                                 until it takes a connection, 60 without it
  run --all [--fast] [--reports DIR] [--matrix FILE]   every daemon: TAP, JUnit, JSON, evidence, and the matrix of them all
  list                                                 rows built of rows in the catalogue, per section and RFC
  list --rows [--rfc N] [--missing]                    the rows by name; --missing: those that are not built
  list --requirements                                  what the standards ask, with the rows that look at it
  show ID|GLOB...                                      what rows send and expect, and which sentence asks for it
  diff OLD.json NEW.json                               changed verdicts, and what was seen differently
  matrix FILE.json... [--html FILE]                    one column per target, Markdown on standard output
  replay EVIDENCE_DIR                                  play a recorded execution again and compare the verdict

Examples:
  helio-conformance run --target bird --rfc 7606 --level MUST --evidence evidence/
  helio-conformance run --target heliod --fast --json now.json && helio-conformance diff before.json now.json
  helio-conformance run --target frr --case 'RFC4456-8-*' --tap frr.tap --junit junit/
  helio-conformance run --target manual --address 192.0.2.1 --network 10.77.0.0/16 --level MUST
  helio-conformance show RFC4271-6.1-01
  helio-conformance matrix heliod.json bird.json --html matrix.html > matrix.md
  helio-conformance replay evidence/bird/RFC4271-6.1-09

Exit codes. run: 0 only when cases were played and nothing unexpected happened. diff: 1 if something does not pass
any more. replay: 1 if the verdict is another one now. 2: the command was not understood, or the suite failed.
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
