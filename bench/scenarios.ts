/**
 * What is measured, as data: who says what in which phase, and what everybody must hold when it is over. A row is a
 * scenario; the runner knows no scenario by name.
 */

/** Routes of one peer: the part `first` to `end` of the table with attributes of `seed`. */
export interface Claim {
  readonly peer: number;
  readonly seed: number;
  readonly first: number;
  readonly end: number;
  readonly localPref?: number;
  /** A community that its routes have besides their own. */
  readonly mark?: number;
}

export interface Phase {
  /** The clock runs in this one. */
  readonly timed: boolean;
  readonly connect?: readonly number[];
  /** Indices of claims, in order of saying. */
  readonly say?: readonly { readonly claim: number; readonly what: 'announce' | 'withdraw' }[];
  readonly close?: number;
  /** By peer: the claims it must hold, no more and no less, when the phase is over. */
  readonly expect: readonly { readonly peer: number; readonly claims: readonly number[] }[];
}

export interface Play {
  /** Prefixes in the table. */
  readonly prefixes: number;
  /** Sessions that are there from the start. */
  readonly connected: readonly number[];
  readonly peers: number;
  readonly claims: readonly Claim[];
  readonly phases: readonly Phase[];
  /** Changes that are said in the timed phase, where less may be heard: what the rate is of. */
  readonly changes?: number;
}

export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** `prefixes`: those of the command line; a scenario may take a share of them. */
  readonly play: (prefixes: number, seed: number) => Play;
}

const range = (count: number, first = 0): readonly number[] =>
  Array.from({ length: count }, (_, n) => first + n);

function fanout(sinks: number): Scenario['play'] {
  return (prefixes, seed) => ({
    prefixes,
    peers: sinks + 1,
    connected: range(sinks + 1),
    claims: [{ peer: 0, seed, first: 0, end: prefixes }],
    phases: [
      {
        timed: true,
        say: [{ claim: 0, what: 'announce' }],
        expect: range(sinks, 1).map((peer) => ({ peer, claims: [0] })),
      },
    ],
  });
}

function mesh(clients: number): Scenario['play'] {
  return (prefixes, seed) => {
    const share = Math.floor(prefixes / clients);
    const claims = range(clients).map((peer) => ({
      peer,
      seed: seed + peer,
      first: peer * share,
      end: (peer + 1) * share,
    }));
    return {
      prefixes: share * clients,
      peers: clients,
      connected: range(clients),
      claims,
      phases: [
        {
          timed: true,
          say: range(clients).map((claim) => ({ claim, what: 'announce' as const })),
          expect: range(clients).map((peer) => ({ peer, claims: range(clients).filter((n) => n !== peer) })),
        },
      ],
    };
  };
}

/** Two senders of the same prefixes; the better one goes, and everybody has to hold the other's. */
function bestpath(leave: Pick<Phase, 'say' | 'close'>): Scenario['play'] {
  return (all, seed) => {
    const prefixes = Math.floor(all / 2);
    return {
      prefixes,
      peers: 4,
      connected: range(4),
      claims: [
        { peer: 0, seed, first: 0, end: prefixes, localPref: 200 },
        { peer: 1, seed: seed + 1, first: 0, end: prefixes, localPref: 190 },
      ],
      phases: [
        {
          timed: false,
          say: range(2).map((claim) => ({ claim, what: 'announce' as const })),
          expect: [2, 3].map((peer) => ({ peer, claims: [0] })),
        },
        { timed: true, ...leave, expect: [2, 3].map((peer) => ({ peer, claims: [1] })) },
      ],
    };
  };
}

function join(prefixes: number, seed: number): Play {
  return {
    prefixes,
    peers: 3,
    connected: [0, 1],
    claims: [{ peer: 0, seed, first: 0, end: prefixes }],
    phases: [
      { timed: false, say: [{ claim: 0, what: 'announce' }], expect: [{ peer: 1, claims: [0] }] },
      { timed: true, connect: [2], expect: [{ peer: 2, claims: [0] }] },
    ],
  };
}

const flapPasses = 10;

function flap(all: number, seed: number): Play {
  const prefixes = Math.floor(all / 10);
  const passes = range(flapPasses, 1);
  return {
    prefixes,
    peers: 2,
    connected: [0, 1],
    claims: [0, ...passes].map((pass) => ({ peer: 0, seed: seed + pass, first: 0, end: prefixes })),
    phases: [
      { timed: false, say: [{ claim: 0, what: 'announce' }], expect: [{ peer: 1, claims: [0] }] },
      {
        timed: true,
        say: passes.map((claim) => ({ claim, what: 'announce' as const })),
        expect: [{ peer: 1, claims: [flapPasses] }],
      },
    ],
    changes: prefixes * flapPasses,
  };
}

export const scenarios: readonly Scenario[] = [
  { name: 'fanout1', what: 'one client announces the table, one receives it', play: fanout(1) },
  { name: 'fanout4', what: 'one client announces the table, four receive it', play: fanout(4) },
  { name: 'mesh10', what: 'ten clients announce a tenth each, everyone receives the others', play: mesh(10) },
  {
    name: 'bestpath',
    what: 'two clients announce the same half table; the better one withdraws it',
    play: bestpath({ say: [{ claim: 0, what: 'withdraw' }] }),
  },
  {
    name: 'bestpath-drop',
    what: 'the same, and the better one closes its session',
    play: bestpath({ close: 0 }),
  },
  { name: 'join', what: 'the table is in place and one more client connects', play: join },
  {
    name: 'flap',
    what: 'one client announces a tenth of the table ten times with other attributes, without pause',
    play: flap,
  },
];
