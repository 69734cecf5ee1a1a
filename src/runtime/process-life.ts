/**
 * What the operating system tells the process: signals, and that something went wrong which nobody caught.
 * Handlers are installed for every signal named here, so that it also works as the first process of a container.
 */
import type { Log } from './logging.ts';

export interface LifeHandlers {
  /** SIGHUP. Never called while a former call is still running; one more call follows when signals came meanwhile. */
  reload(): Promise<void>;
  /** First SIGTERM or SIGINT. The process exits when it is done: 0, or 1 if it throws. A second one exits at once. */
  shutdown(signal: string): Promise<void>;
}

/** The parts of `process` that are used: a test hands in its own. */
export interface ProcessLike {
  on(event: string, listener: (argument: unknown) => void): unknown;
  exit(code: number): void;
}

export function handleProcessLife(target: ProcessLike, log: Log, handlers: LifeHandlers): void {
  let exiting = false;
  const exit = (code: number): void => {
    // Something went wrong while we were leaving: leave.
    if (exiting) target.exit(code);
    else log.close(() => target.exit(code));
    exiting = true;
  };
  const onReload = neverTwiceAtOnce(() => handlers.reload());
  target.on('SIGHUP', () => void onReload());
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) {
      log.warn({ signal }, 'second signal: exiting at once');
      exit(1);
      return;
    }
    stopping = true;
    handlers.shutdown(signal).then(
      () => exit(0),
      (error: unknown) => fatal('shutdown failed', error),
    );
  };
  target.on('SIGTERM', () => stop('SIGTERM'));
  target.on('SIGINT', () => stop('SIGINT'));
  const fatal = (message: string, error: unknown): void => {
    log.fatal({ err: error }, message);
    exit(1);
  };
  target.on('uncaughtException', (error) => fatal('uncaught exception', error));
  target.on('unhandledRejection', (error) => fatal('unhandled rejection', error));
}

function neverTwiceAtOnce(task: () => Promise<void>): () => Promise<void> {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await task();
    }
    running = false;
  };
}
