/**
 * A gateway's capacity as exact integer shares. A kilobit of IPsec costs more than one of GRE; with
 * L = lcm of the ceilings and w = L / ceiling, a set of connections fits when the sum of w * kbit/s is at most L.
 * No rounding happens after admission. Owns the arithmetic, not who is placed where.
 */
import type { ConnectionSpec, ConnectionType, GatewayPoolSpec } from './resources.ts';
import { connectionTypes } from './resources.ts';

export interface CapacityModel {
  /** Share units of one gateway (L). */
  readonly units: number;
  /** Units per kbit/s (w). */
  readonly weight: Readonly<Record<ConnectionType, number>>;
}

const fixed2019: Readonly<Record<ConnectionType, number>> = {
  IPSEC: 5_000_000,
  GRE: 15_000_000,
  L3: 5_000_000,
};
const ratio2016: Readonly<Record<ConnectionType, readonly [number, number]>> = {
  IPSEC: [3, 20],
  GRE: [1, 5],
  L3: [1, 2],
};

/** Ceilings in kbit/s, whole megabits, never above the gateway's total. */
export function ceilings(pool: GatewayPoolSpec): Readonly<Record<ConnectionType, number>> {
  const total = pool.gatewayCapacityKbps;
  const of = (type: ConnectionType): number => {
    if (pool.capacityProfile === 'ratio2016') return (total * ratio2016[type][0]) / ratio2016[type][1];
    return (typeof pool.capacityProfile === 'object' ? pool.capacityProfile : fixed2019)[type];
  };
  const rounded = (type: ConnectionType) =>
    Math.max(1000, Math.floor(Math.min(of(type), total) / 1000) * 1000);
  return { IPSEC: rounded('IPSEC'), GRE: rounded('GRE'), L3: rounded('L3') };
}

/** `undefined` when the ceilings have no common multiple below 2^52: admission refuses such a pool. */
export function capacityModel(pool: GatewayPoolSpec): CapacityModel | undefined {
  const cap = ceilings(pool);
  let units = 1n;
  for (const type of connectionTypes) units = lcm(units, BigInt(cap[type]));
  if (units * 2n >= 1n << 53n) return undefined;
  const whole = Number(units);
  return { units: whole, weight: { IPSEC: whole / cap.IPSEC, GRE: whole / cap.GRE, L3: whole / cap.L3 } };
}

function lcm(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y > 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** kbit/s that count: both directions together, or the greater one. */
export function countedKbps(
  pool: GatewayPoolSpec,
  rates: Pick<ConnectionSpec, 'inKbps' | 'outKbps'>,
): number {
  return pool.accounting === 'max' ? Math.max(rates.inKbps, rates.outKbps) : rates.inKbps + rates.outKbps;
}

/** kbit/s of a type that still fit beside `loadUnits`. */
export function freeKbps(model: CapacityModel, loadUnits: number, type: ConnectionType): number {
  return Math.max(0, Math.floor((model.units - loadUnits) / model.weight[type]));
}
