/**
 * heliod beside FRR and BIRD in real containers, from the files of deploy/: one file, so that the images are built once.
 * Everything made here is removed again, apart from the base image, which is kept for the next run.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { composeSuite } from './compose-suite.ts';
import { containerlabSuite } from './containerlab-suite.ts';
import { imageSuite } from './image-suite.ts';
import { buildImages, type ImageSizes } from './images.ts';
import { removeLeftovers } from './podman.ts';
import { missing } from './requirements.ts';

const reason = missing();
if (reason) process.stdout.write(`container tests are skipped: ${reason}\n`);

describe.skipIf(reason !== undefined)(reason ? `containers (${reason})` : 'containers', () => {
  let sizes: ImageSizes | undefined;
  beforeAll(async () => {
    await removeLeftovers();
    sizes = await buildImages();
  });
  afterAll(removeLeftovers);

  imageSuite(() => {
    if (!sizes) throw new Error('the images were not built');
    return sizes;
  });
  composeSuite();
  containerlabSuite();
});
