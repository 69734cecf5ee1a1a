/** What the composition roots (`daemon.ts`, `helioctl.ts`, `running-config.ts`) take from this room. */
export type {
  ApiSettings,
  ConfigProblem,
  Configuration,
  LogLevel,
  LogSettings,
  MachineFacts,
} from './configuration.ts';
export { type ConfigDiff, diffConfigurations, diffInstances } from './diff.ts';
export { configJsonSchema } from './json-schema.ts';
export { type LoadResult, loadConfig } from './load.ts';
export { renderConfig } from './render.ts';
