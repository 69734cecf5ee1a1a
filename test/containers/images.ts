/** The images of deploy/, built once per run on the registry-free base, and what is known of their size. */
import { baseImage } from './base-image.ts';
import { imageSources } from './deployment.ts';
import { buildImage, podman, runName } from './podman.ts';

/** What an image of compose.yaml is called in this run. */
export const builtImage = (image: string): string => `localhost/${runName}-${image}`;

/** The image of heliod in compose.yaml. */
export const heliodImage = builtImage('heliograph');

export interface ImageSizes {
  readonly base: number;
  readonly heliod: number;
}

/** Builds all of them; sizes in octets. */
export async function buildImages(): Promise<ImageSizes> {
  const base = await baseImage();
  for (const { image, context, dockerfile } of imageSources()) {
    await buildImage({ tag: builtImage(image), context, dockerfile, arguments: { BASE_IMAGE: base } });
  }
  return { base: await sizeOf(base), heliod: await sizeOf(heliodImage) };
}

const sizeOf = async (image: string): Promise<number> =>
  Number(await podman(['image', 'inspect', '--format', '{{.Size}}', image]));
