/** In which order what was sent goes out, and who hears of it when. */
import { expect, test } from 'vitest';
import type { Connection } from '../../src/runtime/connection.ts';
import { Unsent } from '../../src/runtime/unsent.ts';

function stage() {
  const heard: string[] = [];
  const connection = (name: string, drained = () => {}) =>
    ({
      closing: false,
      flush: () => heard.push(`${name} written`),
      tellDrained: () => {
        heard.push(`${name} told`);
        drained();
      },
    }) as unknown as Connection & { closing: boolean };
  const unsent = new Unsent();
  const flush = (milliseconds?: number) => {
    heard.length = 0;
    return { done: unsent.flush(milliseconds), heard: [...heard] };
  };
  return { unsent, connection, flush };
}

test('nobody waits until others were told that their bytes have left', () => {
  const { unsent, connection, flush } = stage();
  for (const name of ['a', 'b']) unsent.wrote(connection(name));
  expect(flush()).toEqual({ done: true, heard: ['a written', 'b written', 'a told', 'b told'] });
  expect(flush()).toEqual({ done: true, heard: [] });
});

test('without time one is served, the others come first the next time', () => {
  const { unsent, connection, flush } = stage();
  const late = connection('late');
  for (const name of ['a', 'b', 'c']) unsent.wrote(connection(name, () => unsent.wrote(late)));
  expect(flush(0)).toEqual({ done: false, heard: ['a written', 'a told'] });
  expect(unsent.isCorked).toBe(true);
  expect(flush(0).heard).toEqual(['b written', 'b told']);
  expect(flush().heard.slice(0, 3)).toEqual(['c written', 'late written', 'late written']);
});

test('a connection that closes in between is left alone', () => {
  const { unsent, connection, flush } = stage();
  const b = connection('b');
  unsent.wrote(connection('a'));
  unsent.wrote(b);
  b.closing = true;
  expect(flush().heard.filter((what) => what === 'b written')).toEqual([]);
});
