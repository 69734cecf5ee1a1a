/** What is measured. A row is a scenario; the runner knows no scenario by name. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** Clients that receive everything the one sender announces. */
  readonly sinks: number;
}

export const scenarios: readonly Scenario[] = [
  { name: 'fanout1', sinks: 1, what: 'one client announces the table, one receives it' },
  { name: 'fanout4', sinks: 4, what: 'one client announces the table, four receive it' },
];
