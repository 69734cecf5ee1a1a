/**
 * Many runs of `ip` and `bridge` in one go: a shell starts them one after the other. Starting a program costs this
 * process tens of milliseconds on a busy machine, a shell one or two; a hundred spaces would hold up every session.
 */
import { type CommandEnd, problemEnd } from '../../fib/batch.ts';
import { type IpRequest, ipArguments, runShell } from './ip-command.ts';

/** What one of them said, and how it ended. */
export interface IpEnd extends CommandEnd {
  readonly stdout: string;
}

export type TogetherRequest = Omit<IpRequest, 'onOutput'>;

/** In the order of the requests; one that fails does not keep the next ones. */
export type RunTogether = (requests: readonly TogetherRequest[]) => Promise<readonly IpEnd[]>;

/** No output of these programs has it: it stands behind what each said, and behind its exit code. */
const mark = '\x01';

/** A shell's code for a program that is not there. */
const notFound = 127;

export const runTogether: RunTogether = async (requests) => {
  if (requests.length === 0) return [];
  const { stdout, stderr, problem } = await runShell(requests.map(scriptOf).join(''));
  const said = stdout.split(mark);
  const complaints = stderr.split(mark);
  return requests.map(({ program = 'ip' }, at) => {
    const [text = '', code] = said.slice(2 * at, 2 * at + 2);
    if (code === undefined || code === '') return problemEnd(problem ?? `${program} did not run`);
    if (Number(code) === notFound) return problemEnd(`there is no ${program} (iproute2 is not installed)`);
    return { code: Number(code), stdout: text, stderr: complaints[at] ?? '', problem: undefined };
  });
};

function scriptOf(request: TogetherRequest): string {
  const { program = 'ip', input } = request;
  const words = [program, ...ipArguments(request)].map(quoted).join(' ');
  // The script itself comes on standard input: nobody else may read from it.
  const from = input === undefined ? '</dev/null\n' : `<<'${mark}'\n${ending(input)}${mark}\n`;
  return `${words} ${from}printf '${mark}%s${mark}' "$?"\nprintf '${mark}' >&2\n`;
}

function ending(input: string): string {
  return input.endsWith('\n') ? input : `${input}\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
