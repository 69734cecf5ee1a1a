/**
 * The rules that keep two gateways from holding one slot (docs/controller.md), each with what the code would be without
 * it, and the tests that must turn red then. The replaced text must be there exactly once.
 */

const agent = 'test/agent/agent.test.ts';
const scenarios = 'test/controller/scenarios.test.ts';
const loop = 'test/controller/reconciler/scenarios.test.ts';

export interface Rule {
  /** Its number in the specification, and what it says. */
  readonly rule: string;
  readonly file: string;
  readonly text: string;
  readonly without: string;
  /** Beginnings of the names of tests, by file. */
  readonly caughtBy: Readonly<Record<string, readonly string[]>>;
}

export const rules: readonly Rule[] = [
  {
    rule: '1: nobody is bound before the lease of the old holder and the margin are over',
    file: 'src/controller/observations.ts',
    text: 'return from + detection.leaseTtlMs + detection.marginMs;',
    without: 'return from;',
    caughtBy: { [scenarios]: ['drain F32', 'a gateway that its owner deletes'] },
  },
  {
    rule: '1: a gateway is not lost before its renewals have been missing for as long',
    file: 'src/controller/gateways.ts',
    text: 'return leaseIsOver(planning, name) && planning.now >= seen + leaseTtlMs + marginMs;',
    without: 'return leaseIsOver(planning, name) || planning.now >= seen + marginMs;',
    caughtBy: { [scenarios]: ['F07'] },
  },
  {
    rule: '1: a lease counts from the sending of the report',
    file: 'src/agent/agent.ts',
    text: 'this.#lease.granted(sentAt, answer.leaseMs);',
    without: 'this.#lease.granted(now, answer.leaseMs);',
    caughtBy: { [agent]: ['the lease counts from the sending'] },
  },
  {
    rule: '1b: the report of the guard is the release',
    file: 'src/controller/gateways.ts',
    text: "return report?.from === 'guard' && report.held.length === 0;",
    without: 'return false;',
    caughtBy: { [scenarios]: ['F01'], [loop]: ['the controller and its agents F01, daemon only'] },
  },
  {
    rule: '1b: and nobody else’s word means that a gateway is dead',
    file: 'src/controller/gateways.ts',
    text: "return report?.from === 'guard' && report.held.length === 0;",
    without: 'return report !== undefined && report.held.length === 0;',
    caughtBy: { [scenarios]: ['F00', 'F07'] },
  },
  {
    rule: '2: an agent whose lease is over lets go of everything',
    file: 'src/agent/agent.ts',
    text: "const now = this.#host.now();\n    if (this.#phase === 'serving' && !this.#lease.isHeld(now)) this.#fence('the lease is over');\n    if",
    without: 'const now = this.#host.now();\n    if',
    caughtBy: { [agent]: ['the lease ends in a fence'] },
  },
  {
    rule: '3: whoever was asleep lets go before it takes up anything',
    file: 'src/agent/agent.ts',
    text: "if (this.#phase === 'serving' && !this.#lease.isHeld(now)) this.#fence('the lease is over');\n    const admitted",
    without: 'const admitted',
    caughtBy: { [agent]: ['the lease fences before it takes up'] },
  },
  {
    rule: '3: a start begins with letting go of what a dead daemon left',
    file: 'src/agent/agent.ts',
    text: 'start(): void {\n    this.#steps.restart();',
    without: "start(): void {\n    this.#phase = 'fenced';\n    this.#report();",
    caughtBy: { [agent]: ['the start clears'] },
  },
  {
    rule: '4: a controller that has just started does nothing destructive',
    file: 'src/controller/observations.ts',
    text: 'return observations.startedAt + detection.leaseTtlMs + detection.marginMs + 2 * detection.renewMs;',
    without: 'return observations.startedAt;',
    caughtBy: { [scenarios]: ['F14'] },
  },
  {
    rule: '7: an answer of an older revision does not count',
    file: 'src/agent/admission.ts',
    text: 'if (revision < this.#revision)',
    without: 'if (revision < 0)',
    caughtBy: { [agent]: ['answers that do not count of a lower revision'] },
  },
  {
    rule: '7: an answer of an older term does not count',
    file: 'src/agent/admission.ts',
    text: 'if (term < this.#term)',
    without: 'if (term < 0)',
    caughtBy: { [agent]: ['answers that do not count of a lower term'] },
  },
  {
    rule: '7: a slot of an older epoch is refused',
    file: 'src/agent/admission.ts',
    text: 'epoch < (this.#epochs.get(slot) ?? 0)',
    without: 'epoch < 0',
    caughtBy: { [agent]: ['answers that do not count of a slot'] },
  },
  {
    rule: '8: a planned move waits for the old holder',
    file: 'src/controller/slots.ts',
    text: 'if (!hasReleased(planning, slot, gateway)) {',
    without: 'if (gateway.length === 0) {',
    caughtBy: { [scenarios]: ['a slot is let go of by the word'] },
  },
  {
    rule: '8: its word counts from the release revision on',
    file: 'src/controller/slots.ts',
    text: 'if (!report || !hasApplied(planning, gateway, slot.status.releasing?.afterRevision ?? 0)) return false;',
    without: 'if (!report) return false;',
    caughtBy: { [scenarios]: ['a slot is let go of by the word'] },
  },
  {
    rule: '8: no lease is granted while a change is being written that may take it away',
    file: 'src/controller/reconciler/reconciler.ts',
    text: '    await this.#writing;\n    return this.#answer',
    without: '    return this.#answer',
    caughtBy: { [loop]: ['reports get no lease that a change takes away'] },
  },
  {
    rule: '9: each binding has a higher epoch',
    file: 'src/controller/slots.ts',
    text: 'const epoch = kept.epoch + 1;',
    without: 'const epoch = kept.epoch;',
    caughtBy: { [scenarios]: ['F01', 'F02'] },
  },
  {
    rule: '9: a store that forgot goes on from what agents have applied',
    file: 'src/controller/plan.ts',
    text: 'if (known > snapshot.revision) return',
    without: 'if (known < 0) return',
    caughtBy: { [loop]: ['reports of a revision that the store has forgotten'] },
  },
];
