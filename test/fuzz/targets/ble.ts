import { AdvertisementReader } from '../../../gateway/inputs/ble/advertisement-reader.ts';
import { MessageLines } from '../../../gateway/inputs/ble/message-lines.ts';
import { nodeBthomeCcm } from '../../../gateway/inputs/ble/node-bthome-ccm.ts';
import {
  FROM_SCANNER_LENGTH_MAX,
  type Heard,
  parseFromScanner,
  parseHeard,
  parseStranger,
  parseToScanner,
} from '../../../gateway/inputs/ble/scanner-messages.ts';
import { addressBytes, addressText } from '../../../protocol/ble/address.ts';
import { composeAdvertisingData, parseAdvertisingData } from '../../../protocol/ble/advertising-data.ts';
import { composeObjects, parseBthomeFrame, parseObjects } from '../../../protocol/ble/bthome.ts';
import { claimedCounter, openBthome, sealBthome } from '../../../protocol/ble/bthome-encryption.ts';
import { objectIds } from '../../../protocol/ble/bthome-objects.ts';
import { composeEddystoneUid, parseEddystoneUid } from '../../../protocol/ble/eddystone.ts';
import { composeIBeacon, parseIBeacon } from '../../../protocol/ble/i-beacon.ts';
import { bytesToHex } from '../../../protocol/bytes.ts';
import type { MonoMs } from '../../../protocol/clocks.ts';
import { latin1, promise, same, sameBytes, sameInAnyPieces, unlessThrown } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const ADDRESS = '54:48:E6:8F:80:A5';
const KEY = Uint8Array.from({ length: 16 }, (_, at) => at);
const NOW_MS = 100_000 as MonoMs;
const address = addressBytes(ADDRESS) ?? new Uint8Array();
const points = [{ number: 0, type: 'doorContact' as const }];
const UUID = '00112233445566778899aabbccddeeff';
const SPACE = '00112233445566778899';
const beacon = composeIBeacon({ uuid: UUID, major: 1, minor: 2, powerDbm: -59 });
const uid = composeEddystoneUid({ namespace: SPACE, instance: '001122334455', powerDbm: -20 });
const objects = composeObjects({
  packetId: 1,
  batteryPercent: 90,
  voltageMv: 3000,
  batteryLow: true,
  openings: [true],
  buttons: ['single', undefined, 'hold'],
});
const sealed = sealBthome(nodeBthomeCcm, KEY, address, true, { counter: 7, objects });

/** An advertisement as the radio hears it, and what stands in it. */
const advertisement: FuzzTarget = {
  name: 'ble-advertisement',
  seeds: [
    composeAdvertisingData([
      { type: 1, value: Uint8Array.of(6) },
      { type: 0xff, value: beacon.subarray(0, 20) },
    ]),
    beacon,
    uid,
    Uint8Array.of(0x44, ...objects),
    sealed,
  ],
  words: ['\xfe\xaa', '\x4c\x00\x02\x15', '\x44', '\x40', '\x45', '\x50', '\x3a\x01', '\x53'],
  lengthMax: 255,
  run: (input) => {
    const structures = parseAdvertisingData(input);
    const again = unlessThrown(RangeError, () => composeAdvertisingData(structures));
    if (again !== undefined)
      sameBytes(again, input.subarray(0, again.length), 'the structures as they are written again');
    const found = parseIBeacon(input);
    if (found !== undefined)
      sameBytes(composeIBeacon(found), input.subarray(0, 25), 'the iBeacon as it is written again');
    const eddystone = parseEddystoneUid(input);
    if (eddystone !== undefined) {
      sameBytes(
        composeEddystoneUid(eddystone).subarray(0, 18),
        input.subarray(0, 18),
        'the Eddystone as it is written again',
      );
    }
    readBthome(input);
    // OpenSSL makes no tag of nothing, and no tag device sends nothing.
    if (input.length > 0) readBthome(sealBthome(nodeBthomeCcm, KEY, address, true, { counter: 7, objects: input }));
    if (input.length === 6)
      sameBytes(addressBytes(addressText(input)) ?? uid, input, 'the address as it is read again');
    addressBytes(latin1(input));
  },
};

