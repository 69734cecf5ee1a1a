/**
 * How long the gateway may serve what it was told to: a lease that counts from the *sending* of the report that was
 * answered, in the agent's own clock. The controller counts from the receipt, which is later, and adds a margin: while
 * one of the two still believes in the lease, nobody else is given the slots.
 */
export class Lease {
  #end = Number.NEGATIVE_INFINITY;

  /** Answers may overtake each other: the latest end counts. */
  granted(sentAt: number, leaseMs: number): void {
    this.#end = Math.max(this.#end, sentAt + leaseMs);
  }

  revoke(): void {
    this.#end = Number.NEGATIVE_INFINITY;
  }

  /** When it is over, in the clock of `granted`; negative infinity when there is none. */
  get end(): number {
    return this.#end;
  }

  isHeld(now: number): boolean {
    return now < this.#end;
  }
}
