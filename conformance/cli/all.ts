// `run --all`: every daemon one after the other, the reports of each, and the matrix over all of them.

import { join } from 'node:path';
import type { RunReport } from '../engine/result.ts';
import { matrixHtml, matrixMarkdown } from '../report/matrix.ts';
import { targets } from '../targets/index.ts';
import { obstacleTo } from '../targets/obstacle.ts';
import { conclude, writeFile } from './conclude.ts';
import type { RunValues } from './settings.ts';

type Play = (values: RunValues) => Promise<RunReport>;

/** A daemon that is not installed is said aloud and fails the run: a matrix without it would not say so. */
export async function runAll(values: RunValues, play: Play): Promise<number> {
  const directory = values.reports;
  const reports: RunReport[] = [];
  let code = 0;
  for (const [name, target] of Object.entries(targets)) {
    const obstacle = await obstacleTo(target);
    if (obstacle !== undefined) {
      process.stderr.write(`${obstacle}: left out\n`);
      code = 1;
      continue;
    }
    const report = await play({
      ...values,
      target: name,
      tap: join(directory, `${name}.tap`),
      json: join(directory, `${name}.json`),
      junit: values.junit ?? join(directory, 'junit'),
      evidence: values.evidence ?? join(directory, 'evidence'),
    });
    reports.push(report);
    code = Math.max(code, conclude(report));
  }
  writeFile(values.matrix, matrixMarkdown(reports));
  writeFile(join(directory, 'matrix.html'), matrixHtml(reports));
  return code;
}
