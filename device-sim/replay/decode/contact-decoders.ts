import { bytesToHex } from '../../../protocol/bytes.ts';
import type { FrameEntry } from '../../../protocol/recording/recording.ts';
import { isIntact } from '../../modbus/rtu-frame.ts';
import { visible, visibleUtf8 } from './visible.ts';
import { type Decoded, Streams, type WireDecoder } from './wire-decoder.ts';

/** Levels of GPIO lines. */
export const gpioDecoder: WireDecoder = {
  decode({ bytes, about }) {
    const { line = '?' } = about;
    const level = bytes[0] === 1 ? 1 : 0;
    return [{ text: visible(`${line} ${level === 1 ? 'high' : 'low'}`), fields: { line, level } }];
  },
};

/** Messages of MQTT devices: topic and payload. */
export const mqttDecoder: WireDecoder = {
  decode({ bytes, about }) {
    const { topic = '?', retained = false } = about;
    const payload = visibleUtf8(bytes);
    const kept = retained ? ' (retained)' : '';
    return [{ text: `${visible(topic)}${kept} ${payload}`, fields: { topic, retained, payload } }];
  },
};

const MODBUS_FUNCTIONS: Readonly<Record<number, string>> = {
  1: 'read coils',
  2: 'read discrete inputs',
  3: 'read holding registers',
  4: 'read input registers',
};

/** Modbus RTU (Modbus over Serial Line V1.02, §2.5.1). A frame may come in several pieces. */
export class ModbusDecoder implements WireDecoder {
  readonly #streams = new Streams<{ bytes: Uint8Array }>(() => ({ bytes: new Uint8Array(0) }));

  decode(frame: FrameEntry): readonly Decoded[] {
    const stream = this.#streams.of(frame);
    const bytes = Uint8Array.from([...stream.bytes, ...frame.bytes]);
    if (!isIntact(bytes)) {
      stream.bytes = bytes.length < FRAME_BYTES_MAX ? bytes : new Uint8Array(0);
      return bytes.length < FRAME_BYTES_MAX
        ? []
        : [{ text: `${bytes.length} bytes, no frame`, fields: { fault: true } }];
    }
    stream.bytes = new Uint8Array(0);
    return [frame.direction === 'out' ? modbusRequest(bytes) : modbusAnswer(bytes)];
  }
}

/** The largest frame (§2.5.1). */
const FRAME_BYTES_MAX = 256;

function modbusRequest(bytes: Uint8Array): Decoded {
  const [module, code, ...data] = [...bytes.slice(0, -2)] as [number, number, ...number[]];
  const name = MODBUS_FUNCTIONS[code] ?? `function ${code}`;
  const start = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
  const count = ((data[2] ?? 0) << 8) | (data[3] ?? 0);
  return {
    text: `module ${module}: ${name}, ${count} from ${start}`,
    fields: { module, function: code, start, count },
  };
}

function modbusAnswer(bytes: Uint8Array): Decoded {
  const [module = 0, code = 0] = bytes;
  if ((code & 0x80) !== 0) {
    const exception = bytes[2];
    return {
      text: `module ${module}: exception ${exception} to ${MODBUS_FUNCTIONS[code & 0x7f] ?? `function ${code & 0x7f}`}`,
      fields: { module, function: code & 0x7f, exception },
    };
  }
  const data = bytesToHex(bytes.slice(3, -2));
  const name = MODBUS_FUNCTIONS[code] ?? `function ${code}`;
  return { text: `module ${module}: ${name}: ${data}`, fields: { module, function: code, data } };
}

const SYSEX = 0xf0;
const END_SYSEX = 0xf7;
const MESSAGE_BYTES_MAX = 4096;
/** Firmata protocol 2.6, by the first byte without its channel. */
const FIRMATA: Readonly<Record<number, string>> = {
  144: 'digital port',
  192: 'report analogue pin',
  208: 'report digital port',
  224: 'analogue pin',
  244: 'pin mode',
  245: 'set pin',
  249: 'version',
  255: 'reset',
};

/** Messages of a Firmata board. */
export class FirmataDecoder implements WireDecoder {
  readonly #streams = new Streams<{ bytes: number[] }>(() => ({ bytes: [] }));

  decode(frame: FrameEntry): readonly Decoded[] {
    const decoded: Decoded[] = [];
    const stream = this.#streams.of(frame);
    for (const byte of frame.bytes) {
      const isBegin = (byte & 0x80) !== 0 && byte !== END_SYSEX;
      if (isBegin || stream.bytes.length >= MESSAGE_BYTES_MAX) stream.bytes = [];
      stream.bytes.push(byte);
      if (!isWholeFirmata(stream.bytes)) continue;
      decoded.push(firmataMessage(stream.bytes));
      stream.bytes = [];
    }
    return decoded;
  }
}

function isWholeFirmata(bytes: readonly number[]): boolean {
  const [first = 0] = bytes;
  if (first === SYSEX) return bytes.at(-1) === END_SYSEX;
  if (first === 0xff) return true;
  const kind = first >= 0xf0 ? first : first & 0xf0;
  return bytes.length >= (kind === 0xc0 || kind === 0xd0 ? 2 : 3) && first >= 0x80;
}

function firmataMessage(bytes: readonly number[]): Decoded {
  const [first = 0, low = 0, high = 0] = bytes;
  if (first === SYSEX) {
    const data = bytesToHex(Uint8Array.from(bytes.slice(2, -1)));
    return {
      text: `sysex ${low.toString(16).padStart(2, '0')}: ${data}`,
      fields: { message: 'sysex', command: low, data },
    };
  }
  const kind = first >= 0xf0 ? first : first & 0xf0;
  const message = FIRMATA[kind] ?? `message ${first.toString(16)}`;
  const value = bytes.length > 2 ? low | (high << 7) : low;
  const channel = first < 0xf0 ? first & 0x0f : undefined;
  return {
    text: `${message}${channel === undefined ? '' : ` ${channel}`}: ${value}`,
    fields: { message, channel, value },
  };
}
