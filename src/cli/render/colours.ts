/**
 * Colour, and when there is none: only on a terminal, never with `--no-color`, NO_COLOR or TERM=dumb;
 * FORCE_COLOR asks for it anywhere.
 */
import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

export interface ColourQuestion {
  readonly isTty: boolean;
  /** `--no-color` was given. */
  readonly refused: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function wantsColour({ isTty, refused, env }: ColourQuestion): boolean {
  if (refused || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTty && env.TERM !== 'dumb';
}

export function coloursFor(question: ColourQuestion): Colours {
  return picocolors.createColors(wantsColour(question));
}

export const noColours: Colours = picocolors.createColors(false);
