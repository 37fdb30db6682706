import fc from 'fast-check';
import { expect, it } from 'vitest';
import { biasFlag, contactState } from '../../../gateway/inputs/gpio/contact-levels.ts';
import { inputLines, requestGroups } from '../../../gateway/inputs/gpio/input-lines.ts';
import type { WiredContact } from '../../../gateway/inputs/wired-contact.ts';

const button = { device: 'd', of: 'button', number: 1, pin: 'GPIO17' } as const;
const pulls = fc.constantFrom('up', 'down', 'none');

it('a closed contact pulls its line away from its pull', () => {
  const table = (['up', 'down', 'none'] as const).flatMap((pull) =>
    (['normallyOpen', 'normallyClosed'] as const).map((contact) => [
      `${contact} ${pull}`,
      contactState({ ...button, contact, pull }, 0, undefined),
      contactState({ ...button, contact, pull }, 1, undefined),
    ]),
  );
  expect(table).toEqual([
    ['normallyOpen up', 'active', 'normal'],
    ['normallyClosed up', 'normal', 'active'],
    ['normallyOpen down', 'normal', 'active'],
    ['normallyClosed down', 'active', 'normal'],
    ['normallyOpen none', 'active', 'normal'],
    ['normallyClosed none', 'normal', 'active'],
  ]);
});

it('a cut cable of an end-of-line loop is told as cut, and never hides a press', () => {
  const contact: WiredContact = { ...button, contact: 'endOfLine', pull: 'up', cutPin: 'GPIO23' };
  expect(contactState(contact, 1, 1)).toBe('normal');
  expect(contactState(contact, 0, 1)).toBe('active');
  expect(contactState(contact, 1, 0)).toBe('cut');
  expect(contactState(contact, 0, 0)).toBe('active');
});

it('each pull is one bias', () => {
  expect([biasFlag('up'), biasFlag('down'), biasFlag('none')]).toEqual([0x100, 0x200, 0x400]);
});

it('each line that is wanted is requested exactly once, with its own pull, at most 64 at a time', () => {
  const contacts = fc.array(
    fc.record({ pin: fc.nat(150), cutPin: fc.option(fc.nat(150), { nil: undefined }), pull: pulls }),
    { maxLength: 200 },
  );
  const which = (lines: readonly unknown[]) => [...lines.keys()].filter((index) => index % 3 !== 1);
  fc.assert(
    fc.property(contacts, (given) => {
      const lines = inputLines(
        given.map(({ pin, cutPin, pull }) => ({
          ...button,
          contact: 'normallyOpen',
          pin: `GPIO${pin}`,
          pull,
          ...(cutPin === undefined ? {} : { cutPin: `GPIO${cutPin}` }),
        })),
      );
      const names = given.flatMap(({ pin, cutPin }) => (cutPin === undefined ? [pin] : [pin, cutPin]));
      expect(new Set(lines.map(({ name }) => name))).toEqual(new Set(names.map((name) => `GPIO${name}`)));
      const groups = requestGroups(lines, which(lines));
      expect(groups.flat().sort((a, b) => a - b)).toEqual(which(lines));
      for (const group of groups) {
        expect(group.length).toBeLessThanOrEqual(64);
        expect(new Set(group.map((index) => lines[index]?.pull)).size).toBe(1);
      }
    }),
  );
});
