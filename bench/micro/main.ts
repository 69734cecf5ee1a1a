/**
 * `npm run bench -- --micro`: what each hot step costs alone. Nanoseconds are the least of several runs, since others on
 * the machine only ever add to them; bytes of objects are those of one more run, once the code is compiled.
 */
import { allocated } from './allocated.ts';
import { type MicroRow, rows } from './rows.ts';
import { MicroTable } from './world.ts';

const runs = 7;

export interface MicroResult {
  readonly micro: string;
  readonly unit: string;
  readonly units: number;
  readonly nanosecondsPerUnit: number;
  readonly objectBytesPerUnit: number;
}

export function measure(row: MicroRow, table: MicroTable): MicroResult {
  let least = Number.POSITIVE_INFINITY;
  let units = 0;
  for (let n = 0; n < runs; n++) {
    const step = row.prepare(table);
    const began = process.hrtime.bigint();
    step.run();
    least = Math.min(least, Number(process.hrtime.bigint() - began));
    units = step.units;
  }
  const step = row.prepare(table);
  return {
    micro: row.name,
    unit: row.unit,
    units,
    nanosecondsPerUnit: Number((least / units).toFixed(1)),
    objectBytesPerUnit: Number((allocated(step.run) / units).toFixed(1)),
  };
}

/** Every row in turn, told as it is done. */
export function runMicro(routes: number, each: (result: MicroResult) => void): readonly MicroResult[] {
  const table = new MicroTable(routes);
  return rows.map((row) => {
    const result = measure(row, table);
    each(result);
    return result;
  });
}

export function microTable(results: readonly MicroResult[]): string {
  const lines = results.map(({ micro, unit, units, nanosecondsPerUnit, objectBytesPerUnit }) => {
    const what = rows.find(({ name }) => name === micro)?.what;
    return [micro, what, `${units} x ${unit}`, nanosecondsPerUnit.toFixed(0), objectBytesPerUnit.toFixed(1)];
  });
  const head = ['step', 'what', 'measured', 'ns each', 'bytes of objects each'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
