/**
 * What the API is handed by the composition root besides the speaker: configuration and process facts.
 * `config/` and `api/` never import each other's inside.
 */

export interface ConfigProblem {
  /** `file:line:column: path: what is wrong (did you mean ...?)`, ready to print. */
  readonly text: string;
}

/** What a reload would do, session by session. */
export interface ConfigDiff {
  readonly lines: readonly {
    readonly change: 'add' | 'remove' | 'change';
    readonly subject: string;
    /** `session resets`, `no session is touched`, `soft reset in` ... */
    readonly effect: string;
    readonly details: readonly string[];
  }[];
}

export interface ConfigPort {
  /** Reads the file again and applies the difference. On problems nothing changes. */
  reload(): Promise<
    | { readonly ok: true; readonly diff: ConfigDiff; readonly generation: number }
    | { readonly ok: false; readonly problems: readonly ConfigProblem[] }
  >;
  /** Compares this text with the running configuration. */
  diff(
    text: string,
    fileName: string,
  ):
    | { readonly ok: true; readonly diff: ConfigDiff }
    | { readonly ok: false; readonly problems: readonly ConfigProblem[] };
  /** The running configuration as YAML, without secrets. */
  show(): string;
  readonly generation: number;
  /** When the last reload succeeded or failed, and why. */
  lastReload():
    | { readonly at: number; readonly ok: boolean; readonly problems: readonly ConfigProblem[] }
    | undefined;
}
