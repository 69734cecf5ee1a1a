/** `helioctl peers`: the table, the page of one peer, and what an operator does to a session. */
import { isIP } from 'node:net';
import type { Command } from 'commander';
import { type Actions, parseAddress, subcommandNames, unknownWord, withExamples } from '../command.ts';
import { CliError, ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';

interface PeerCommand {
  readonly name: string;
  readonly summary: string;
  /** What is said on stderr afterwards. */
  readonly done: string;
  /** RFC 9003: carried to the peer as shutdown communication. */
  readonly takesReason: boolean;
}

const peerCommands: readonly PeerCommand[] = [
  { name: 'reset', summary: 'End the session and start it anew.', done: 'reset', takesReason: true },
  {
    name: 'soft-in',
    summary: 'Apply the import policy again; asks the peer for its routes where it must.',
    done: 'import is being redone',
    takesReason: false,
  },
  {
    name: 'soft-out',
    summary: 'Apply the export policy again and send what changed.',
    done: 'export is being redone',
    takesReason: false,
  },
  { name: 'enable', summary: 'Start a session that was disabled.', done: 'enabled', takesReason: false },
  { name: 'disable', summary: 'End the session and keep it down.', done: 'disabled', takesReason: true },
];

export function definePeers(peers: Command, { act }: Actions): void {
  peers
    .argument('[address]', 'show everything about this peer')
    .option('--down', 'only peers that are not established')
    .allowExcessArguments()
    .action(act(showPeers));
  withExamples(peers, [
    { line: 'peers', what: 'all sessions with their counters' },
    { line: 'peers --down', what: 'what is not up, and why' },
    { line: 'peers -o wide', what: 'a line per family, with policies and limits' },
    { line: 'peers 10.0.0.2', what: 'capabilities, timers, faults of one peer' },
    { line: 'peers reset 10.0.0.2 --reason "new line card"', what: 'the reason reaches the peer (RFC 9003)' },
  ]);
  for (const action of peerCommands) addPeerAction(peers, action, act);
}

function addPeerAction(peers: Command, action: PeerCommand, act: Actions['act']): void {
  const command = peers
    .command(action.name)
    .description(action.summary)
    .argument('<address>', 'the peer', parseAddress)
    .action(
      act(async (run: Run, address: string, options: { readonly reason?: string }) => {
        await (await run.daemon()).peerAction(address, action.name, options.reason);
        run.note(`${address}: ${action.done}`);
        return ExitCode.ok;
      }),
    );
  const plain = {
    line: `peers ${action.name} 10.0.0.2`,
    what: action.summary.replace(/\.$/, '').toLowerCase(),
  };
  if (!action.takesReason) {
    withExamples(command, [plain]);
    return;
  }
  command.option('--reason <text>', 'told to the peer in the NOTIFICATION (RFC 9003)');
  withExamples(command, [
    plain,
    {
      line: `peers ${action.name} 10.0.0.2 --reason "maintenance until 04:00"`,
      what: 'with a word to the peer',
    },
  ]);
}

interface PeersOptions {
  readonly down?: boolean;
}

async function showPeers(
  run: Run,
  address: string | undefined,
  options: PeersOptions,
  command: Command,
): Promise<ExitCode | undefined> {
  if (address === undefined) return showTable(run, options);
  if (isIP(address) === 0) throw unknownWord(command, address);
  const word = command.args[1];
  if (word === undefined) return showPage(run, address);
  const isAction = subcommandNames(command).includes(word);
  if (!isAction) throw unknownWord(command, word);
  throw new CliError(ExitCode.usage, `the action comes first: helioctl peers ${word} ${address}`);
}

export async function showTable(run: Run, { down }: PeersOptions): Promise<ExitCode | undefined> {
  const [pages, daemon] = await Promise.all([import('../render/peers.ts'), run.daemon()]);
  const { now, peers: all } = await daemon.peers();
  const peers = down ? all.filter((peer) => peer.state !== 'established') : all;
  await run.show({
    value: peers,
    rows: peers,
    table: () => pages.renderPeers(peers, now, run.style),
    wide: () => pages.renderPeersWide(peers, now, run.style),
  });
  if (peers.length === 0) run.hint(down ? 'every peer is established' : 'there are no peers');
  return ExitCode.ok;
}

async function showPage(run: Run, address: string): Promise<ExitCode | undefined> {
  const [{ renderPeerPage }, daemon] = await Promise.all([import('../render/peer-page.ts'), run.daemon()]);
  const [peer, now] = await Promise.all([daemon.peer(address), daemon.now()]);
  await run.show({ value: peer, table: () => renderPeerPage(peer, now, run.style) });
  return ExitCode.ok;
}
