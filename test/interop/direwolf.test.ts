import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { socketDuplex } from '../../device-sim/radio/duplex.ts';
import { RadioReceiver } from '../../device-sim/radio/radio-receiver.ts';
import { bytesToHex } from '../../protocol/bytes.ts';
import { acknowledged, attemptOf, eventually, pollOf, RadioRig, settingsFor } from '../integration/radio-rig.ts';
import { DirewolfPair } from './direwolf-pair.ts';
import { counterpart } from './required.ts';

const installed = ['direwolf', 'decode_aprs', 'socat'].every(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
);
const { skip, title } = counterpart('direwolf', installed, 'apt-get install direwolf socat');

/** What direwolf's own decoder makes of a frame. */
function decoded(frame: Uint8Array): string {
  const line = `00${bytesToHex(frame)}`.replace(/../g, '$& ');
  return spawnSync('decode_aprs', { input: `${line}\n`, encoding: 'latin1' }).stdout;
}

describe.skipIf(skip)(title, () => {
  let pair: DirewolfPair;
  let rig: RadioRig;
  let receiver: RadioReceiver;

  beforeAll(async () => {
    if (!installed) throw new Error(title);
    pair = await DirewolfPair.start();
    const [near, far] = pair.kissPorts;
    const socket = await pair.connected(far);
    receiver = new RadioReceiver({ callsign: 'N0CALL-1', tnc: socketDuplex(socket) });
    // The receiving station keys up with direwolf's own delay of 300 ms.
    const keying = { txDelayMs: 300, txTailMs: 100, slotMs: 100, persistence: 63 };
    rig = new RadioRig(settingsFor({ host: '127.0.0.1', port: near }, keying));
    let attempt = 9_000;
    await eventually('the connection to the TNC', () => {
      rig.driver.send(pollOf(++attempt));
      return rig.sent.length > 0;
    });
    await rig.outcome(attempt);
  });

  afterAll(async () => {
    await rig?.driver.stop();
    receiver?.close();
    await pair?.stop();
  });

  test('carries messages and acknowledgements as tones, five of five', async () => {
    const tookMs: number[] = [];
    for (let sequence = 1; sequence <= 5; sequence++) {
      const before = performance.now();
      expect(await rig.send(attemptOf(sequence, sequence))).toEqual(acknowledged);
      tookMs.push(Math.round(performance.now() - before));
    }
    const shown = receiver.shown.filter(({ id }) => id !== '0000');
    expect(shown.map(({ id, rooms, copies }) => ({ id, rooms, copies }))).toEqual(
      [1, 2, 3, 4, 5].map((sequence) => ({ id: `000${sequence}`, rooms: ['101'], copies: 1 })),
    );
    process.stdout.write(`message to acknowledgement through two direwolfs: ${tookMs.join(', ')} ms\n`);
  });

  test('agrees with us on what the longest message says', async () => {
    const text = 'DRILL: Intruder, Main building, Second floor, Rm 203 Chemistry laboratory';
    expect(await rig.send(attemptOf(10, 9999, { text }))).toEqual(acknowledged);
    const heard = receiver.heard.at(-1);
    const words = decoded(heard?.frame ?? new Uint8Array());
    expect(words).toContain(
      'N0CALL-9>APZCPT::N0CALL-1 :DRILL: Intruder, Main building, Second floor, Rm 203 Chemistry l...{9999',
    );
    expect(words).toContain('APRS Message 9999 for "N0CALL-1"');
    expect(words).not.toMatch(/error|invalid|unexpected/i);
  });

  test('repeats nothing at the desk when an acknowledgement was lost', async () => {
    receiver.behave({ type: 'ackLost', times: 1 });
    rig.driver.send(attemptOf(20, 20));
    await receiver.until(({ heard }) => heard.at(-1)?.id === '0020');
    rig.driver.abandon(20);
    expect(await rig.send(attemptOf(21, 20))).toEqual(acknowledged);
    expect(receiver.shown.at(-1)).toMatchObject({ id: '0020', copies: 2 });
  });

  test('carries messages to us, and our acknowledgements', async () => {
    receiver.say('N0CALL-9', 'who is there?', 'A7');
    await receiver.until(({ acknowledged }) => acknowledged.includes('A7'));
  });
});
