import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { patternFiles } from '../../hardware/drawing/node-page.ts';
import { lightAt, readPatterns, sounds } from '../../hardware/drawing/patterns.ts';
import { core } from './core-library.ts';
import { CoreNode } from './core-node.ts';

const HARDWARE = fileURLToPath(new URL('../../hardware/', import.meta.url));
const patterns = readPatterns(readFileSync(`${HARDWARE}node/light/patterns.yaml`, 'utf8'));
const LIGHTS = ['dark', 'red', 'green', 'amber'];
const SHOWN_MS = 6_000;
/** A time at which all periods begin. */
const BEGIN_MS = 20_000;

type Status = 'heard' | 'sent' | 'accepted' | 'notConfirmed';
const STATUSES: readonly string[] = ['heard', 'sent', 'accepted', 'notConfirmed'];

/** A node in the state of a pattern that begins at `BEGIN_MS`, and its fault. */
function nodeIn(id: string, silent = 0): { readonly node: CoreNode; readonly fault: number } {
  const node = new CoreNode({ buzzer: true, silent }, 5, 8_000);
  node.contacts();
  node.run(1_000);
  const fault = { noSettings: 1, storage: 2 }[id] ?? 0;
  if (fault !== 0 || id === 'ready') {
    node.now = BEGIN_MS;
    return { node, fault };
  }
  if (id !== 'firstPress') {
    node.obey({ type: 'poll', nodeEpoch: 5 });
    node.run(1_000);
  }
  node.close(0);
  const press = node.run(1_000).find(({ message }) => message.type === 'press');
  node.now = BEGIN_MS;
  if (STATUSES.includes(id)) node.acknowledge(press?.counter ?? 0, id as Status);
  return { node, fault };
}

/** What the firmware shows, as a board asks: when something is due. */
function firmware({ node, fault }: ReturnType<typeof nodeIn>): readonly string[] {
  const due: [number] = [0];
  const shown: string[] = [];
  let changesAt = 0;
  let bits = 0;
  for (let ms = 0; ms < SHOWN_MS; ms++) {
    if (ms >= changesAt) {
      bits = core.indicate(node.host, fault, BEGIN_MS + ms, due);
      changesAt = ms + due[0];
    }
    shown.push(`${LIGHTS[bits & 3]}${bits & 4 ? ', buzzer' : ''}`);
  }
  return shown;
}

describe('the page of blink patterns', () => {
  const ofNode = patterns.filter(({ id }) => id !== 'service').map((pattern) => [pattern.title, pattern] as const);

  test.each(ofNode)('%s is what the firmware shows, millisecond by millisecond', (_title, pattern) => {
    const drawn = Array.from(
      { length: SHOWN_MS },
      (_, ms) => `${lightAt(pattern, ms)}${sounds(pattern, ms) ? ', buzzer' : ''}`,
    );
    expect(firmware(nodeIn(pattern.id))).toEqual(drawn);
  });

  test.each(['firstPress', 'calling', ...STATUSES])('a silent button shows and sounds nothing: %s', (id) => {
    expect(new Set(firmware(nodeIn(id, 1)))).toEqual(new Set(['dark']));
  });

  test('service mode: the board lights both colours', () => {
    const source = readFileSync(`${HARDWARE}node/board/service_mode.c`, 'utf8');
    expect(source).toMatch(/port_show\(true, true, false\)/);
    expect(patterns.find(({ id }) => id === 'service')?.amber).toBe('steady');
  });

  test('no two states look the same, but for dark ones', () => {
    const looks = patterns.map((pattern) => Array.from({ length: 4_000 }, (_, ms) => lightAt(pattern, ms)[0]).join(''));
    const lit = looks.filter((look) => /[^d]/.test(look));
    expect(new Set(lit).size).toBe(lit.length);
  });

  test('picture and table are the ones their data makes', () => {
    // Renew them with: npm run draw-wiring
    for (const { path, text } of patternFiles(HARDWARE)) expect(readFileSync(path, 'utf8'), path).toBe(text);
  });
});
