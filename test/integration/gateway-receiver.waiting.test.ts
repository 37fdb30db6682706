import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReceiverBehaviour } from '../../device-sim/receiver/behaviour.ts';
import { WholeGateway } from './support/whole-gateway.ts';

/**
 * One gateway and one receiver that misbehaves in every way in turn. Deadlines are short to keep
 * the tests short. Polls are rare, so that a test's behaviour meets its press.
 */
const SHORT = {
  rooms: 25,
  path: `    connectTimeoutSeconds: 0.3
    answerTimeoutSeconds: 0.2
    supervision: { mode: "null", intervalSeconds: 3600, downAfter: 100 }`,
  more: 'deadlines: { nextPathSeconds: 0.5, notConfirmedSeconds: 1 }',
};

let whole: WholeGateway;
let clockOffsetMs = 0;
let room = 100;

beforeAll(async () => {
  const nowWallMs = () => Date.now() + clockOffsetMs;
  whole = await (await WholeGateway.start({ ...SHORT, receiver: { nowWallMs } })).ready();
});
afterAll(() => whole.stop());

/** Each test has its own button, so that none waits behind another in its node. */
function freshDevice(): string {
  room += 1;
  return `wb-${room}`;
}

/** Expects the press at the receiver's desk once, on MQTT, and at the wall. */
async function arrived(id: string, device: string): Promise<void> {
  const alert = await whole.mqtt.acknowledged(id);
  expect(alert).toMatchObject({ not_confirmed: false, paths: { central: { state: 'acknowledged' } } });
  await whole.led(device, 'green');
  expect(whole.displayed(id)).toBe(1);
}

const silent: readonly ReceiverBehaviour[] = [
  { type: 'refuse' },
  { type: 'hang' },
  { type: 'vanish' },
  { type: 'closeMidFrame' },
  { type: 'halfFrameThenSilence' },
  { type: 'halfFrameThenClose' },
  { type: 'closeBeforeAnswering' },
  { type: 'wrongSequence' },
  { type: 'wrongAccount' },
  { type: 'badCrc' },
  { type: 'garbage' },
];

describe('without an acknowledgement a press is NOT CONFIRMED at the deadline, tried again for ever, and displayed once', () => {
  test.each(silent)('receiver: $type', async (behaviour) => {
    const device = freshDevice();
    await whole.receiver.behave(behaviour);
    const id = whole.press(device);
    const doubted = await whole.mqtt.alert(id, (alert) => alert.not_confirmed);
    expect(doubted.state).not.toBe('acknowledged');
    expect(doubted.timeline.acknowledged).toBeUndefined();
    await whole.led(device, 'red');
    await whole.receiver.behave({ type: 'normal' });
    await arrived(id, device);
    const { central } = (await whole.mqtt.acknowledged(id)).paths;
    expect(central?.attempts).toBeGreaterThan(1);
  });

  test('the deadline is kept: not before, and within a second after', async () => {
    const device = freshDevice();
    await whole.receiver.behave({ type: 'hang' });
    const beganMs = performance.now();
    const id = whole.press(device);
    await whole.mqtt.alert(id, (alert) => alert.not_confirmed);
    const tookMs = performance.now() - beganMs;
    expect(tookMs).toBeGreaterThanOrEqual(999);
    expect(tookMs).toBeLessThan(2000);
    await whole.receiver.behave({ type: 'normal' });
    await arrived(id, device);
  });
});

test('a receiver that closes after each ACK gets every press, each displayed once', async () => {
  await whole.receiver.behave({ type: 'closeAfterAck' });
  for (let press = 0; press < 4; press++) {
    const device = freshDevice();
    await arrived(whole.press(device), device);
  }
  await whole.receiver.behave({ type: 'normal' });
});

