import { describe, expect, test } from 'vitest';
import { edited, KEYS, mistakesOf, SITE } from './site-fixture.ts';

const PAGER = "  - { id: pager, driver: tap, terminal: { port: /dev/full }, pagers: ['1'], password: true }\n";
/**
 * With secrets of each form: a device's key, a path's key, a pager terminal's password, a user's
 * password.
 */
const SOUND = {
  site: edited(SITE, ['deadlines:', `${PAGER}deadlines:`]),
  keys: edited(KEYS, ['paths:\n', 'paths:\n  pager: 123456\n']),
};

/**
 * Messages about keys.yaml, beside a fault in site.yaml, that would make a person change or remove
 * an entry.
 */
function aboutKeys(site: string): string[] {
  const found = mistakesOf({ ...SOUND, site });
  // An entry without any trace in the site is rightly called left over.
  if (found.every(({ file }) => file === 'keys.yaml')) return [];
  const ofKeys = found.filter(({ file }) => file === 'keys.yaml');
  return ofKeys.map(({ message, hint }) => `${message}; ${hint}`).filter((words) => !words.startsWith('there is no '));
}

describe('a keys file that is right is not called wrong because site.yaml is', () => {
  const damages: readonly (readonly [how: string, damage: (line: string) => string])[] = [
    ['is no YAML', (line) => `${line} [`],
    ['is indented otherwise', (line) => `   ${line}`],
    ['is gone', () => ''],
    ['has a misspelt name', (line) => line.replace(/([a-z]+):/, '$1x:')],
    ['names another driver', (line) => line.replace(/driver: [a-z0-9-]+/, 'driver: smmp')],
    ['begins a second document', (line) => `---\n${line}`],
  ];
  const lines = SOUND.site.split('\n');

  test('beside a site that is right nothing is said of it', () => expect(mistakesOf(SOUND)).toEqual([]));

  test.each(damages)('whichever line %s', (_, damage) => {
    lines.forEach((line, place) => {
      if (damage(line) === line) return;
      const site = lines.with(place, damage(line)).join('\n');
      expect(aboutKeys(site), `line ${place + 1}: ${line}`).toEqual([]);
    });
  });

  test('nor if the site file is not there, or names its keys file by no name', () => {
    expect(aboutKeys('')).toEqual([]);
    expect(aboutKeys(`keys: [a]\n${SOUND.site}`)).toEqual([]);
    expect(mistakesOf({ site: 'version: [1', keys: undefined }).map(({ file }) => file)).toEqual(['site.yaml']);
  });
});

describe('a keys file that can’t be read', () => {
  test.each([
    ['is missing', ''],
    ['is no file', 'keys: .\n'],
  ])('%s: nobody is told to make new keys, which would fit no device', (_, line) => {
    const [mistake, ...more] = mistakesOf({ site: `${line}${SITE}`, keys: undefined });
    expect(more).toEqual([]);
    expect(mistake?.code).toBe('CONFIG_UNREADABLE');
    expect(`${mistake?.message} ${mistake?.hint}`).not.toMatch(/fresh|new key|init|openssl/);
    expect(mistake?.hint).toContain('backup');
  });
});

describe('what follows from a mistake is not told as another', () => {
  test.each([
    ['a room number', 'number: "101"', 'number: "10/1"', 'number is'],
    ['a floor', 'id: "1"', 'id: "1/2"', 'id is'],
  ])('%s that is refused is told once, and not missed by the devices in it', (_what, from, to, says) => {
    const found = mistakesOf({ ...SOUND, site: edited(SOUND.site, [from, to]) });
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(says)]);
  });
});
