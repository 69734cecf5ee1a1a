/** The tests of the takeover, with one rule of it taken out of the code on its way into them. */
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { rules } from './rules.ts';

const root = resolve(import.meta.dirname, '../../..');
const broken = rules[Number(process.env.TAKEOVER_RULE)];

export default defineConfig({
  root,
  plugins: [
    {
      name: 'without-a-rule',
      enforce: 'pre',
      transform(code, id) {
        if (!broken || id !== resolve(root, broken.file)) return undefined;
        const pieces = code.split(broken.text);
        if (pieces.length !== 2)
          throw new Error(`${broken.file} has ${pieces.length - 1} times: ${broken.text}`);
        return pieces.join(broken.without);
      },
    },
  ],
  test: { include: ['test/{agent,controller}/**/*.test.ts'], testTimeout: 60_000 },
});
