// Progress on standard error: on a terminal one line that renews itself, elsewhere a line now and then.

import { type CaseResult, countVerdicts } from '../engine/result.ts';
import { harmless } from '../engine/verdict.ts';

const EVERY_MS = 10_000;

export class Progress {
  readonly #total: number;
  readonly #done: CaseResult[] = [];
  readonly #running = new Set<string>();
  readonly #began = performance.now();
  readonly #terminal: boolean;
  #lastLine = 0;

  constructor(total: number) {
    this.#total = total;
    this.#terminal = process.stderr.isTTY === true;
  }

  started(execution: string): void {
    this.#running.add(execution);
    this.#show(false);
  }

  finished(result: CaseResult): void {
    this.#running.delete(result.execution);
    this.#done.push(result);
    if (!harmless.has(result.verdict)) {
      const text = `${result.verdict.toUpperCase()} ${result.execution}: expected ${result.expected}; observed ${result.observed}`;
      this.#print(`${text.replace(/\s+/g, ' ').slice(0, 400)}\n`);
    }
    this.#show(false);
  }

  end(): void {
    this.#show(true);
    if (this.#terminal) process.stderr.write('\n');
  }

  #show(force: boolean): void {
    const now = performance.now();
    if (!this.#terminal && !force && now - this.#lastLine < EVERY_MS) return;
    this.#lastLine = now;
    const counts = Object.entries(countVerdicts(this.#done))
      .map(([verdict, count]) => `${verdict} ${count}`)
      .join(', ');
    const elapsed = (now - this.#began) / 1000;
    const left =
      this.#done.length === 0 ? 0 : (elapsed / this.#done.length) * (this.#total - this.#done.length);
    const which = [...this.#running].slice(0, 2).join(' ');
    const text = `${this.#done.length}/${this.#total} ${counts} · ${Math.ceil(left)} s left ${which}`;
    this.#print(
      this.#terminal ? `\r\u001b[K${text.slice(0, (process.stderr.columns ?? 100) - 1)}` : `${text}\n`,
    );
  }

  #print(text: string): void {
    const clear = this.#terminal && !text.startsWith('\r') ? '\r\u001b[K' : '';
    process.stderr.write(clear + text);
  }
}