function readBthome(data: Uint8Array): void {
  const frame = parseBthomeFrame(data);
  if (frame === undefined) return;
  claimedCounter(frame);
  const body = frame.encrypted ? openBthome(nodeBthomeCcm, KEY, address, frame)?.objects : frame.body;
  if (body === undefined) return;
  objectIds(body);
  const message = parseObjects(body);
  const { complete: _, ...read } = parseObjects(composeObjects(message));
  const { complete: __, ...before } = message;
  same(read, before, 'the objects as they are read again');
}

/** What the process that listens to a radio says: it reads what strangers send. */
const scanner: FuzzTarget = {
  name: 'ble-scanner-lines',
  seeds: [
    `${JSON.stringify({ type: 'heard', heard: [[99_990, ADDRESS.toLowerCase(), -60, 'bthome', bytesToHex(sealed)]] })}\n`,
    `${JSON.stringify({ type: 'heard', heard: [[1, '00:00:00:00:00:01', 127, 'bthome', bytesToHex(Uint8Array.of(0x44, ...objects))]] })}\n`,
    `${JSON.stringify({ type: 'heard', heard: [[1, '00:00:00:00:00:01', 127, 'iBeacon', bytesToHex(beacon)]] })}\n`,
    `${JSON.stringify({ type: 'heard', heard: [[1, '00:00:00:00:00:01', 127, 'eddystone', bytesToHex(uid)]] })}\n`,
    '{"type":"state","state":"listening","detail":"hci0"}\n{"type":"found","radio":"hci1"}\n',
    '{"type":"status","residentBytes":1,"advertisements":2,"dropped":3}\n',
    '{"type":"strangers","strangers":[["bthome","00:00:00:00:00:01","44",-60,1,2,3,4,"44"]],"leftOut":1}\n',
    '{"type":"listen","radio":{"type":"kernel","number":0},"watch":{"addresses":[],"iBeacons":[],"eddystones":[]}}\n',
    '{"type":"listen","radio":{"type":"serial","path":"/dev/ttyX","baudRate":9600},"watch":{}}\n{"type":"ping"}\n',
  ],
  words: [
    '"heard":',
    '"bthome"',
    '"presence"',
    '"type":',
    '[',
    ']',
    '{',
    '}',
    'null',
    '1e999',
    '"toString":0',
    '"__proto__":',
    '\n',
  ],
  lengthMax: 65_536,
  slowMs: 150,
  run: (input) => {
    const { messages } = sameInAnyPieces(input, () => {
      const messages: unknown[] = [];
      const faults: string[] = [];
      const lines = new MessageLines(4_096, {
        message: (message) => messages.push(message),
        fault: (what) => faults.push(what),
      });
      return { push: (chunk) => lines.push(Buffer.from(chunk)), result: () => ({ messages, faults }) };
    });
    messages.forEach(readScannerMessage);
  },
  stream: () => {
    const lines = new MessageLines(FROM_SCANNER_LENGTH_MAX, { message: () => undefined, fault: () => undefined });
    return (chunk) => {
      lines.push(Buffer.from(chunk));
    };
  },
};

function newReader(): AdvertisementReader {
  return new AdvertisementReader({
    id: 'ble',
    devices: [
      { format: 'bthome', device: 'tag-1', address: ADDRESS, key: KEY, points, lowBatteryPercent: 20 } as never,
      { format: 'bthome', device: 'tag-2', address: '00:00:00:00:00:01', points, lowBatteryPercent: 20 } as never,
      { format: 'fob', device: 'fob-1', match: { type: 'iBeacon', uuid: UUID, major: 1 }, quietMs: 3000 } as never,
      { format: 'fob', device: 'fob-2', match: { type: 'eddystone', namespace: SPACE }, quietMs: 3000 } as never,
    ],
  });
}

function readScannerMessage(message: unknown): void {
  parseToScanner(message);
  const said = parseFromScanner(message);
  if (said?.type === 'strangers') said.strangers.forEach((each) => void parseStranger(each));
  if (said?.type !== 'heard') return;
  const reader = newReader();
  for (const entry of said.heard) {
    const heard: Heard | undefined = parseHeard(entry, NOW_MS);
    if (heard === undefined) continue;
    promise(heard.capturedMs <= NOW_MS && heard.capturedMs > 0, 'nothing is heard in the future');
    reader.isEnrolled(heard);
    reader.deviceOf(heard, reader.read(heard));
  }
}

export const bleTargets: readonly FuzzTarget[] = [advertisement, scanner];
