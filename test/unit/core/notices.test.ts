import { expect, test } from 'vitest';
import type { NotUnderstood, UnknownSignal } from '../../../gateway/core/signal.ts';
import {
  gatewayDefect,
  gatewayStoodStill,
  notUnderstood,
  refusedReport,
  stalePress,
  unknownSender,
} from '../../../gateway/core/troubles/notices.ts';
import { device } from '../../simulation/site.ts';

const signal: UnknownSignal = {
  input: 'bus-1',
  address: '23',
  reason: 'notEnrolled',
  says: 'press',
  capturedMs: 0,
};

test.each<[string, Partial<UnknownSignal>, string, string, string]>([
  [
    'a press',
    {},
    'unknownPress',
    'Press from unknown device: input bus-1, address 23, address is not enrolled',
    'input bus-1, address 23, address is not enrolled',
  ],
  [
    'a forged press',
    { reason: 'notAuthentic', identity: { epoch: 3, counter: 4 } },
    'unknownPress',
    'Press from unknown device: input bus-1, address 23, its key does not fit',
    'input bus-1, address 23, its key does not fit, epoch 3 counter 4',
  ],
  [
    'a press in the clear',
    { reason: 'notEncrypted' },
    'unknownPress',
    'Press from unknown device: input bus-1, address 23, it has a key but spoke without it',
    'input bus-1, address 23, it has a key but spoke without it',
  ],
  [
    'a new node',
    { says: 'hello', serial: '0011223344556677' },
    'unknownDevice',
    'Unknown device heard (hello): input bus-1, address 23, address is not enrolled',
    'input bus-1, address 23, serial 0011223344556677, address is not enrolled',
  ],
])('%s of an unknown sender says all that is known', (_, changes, type, text, detail) => {
  expect(unknownSender({ ...signal, ...changes })).toMatchObject({ type, text, detail, subject: 'bus-1.23' });
});

test('a press of an unknown device may be told each minute, other frames each hour', () => {
  expect(unknownSender(signal).gapMs).toBe(60_000);
  expect(unknownSender({ ...signal, says: 'heartbeat' }).gapMs).toBe(3_600_000);
});

test.each([
  [true, 'run: callpoint enrol wb-101 --reason "new battery"'],
  [false, 'then give it a new key'],
])('a press with old numbers says what to do (counter alone: %s)', (counterOnly, advice) => {
  const { text, detail, subject } = stalePress('bus-1', device(101, { counterOnly }), { epoch: 1, counter: 2 });
  expect(subject).toBe('wb-101');
  expect(text).toMatch(/^Press with old numbers, not accepted: wb-101, Main building, Floor 1, Rm 101: [a-z, ]+$/);
  expect(detail).toContain('input bus-1, epoch 1 counter 2');
  expect(detail).toContain(advice);
});

test('of a counter that is missing, the detail says beside which word, and not that the counter is the word', () => {
  const said = { type: 'notUnderstood', of: 'counter', member: 'event_cnt', value: 'S' } as const;
  expect(notUnderstood(device(101), said).detail).toContain('event_cnt is missing or too long beside "S"; ');
});

test.each<[NotUnderstood['of'], string, string]>([
  ['button', 'Press', 'add it under press:, or under release: if it is no press'],
  ['availability', 'Message', 'add it under online: or offline:'],
])('a value that nothing names is told with the device, its room and where to name it (%s)', (of, what, where) => {
  const notice = notUnderstood(device(101), { type: 'notUnderstood', of, member: 'action', value: 'emergency' });
  const text = `${what} not understood: wb-101, Main building, Floor 1, Rm 101`;
  expect(notice).toMatchObject({ subject: `wb-101.${of}`, text, detail: `action is "emergency"; ${where}` });
});

test.each([
  ['a line break and a bell', 'on\r\n\u0007off', 'on off'],
  ['a mark that turns the line around', 'on\u202eoff', 'on off'],
  ['a quotation mark', 'x"; all is well', "x'; all is well"],
  ['half of a pair of surrogates', 'on\ud800', 'on'],
  ['four thousand characters', 'x'.repeat(4_000), `${'x'.repeat(40)}…`],
  ['nothing that can be shown', '\u0000', ''],
])('a hostile value is told in one short line: %s', (_, value, shown) => {
  const { detail } = notUnderstood(device(101), { type: 'notUnderstood', of: 'button', member: 'action', value });
  expect(detail).toContain(`action is "${shown}"; `);
});

test('a refused report belongs to its path, and the gateway’s own faults to the gateway', () => {
  expect(refusedReport('central', 'x')).toMatchObject({ type: 'pathRefuses', subject: 'central' });
  expect(gatewayDefect('no path x')).toMatchObject({
    text: 'Defect in the gateway, which goes on',
    detail: 'no path x',
  });
  expect(gatewayStoodStill(7_400)).toMatchObject({ type: 'gatewayStalled', subject: 'gateway' });
  expect(gatewayStoodStill(7_400).text).toContain('7 s');
});
