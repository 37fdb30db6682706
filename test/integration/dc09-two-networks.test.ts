import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { WholeGateway } from './support/whole-gateway.ts';

let whole: WholeGateway;
let backup: Receiver;

/** Two receivers: over TCP from one address of this machine, over UDP from another. */
beforeAll(async () => {
  backup = await startReceiver({ port: 0, udp: true, accounts: [{ account: '5678' }] });
  whole = await WholeGateway.start({
    rooms: 3,
    path: `    localAddress: 127.0.0.2
    supervision: { mode: "null", intervalSeconds: 3600, downAfter: 100 }
  - id: backup
    driver: dc09-udp
    host: 127.0.0.1
    localAddress: 127.0.0.3
    port: ${backup.port}
    account: "5678"
    encrypted: false
    resendMilliseconds: 100
    supervision: { mode: "null", intervalSeconds: 3600, downAfter: 100 }`,
  });
  await whole.ready();
  await whole.mqtt.path('backup', 'up');
});
afterAll(async () => {
  await whole.stop();
  await backup.close();
});

const shown = (receiver: Receiver, id: string) => receiver.displayed.filter((event) => event.reportId === id).length;

test('while the first network works, alerts go over it alone', async () => {
  const id = whole.press('wb-101');
  await whole.mqtt.acknowledged(id);
  expect([shown(whole.receiver, id), shown(backup, id)]).toEqual([1, 0]);
});

test('the first receiver is gone: the alert arrives by UDP over the other network, though answers are lost', async () => {
  await whole.receiver.behave({ type: 'refuse' });
  await backup.behave({ type: 'loseAnswers', times: 2 });
  const id = whole.press('wb-102');
  const alert = await whole.mqtt.acknowledged(id);
  expect(alert.paths).toMatchObject({ backup: { state: 'acknowledged', attempts: 1 } });
  expect(shown(backup, id)).toBe(1);
});