test('a second ACK to the same frame acknowledges nothing else', async () => {
  await whole.receiver.behave({ type: 'ackTwice' });
  const first = freshDevice();
  await arrived(whole.press(first), first);
  await whole.receiver.behave({ type: 'hang' });
  const second = freshDevice();
  const id = whole.press(second);
  expect((await whole.mqtt.alert(id, (alert) => alert.not_confirmed)).state).toBe('sent');
  await whole.receiver.behave({ type: 'normal' });
  await arrived(id, second);
});

test('a late answer is waited for, and the press is displayed once', async () => {
  const device = freshDevice();
  await whole.receiver.behave({ type: 'delay', ms: 100 });
  const id = whole.press(device);
  await arrived(id, device);
  await whole.receiver.behave({ type: 'normal' });
});

test('NAK: the press goes out again with the receiver’s time, an hour from ours, and the same sequence number', async () => {
  const device = freshDevice();
  clockOffsetMs = 3_600_000;
  const id = whole.press(device);
  await arrived(id, device);
  const shown = whole.receiver.displayed.find((event) => event.reportId === id);
  expect(Math.abs((shown?.timestampMs ?? 0) - Date.now() - clockOffsetMs)).toBeLessThan(20_000);
  const { central } = (await whole.mqtt.acknowledged(id)).paths;
  expect(central?.sequence).toBe(shown?.sequence);
  // More, if the machine stood still for longer than an answer may take.
  expect(central?.attempts).toBeGreaterThanOrEqual(2);
  expect(whole.receiver.displayed.filter((event) => event.reportId === id)).toHaveLength(1);
  clockOffsetMs = 0;
  const next = freshDevice();
  await arrived(whole.press(next), next);
});

test('NAK to one format, though the clocks agree: the next format at once', async () => {
  const device = freshDevice();
  await whole.receiver.behave({ type: 'nak', times: 1 });
  const id = whole.press(device);
  await arrived(id, device);
  expect(whole.receiver.displayed.find((event) => event.reportId === id)?.token).toBe('ADM-CID');
  expect((await whole.mqtt.acknowledged(id)).paths).toMatchObject({ central: { attempts: 2 } });
});

test('NAK without end: NOT CONFIRMED, a trouble names account and format, and the press arrives when the receiver relents', async () => {
  const device = freshDevice();
  await whole.receiver.behave({ type: 'nak', times: Number.POSITIVE_INFINITY });
  const id = whole.press(device);
  await whole.mqtt.alert(id, (alert) => alert.not_confirmed);
  expect((await whole.mqtt.trouble('pathRefuses')).text).toMatch(/clock agrees: check account, key and format/);
  await whole.receiver.behave({ type: 'normal' });
  await arrived(id, device);
  // Both reports of the trouble have passed, so they do not disturb the next test.
  await whole.receiver.until(
    () => whole.troublesDisplayed.filter((text) => text.includes('clock agrees')).length === 2,
  );
});

test('DUH: the same content is not sent again, the next format is, and it is understood', async () => {
  const device = freshDevice();
  await whole.receiver.behave({ type: 'duh', times: 1 });
  const id = whole.press(device);
  await arrived(id, device);
  expect(whole.receiver.displayed.find((event) => event.reportId === id)?.token).toBe('ADM-CID');
  const { central } = (await whole.mqtt.acknowledged(id)).paths;
  expect(central?.attempts).toBe(2);
});

test('DUH in every format: NOT CONFIRMED at once, a trouble says which report was not understood, and it is tried on', async () => {
  const device = freshDevice();
  await whole.receiver.behave({ type: 'duh', times: 2 });
  const id = whole.press(device);
  const alert = await whole.mqtt.alert(id, (one) => one.not_confirmed);
  expect(alert.paths).toMatchObject({ central: { state: 'waiting', attempts: 2 } });
  await whole.receiver.until((desk) => desk.displayed.some((event) => event.text?.includes('does not understand')));
  await arrived(id, device);
});

test('of all this the gateway never lost count: every press has its alert in the log, none has two', () => {
  const raised = whole.log.filter((line) => line.event === 'alert.raised').map((line) => line.alert);
  expect(new Set(raised).size).toBe(raised.length);
  expect(raised).toHaveLength(room - 100);
});
