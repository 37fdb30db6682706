import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import type { Outcome } from '../../gateway/core/report.ts';
import { createDc09Driver } from '../../gateway/paths/dc09/driver.ts';
import type { PressRig } from './press-rig.ts';

const ROUNDS = 3000;

/**
 * Compiles the rig's own code before the gateway starts. Otherwise the rig would warm up during the
 * measurement, on the same two cores. The gateway is not touched.
 */
export async function warmRig(rig: PressRig): Promise<void> {
  const key = new Uint8Array(16).fill(7);
  const receiver = await startReceiver({ port: 0, accounts: [{ account: '1234', key }] });
  receiver.on(() => undefined);
  await sendMany(receiver, key);
  await receiver.close();
  for (let round = 0; round < ROUNDS; round++) rig.rehearse();
}

async function sendMany(receiver: Receiver, key: Uint8Array): Promise<void> {
  let finished: (outcome: Outcome) => void = () => undefined;
  const sink = {
    sent: () => undefined,
    outcome: (_path: string, _attempt: number, outcome: Outcome) => finished(outcome),
  };
  const driver = createDc09Driver(
    {
      driver: 'dc09-tcp',
      id: 'warm',
      host: '127.0.0.1',
      port: receiver.port,
      account: '1234',
      prefix: '0',
      receiver: '0',
      formats: ['SIA-DCS'],
      key,
      connections: 1,
      timestamp: true,
      connectTimeoutMs: 3000,
    },
    sink,
    { nowWallMs: Date.now },
  );
  driver.start();
  for (let attempt = 1; attempt <= ROUNDS; attempt++) {
    const answered = new Promise<Outcome>((resolve) => {
      finished = resolve;
    });
    const report = {
      id: `d1.1.${attempt}`,
      class: 'alarm',
      sia: 'PA',
      contactId: '120',
      qualifier: 1,
      zone: 1,
      area: 0,
      text: 'Intruder, Building, Floor, Rm 1 Room',
      occurredMs: Date.now(),
    } as const;
    driver.send({ attempt, path: 'warm', sequence: (attempt % 9999) + 1, clockOffsetMs: 0, report, format: 0 });
    await answered;
  }
  await driver.stop();
}
