/** The file format as JSON Schema (draft-07), for editors: what `helioctl config schema` prints. */
import { z } from 'zod';
import { fileSchema } from './schema.ts';

/** Describes what is written, not what it becomes. Rules across keys cannot be said in JSON Schema. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-07',
    io: 'input',
    // zod leaves the default out where text becomes something else; ours is the text itself.
    override: ({ zodSchema, jsonSchema }) => {
      const byDefault = z.globalRegistry.get(zodSchema)?.default;
      if (byDefault !== undefined) Object.assign(jsonSchema, { default: byDefault });
    },
  });
  return { title: 'Heliograph configuration', ...schema };
}
