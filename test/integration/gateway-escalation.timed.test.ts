import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { WholeGateway } from './support/whole-gateway.ts';

const NEXT_PATH_MS = 300;

let whole: WholeGateway;
let backup: Receiver;
let room = 100;

beforeAll(async () => {
  const port = await freePort();
  backup = await startReceiver({ port, accounts: [{ account: '5678' }] });
  whole = await WholeGateway.start({
    rooms: 8,
    path: `    answerTimeoutSeconds: 0.5
    supervision: { mode: "null", intervalSeconds: 3600, downAfter: 100 }
  - id: backup
    driver: dc09-tcp
    host: 127.0.0.1
    port: ${port}
    account: "5678"
    encrypted: false
    answerTimeoutSeconds: 0.5
    supervision: { mode: "null", intervalSeconds: 3600, downAfter: 100 }`,
    more: 'deadlines: { nextPathSeconds: 0.3, notConfirmedSeconds: 1 }',
  });
  await whole.ready();
  await whole.mqtt.path('backup', 'up');
});
afterAll(async () => {
  await whole.stop();
  await backup.close();
});
beforeEach(async () => {
  room += 1;
  await whole.receiver.behave({ type: 'normal' });
  await backup.behave({ type: 'normal' });
});

const onBackup = (id: string) => backup.displayed.filter((event) => event.reportId === id);

test('while the first path answers, the second is not used', async () => {
  const id = whole.press(`wb-${room}`);
  expect((await whole.mqtt.acknowledged(id)).paths).toEqual({
    central: expect.objectContaining({ state: 'acknowledged', attempts: 1 }),
  });
  expect(onBackup(id)).toEqual([]);
});

test('a first path that hangs: the next one joins at its deadline, and the alert is confirmed', async () => {
  await whole.receiver.behave({ type: 'hang' });
  const id = whole.press(`wb-${room}`);
  const alert = await whole.mqtt.acknowledged(id);
  expect(alert.paths).toMatchObject({ backup: { state: 'acknowledged', attempts: 1 } });
  expect(alert.not_confirmed).toBe(false);
  expect(alert.timeline.acknowledged).toBeGreaterThanOrEqual(NEXT_PATH_MS);
  expect(alert.timeline.acknowledged).toBeLessThan(900);
  expect(onBackup(id)).toHaveLength(1);
  await whole.led(`wb-${room}`, 'green');
});

test('a first path that refuses: the next one joins at once, not at its deadline', async () => {
  await whole.receiver.behave({ type: 'refuse' });
  const alert = await whole.mqtt.acknowledged(whole.press(`wb-${room}`));
  expect(alert.paths).toMatchObject({ backup: { state: 'acknowledged' } });
  expect(alert.timeline.acknowledged).toBeLessThan(NEXT_PATH_MS);
});

test('both paths hang: NOT CONFIRMED, sending goes on, and both desks see the same id at most once', async () => {
  await whole.receiver.behave({ type: 'hang' });
  await backup.behave({ type: 'hang' });
  const device = `wb-${room}`;
  const id = whole.press(device);
  await whole.mqtt.alert(id, (alert) => alert.not_confirmed);
  await whole.led(device, 'red');
  await backup.behave({ type: 'normal' });
  const alert = await whole.mqtt.acknowledged(id);
  expect(alert.not_confirmed).toBe(false);
  expect(onBackup(id)).toHaveLength(1);
  expect(whole.displayed(id)).toBeLessThanOrEqual(1);
  await whole.led(device, 'green');
});

test('a cancelled alert that no receiver has acknowledged still goes out, and its cancel after it', async () => {
  await whole.receiver.behave({ type: 'refuse' });
  await backup.behave({ type: 'refuse' });
  const id = whole.press(`wb-${room}`);
  await whole.mqtt.alert(id, (alert) => alert.not_confirmed);
  await whole.mqtt.command('cancel', id, 'pressed by the cleaner');
  const cancelled = await whole.mqtt.alert(id, (alert) => alert.state === 'cancelled');
  expect(cancelled).toMatchObject({ closed_by: 'console', closed_reason: 'pressed by the cleaner' });
  await whole.receiver.behave({ type: 'normal' });
  const arrived = () =>
    whole.receiver.displayed.flatMap(({ reportId }) => (reportId?.startsWith(id) ? [reportId] : []));
  await whole.receiver.until(() => arrived().length === 2);
  expect(arrived()).toEqual([id, `${id}.cancel`]);
});
