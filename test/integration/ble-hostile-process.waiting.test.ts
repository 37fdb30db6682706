import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { readPaced } from '../../gateway/inputs/ble/read-paced.ts';
import { type BleRig, bthomeAdvertisement, makeBleRig } from './ble-rig.ts';

/**
 * The process that listens reads what strangers send by radio, so it may be theirs one day. All it
 * can do is to be replaced.
 */

const TAG = 'AA:00:00:00:00:01';
const LISTENING = '{"type":"state","state":"listening","detail":""}\n';
const IMPATIENT = { beginMs: 1_500, pollMs: 100, unanswered: 5, retryMs: 50 };
/** Of a real process, on a busy machine. */
const PATIENT = { beginMs: 30_000, unanswered: 300 };

/** Sends this for ever, as fast as the gateway takes it. */
function flood(text: string) {
  return (socket: Socket) => {
    socket.write(LISTENING);
    const more = () => {
      while (socket.writable && socket.write(text));
    };
    socket.on('drain', more);
    more();
  };
}

const forged = `{"type":"heard","heard":[[1,"${TAG.toLowerCase()}",-60,"presence",""],[{"toString":1}]]}\n`;
const odd = [
  '{"type":{"toString":1}}',
  '{"type":"state","state":{"toString":1},"detail":{"toString":1}}',
  '{"type":"state","state":["listening"],"detail":[]}',
  '{"type":"found","radio":"../../hci0"}',
  '{"type":"status","residentBytes":1e999,"advertisements":-1e999,"dropped":"many"}',
  '{"type":"strangers","strangers":[[{"toString":1},1,{}],null,7],"leftOut":[]}',
  '{"type":"heard","heard":[{"toString":1},null,[[]],[1e999,{},1e999,{"toString":1},[]]]}',
  '{"__proto__":{"type":"state"},"constructor":null}',
  'null',
  '[]',
  '1e999',
];

const ATTACKS: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
  ['ends at once', (socket) => socket.end(), /ended \(journalctl -u "callpoint-radio@\*" -n 20 says why\)/],
  ['says nothing at all', () => undefined, /the process for .* says nothing: it is started anew/],
  ['sends half a line and ends', (socket) => socket.end('{"type":"sta'), /ended \(journalctl/],
  ['sends an endless line', flood('a'.repeat(10_000)), /sent a line longer than 262144 bytes: it is started anew/],
  ['sends no JSON', (socket) => socket.write('\u001b[2J\u0000\n'), /sent a line that is no JSON: /],
  [
    'sends odd values in each place, then nothing',
    (socket) => socket.write(`${LISTENING}${odd.join('\n')}\n`),
    /does not answer/,
  ],
  ['floods with messages and answers nothing', flood(forged.repeat(50)), /does not answer/],
  ['floods with empty messages', flood('{}\n'.repeat(5_000)), /does not answer/],
];

async function hears(rig: BleRig): Promise<void> {
  await rig.until('a real process', () => rig.plug.controller.isScanning && rig.healths().at(-1) === 'up');
  rig.plug.controller.hear(bthomeAdvertisement(TAG, '44 00 01 3a 01'));
  await rig.until('the press', () => rig.sink.signals.some(({ device }) => device === 'tag'));
}

describe('a radio’s process that', () => {
  it.each(ATTACKS)('%s costs a trouble and its restart', async (_, attack, trouble) => {
    const devices = [{ format: 'bthome', device: 'tag', address: TAG, lowBatteryPercent: 15, points: [] }] as const;
    const rig = makeBleRig({ startedBy: 'systemd', attack, devices, limits: IMPATIENT });
    try {
      const before = process.memoryUsage.rss();
      rig.driver.start();
      await rig.until('the trouble', () => rig.healths().includes('down'));
      expect(rig.details()[rig.healths().indexOf('down')]).toMatch(trouble);
      expect(rig.sink.signals).toEqual([]);
      Object.assign(rig.limits, PATIENT);
      await hears(rig);
      expect(process.memoryUsage.rss() - before).toBeLessThan(80e6);
    } finally {
      await rig.close();
    }
  });
});

it('a socket that nobody serves any more is a trouble that says what to start; the radio listens when it is served', async () => {
  const rig = makeBleRig({ startedBy: 'systemd', limits: { ...IMPATIENT, ...PATIENT } });
  try {
    rig.unit?.stop();
    expect(existsSync(rig.radioSocket)).toBe(true);
    rig.driver.start();
    await rig.until('the trouble', () => rig.healths().includes('down'));
    expect(rig.details()[0]).toBe(
      `${rig.plug.path}: callpoint-radio.socket does not answer (ECONNREFUSED): systemctl start callpoint-radio.socket`,
    );
    rig.unit?.start();
    await rig.until('the radio', () => rig.healths().at(-1) === 'up');
  } finally {
    await rig.close();
  }
});

it('a sender that sends faster than any radio hears waits, and loses nothing', async () => {
  const [stream, chunk] = [new PassThrough(), Buffer.alloc(16_384)];
  const [taken, atFirst] = [{ bytes: 0 }, { bytes: 0 }];
  readPaced(stream, (bytes) => {
    taken.bytes += bytes.length;
    return 0;
  });
  stream.once('pause', () => {
    atFirst.bytes = taken.bytes;
  });
  for (let sent = 0; sent < 64; sent++) stream.write(chunk);
  stream.end();
  await finished(stream);
  expect(taken.bytes).toBe(64 * chunk.length);
  // A burst, and what the radio may hear while that is read.
  expect(atFirst.bytes).toBeLessThan(taken.bytes);
  expect(atFirst.bytes).toBeGreaterThan(512 * 1024 - 3 * chunk.length);
});
