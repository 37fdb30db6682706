import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReceiverBehaviour } from '../../device-sim/receiver/behaviour.ts';
import { WholeGateway } from './support/whole-gateway.ts';

/** One gateway without encryption, and a receiver that answers as some in the field do. */
const SITE = {
  rooms: 24,
  encrypted: false,
  path: '    supervision: { mode: auto, intervalSeconds: 5 }',
};

let whole: WholeGateway;
let room = 100;

beforeAll(async () => {
  whole = await (await WholeGateway.start(SITE)).ready();
});
afterAll(() => whole.stop());

function press(): string {
  room += 1;
  return whole.press(`wb-${room}`);
}

/** Expects a confirmation in time, and one display to the operator. */
async function arrives(id: string): Promise<string | undefined> {
  expect(await whole.mqtt.acknowledged(id)).toMatchObject({ not_confirmed: false });
  const shown = whole.receiver.displayed.filter((event) => event.reportId === id);
  expect(shown).toHaveLength(1);
  return shown[0]?.token;
}

describe('a press arrives in time at a receiver that', () => {
  const manners: readonly ReceiverBehaviour[] = [
    { type: 'oddSpelling' },
    { type: 'closeAfterAck' },
    { type: 'firstFrameOnly' },
    { type: 'oneConnection' },
    { type: 'silentToNull' },
  ];

  test.each(manners)('$type', async (manner) => {
    await whole.receiver.behave(manner);
    await arrives(press());
    for (const id of [press(), press(), press()]) await arrives(id);
    await whole.receiver.behave({ type: 'normal' });
  });

  test('answers NAK with the right time to SIA-DCS, in the next format; nothing is said of clocks', async () => {
    await whole.receiver.behave({ type: 'nakFormat', format: 'SIA-DCS' });
    expect(await arrives(press())).toBe('ADM-CID');
    expect(whole.mqtt.troubles.map(({ type }) => type)).not.toContain('clockRefused');
    await whole.receiver.behave({ type: 'normal' });
  });

  test('answers a bare NAK to what it does not know, once it is told; a trouble says what to check', async () => {
    await whole.receiver.behave({ type: 'bareNak' });
    const id = press();
    expect((await whole.mqtt.trouble('clockRefused')).text).toContain('check the clocks, account, key and format');
    expect(whole.displayed(id)).toBe(0);
    await whole.receiver.behave({ type: 'normal' });
    await arrives(id);
  });
});
