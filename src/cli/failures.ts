/**
 * What an exchange with heliod that failed means to an operator: exit code, message, and what to do about it.
 * Loaded when something failed; what is no failure of api/client.ts is not ours.
 */
import { type Endpoint, IncompleteAnswerError, ProblemError, UnreachableError } from '../api/client.ts';
import { CliError, ExitCode } from './exit-codes.ts';

/** `undefined` for an error that did not come from the client of the API. */
export function describeFailure(error: unknown): CliError | undefined {
  if (error instanceof ProblemError) return describeProblem(error);
  if (error instanceof UnreachableError) return describeUnreachable(error);
  if (!(error instanceof IncompleteAnswerError)) return undefined;
  return new CliError(ExitCode.failure, error.message, [
    'its log says why; what was printed so far is not complete',
  ]);
}

const exitCodes: Readonly<Record<number, ExitCode>> = {
  400: ExitCode.usage,
  404: ExitCode.notFound,
  422: ExitCode.usage,
  503: ExitCode.notReady,
};

function describeProblem({ status, code, message, problems }: ProblemError): CliError {
  const hints = (problems ?? []).map(({ text }) => text);
  if (code === 'tenant-required')
    hints.push('choose one with --tenant NAME[/SLOT]; helioctl tenants lists them');
  if (status === 401) hints.push('give the bearer token with --token-file FILE');
  // A route that the daemon does not have is no object that is missing: it is older or newer than we are.
  const exitCode = code === 'not-found' ? undefined : exitCodes[status];
  return new CliError(exitCode ?? ExitCode.failure, message, hints);
}

const startHint = 'is heliod running? start it with: heliod --config /etc/heliod/heliod.yaml';
const socketHint = 'another socket: --socket PATH or HELIOD_SOCKET=PATH';

function describeUnreachable({ settings, code, message }: UnreachableError): CliError {
  const { endpoint, timeoutMilliseconds } = settings;
  const fail = (why: string, ...hints: string[]): CliError =>
    new CliError(ExitCode.unreachable, `cannot reach heliod at ${describeEndpoint(endpoint)}: ${why}`, hints);
  const otherHint = endpoint.type === 'socket' ? socketHint : 'check --host and --token-file';
  switch (code) {
    case 'timeout':
      return fail(
        `no answer within ${timeoutMilliseconds / 1000} s`,
        'wait longer with --timeout, for example --timeout 60s',
      );
    case 'ENOENT':
      return fail('there is no such socket', startHint, otherHint);
    case 'ECONNREFUSED':
      return fail('nobody listens there', startHint, otherHint);
    case 'EACCES':
    case 'EPERM':
      return fail('permission denied', 'the socket belongs to the user heliod runs as: try sudo helioctl');
    default:
      return fail(message || code, startHint, otherHint);
  }
}

function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.type === 'socket' ? endpoint.path : endpoint.url.origin;
}
