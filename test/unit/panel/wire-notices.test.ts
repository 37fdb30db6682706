import { describe, expect, test } from 'vitest';
import { BthomeTag, type BthomeTagSettings, type TagInput } from '../../../device-sim/ble/bthome-tag.ts';
import { nodeBthomeCcm } from '../../../device-sim/ble/node-bthome-ccm.ts';
import { describeBthome } from '../../../device-sim/site/describe-advertisement.ts';
import { describeMessage } from '../../../device-sim/site/describe-message.ts';
import type { Message } from '../../../protocol/button-bus/message.ts';

const KEY = new Uint8Array(16).fill(7);
const TAG: BthomeTagSettings = { id: 'tag-1', address: '54:48:E6:8F:80:A5', buttons: 2, counter: 100 };

/** What the tag's first advertisement after this says. */
function said(input: TagInput, settings: Partial<BthomeTagSettings>, key?: Uint8Array): string | undefined {
  const tag = new BthomeTag({ ...TAG, ...settings }, nodeBthomeCcm);
  tag.step({ type: 'start' }, 0);
  const [sent] = tag.step(input, 1).advertisements;
  return sent && describeBthome(sent.address, sent.data, key);
}

describe('an advertisement', () => {
  test.each([
    [
      'a press in the clear',
      { type: 'press', button: 1, pattern: 'single' },
      {},
      undefined,
      'press of button 1, single',
    ],
    [
      'a press with its key',
      { type: 'press', button: 0, pattern: 'long' },
      { key: KEY },
      KEY,
      'press of button 0, long',
    ],
    ['a door', { type: 'door', open: true }, { door: true, key: KEY }, KEY, 'door open'],
  ] as const)('%s', (_, input, settings, key, text) => {
    expect(said(input, settings, key)).toContain(text);
  });

  test('sealed with another key it is said to be so, and nothing is guessed', () => {
    const press = { type: 'press', button: 0, pattern: 'single' } as const;
    expect(said(press, { key: KEY }, new Uint8Array(16))).toBe('BTHome, sealed with another key');
    expect(said(press, { key: KEY })).toBe('BTHome, sealed with another key');
  });

  test('of another kind is not described', () => {
    expect(describeBthome(TAG.address, Uint8Array.of(2, 1, 6), KEY)).toBeUndefined();
    expect(describeBthome(TAG.address, new Uint8Array(), KEY)).toBeUndefined();
  });
});

describe('a message of the button bus', () => {
  const names = { buttons: new Map([['alarm', 0]]), points: new Map([['doorContact', 1]]) };
  test.each([
    [{ type: 'press', button: 0, pattern: 'long' }, 'press of alarm, long'],
    [{ type: 'press', button: 5, pattern: 'single' }, 'press of number 5'],
    [{ type: 'release', button: 0, heldMs: 300 }, 'release of alarm after 300 ms'],
    [{ type: 'point', point: 1, active: true }, 'doorContact active'],
    [{ type: 'ack', nodeEpoch: 1, counter: 9, status: 'notConfirmed' }, 'ack of 9: not confirmed'],
    [{ type: 'poll', nodeEpoch: 1 }, 'poll'],
    [{ type: 'silent', nodeEpoch: 1, silent: true }, 'silent mode on'],
  ] satisfies [Message, string][])('%j', (message, text) => {
    expect(describeMessage(message, names)).toBe(text);
  });
});
