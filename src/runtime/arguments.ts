/** The command line of heliod. */
import { parseArgs } from 'node:util';
import { type LogLevel, logLevels } from './logging.ts';

export type Arguments =
  | { readonly type: 'run' | 'check'; readonly config: string; readonly logLevel: LogLevel | undefined }
  /** Nothing to run: print this and exit. */
  | {
      readonly type: 'exit';
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
      readonly code: number;
    };

const helpText = `usage: heliod --config FILE [--check] [--log-level LEVEL]

  -c, --config FILE      the configuration, YAML
      --check            only say whether the configuration is valid (exit code 0 or 2)
      --log-level LEVEL  ${logLevels.join(', ')}; instead of log.level
      --version
  -h, --help

signals: HUP reads the configuration again; TERM and INT shut down, twice at once
exit codes: 0 stopped or valid, 1 failed, 2 usage or invalid configuration
`;

const options = {
  config: { type: 'string', short: 'c' },
  check: { type: 'boolean' },
  'log-level': { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function parseArguments(argv: readonly string[], version: string): Arguments {
  try {
    const { values } = parseArgs({ args: [...argv], options, allowPositionals: false });
    if (values.help) return { type: 'exit', stream: 'stdout', text: helpText, code: 0 };
    if (values.version) return { type: 'exit', stream: 'stdout', text: `heliod ${version}\n`, code: 0 };
    if (values.config === undefined) return usageError('--config FILE is missing');
    const logLevel = logLevels.find((level) => level === values['log-level']);
    if (values['log-level'] !== undefined && logLevel === undefined) {
      return usageError(`--log-level is one of ${logLevels.join(', ')}`);
    }
    return { type: values.check ? 'check' : 'run', config: values.config, logLevel };
  } catch (error) {
    return usageError(error instanceof Error ? error.message : String(error));
  }
}

function usageError(message: string): Arguments {
  return { type: 'exit', stream: 'stderr', text: `heliod: ${message}\n\n${helpText}`, code: 2 };
}
