/** Connections that are not read from for now: enough was read in this poll, or too much of it still waits for work. */
import type { Connection } from './connection.ts';
import type { SpeakerInput } from './speaker-input.ts';
import type { Turns } from './turns.ts';

/**
 * While more destinations than this wait for their decision nothing more is read: peers whose changes come faster than
 * they can be passed on are slowed down by TCP, and no change is skipped because the next one came before its turn.
 */
const mostBacklog = 32768;

/** Of those that wait, so many are read again per turn. */
const resumedPerTurn = 16;

export class ThrottledReads {
  readonly #turns: Turns;
  #waiting: Connection[] = [];

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** A chunk of it was read: may the next one be? */
  afterChunk(connection: Connection, speaker: SpeakerInput, now: number): void {
    if (connection.throttled || (!this.#turns.hasReadEnough(now) && mayRead(speaker, now))) return;
    connection.setThrottled(true);
    this.#waiting.push(connection);
  }

  resume(speaker: SpeakerInput, now: number): void {
    if (!mayRead(speaker, now)) return;
    for (const connection of this.#waiting.splice(0, resumedPerTurn)) connection.setThrottled(false);
  }
}

function mayRead({ backlog, restUntil }: SpeakerInput, now: number): boolean {
  return backlog <= mostBacklog && restUntil <= now;
}
