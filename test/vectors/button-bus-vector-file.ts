import { readFileSync } from 'node:fs';

export const VECTOR_FILE = new URL('../../hardware/button-bus-vectors.txt', import.meta.url);

export interface Vector {
  readonly name: string;
  readonly expect: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The value of any other line; empty if the record has none or it is '-'. */
  value(name: string): string;
}

/** Reads hardware/button-bus-vectors.txt as the comment at its top describes. */
export function readVectors(): readonly Vector[] {
  const vectors: Vector[] = [];
  let values = new Map<string, string>();
  let fields: Record<string, string> = {};
  for (const line of readFileSync(VECTOR_FILE, 'latin1').split('\n')) {
    const [word = '', value = '', second = ''] = line.split(' ');
    if (word === '' || word.startsWith('#')) continue;
    if (word === 'frame') [values, fields] = [new Map(), {}];
    if (word === 'field') fields[value] = second;
    else values.set(word, value);
    if (word === 'end') vectors.push(vectorOf(values, fields));
  }
  return vectors;
}

function vectorOf(values: ReadonlyMap<string, string>, fields: Readonly<Record<string, string>>): Vector {
  const value = (name: string) => (values.get(name) ?? '-').replace(/^-$/, '');
  return { name: value('frame'), expect: value('expect'), message: value('message'), fields, value };
}
