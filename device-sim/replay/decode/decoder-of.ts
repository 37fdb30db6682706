import { bytesToHex } from '../../../protocol/bytes.ts';
import type { Keyring } from '../keyring.ts';
import { BleDecoder } from './ble-decoder.ts';
import { BusDecoder } from './bus-decoder.ts';
import { FirmataDecoder, gpioDecoder, ModbusDecoder, mqttDecoder } from './contact-decoders.ts';
import { Dc09Decoder } from './dc09-decoder.ts';
import { headDecoder, KissDecoder, LineDecoder } from './text-decoders.ts';
import type { WireDecoder } from './wire-decoder.ts';

const hexDecoder: WireDecoder = {
  decode: ({ bytes }) => [{ text: bytesToHex(bytes), fields: {} }],
};

/** What reads the frames of a wire. A driver that this version does not know is shown as hex. */
export function decoderOf(driver: string, id: string, keys: Keyring | undefined): WireDecoder {
  switch (driver) {
    case 'button-bus':
      return new BusDecoder(keys?.devices);
    case 'gpio':
      return gpioDecoder;
    case 'firmata':
      return new FirmataDecoder();
    case 'modbus':
      return new ModbusDecoder();
    case 'ble':
      return new BleDecoder(keys?.devices);
    case 'mqtt':
      return mqttDecoder;
    case 'dc09-tcp':
    case 'dc09-udp':
      return new Dc09Decoder(keys?.paths.get(id), driver === 'dc09-udp');
    case 'cap':
    case 'webhook':
    case 'sip':
      return headDecoder;
    case 'radio':
      return new KissDecoder();
    case 'sms':
    case 'snpp':
    case 'tap':
      return new LineDecoder();
    default:
      return hexDecoder;
  }
}
