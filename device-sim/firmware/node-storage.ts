import { crc16Genibus } from '../../protocol/crc16.ts';

/** What an installer sets at a node: hardware/node/core/settings.h. */
export interface MachineSettings {
  readonly key: Uint8Array;
  /** 16 hex digits. */
  readonly serial: string;
  readonly address: number;
  readonly buttons: number;
  readonly points: number;
  /** Bit n: button n distinguishes a long press. */
  readonly longPress?: number;
  /** Bit n: the contact of point n is closed in its normal state. */
  readonly normallyClosed?: number;
  /** Bit n: button n shows and sounds nothing. */
  readonly silent?: number;
  readonly heartbeatSeconds?: number;
  readonly baudRate?: number;
  /** 0: no battery. */
  readonly lowBatteryMv?: number;
  readonly isSharedLine?: boolean;
  readonly hasBuzzer?: boolean;
}

const SETTINGS_AT = 256;
const LAYOUT = 1;
const COPY_BYTES = 45;
const CRC_AT = 42;
const VALID = 0xa5;
const SHARED_LINE = 1;
const BUZZER = 2;
/** Bytes 0 to 3 of an epoch slot: the epoch; 4 and 5: its CRC; 7: the mark. */
const EPOCH_BYTES = 4;
const MARK_AT = 7;
const USUAL_HEARTBEAT_SECONDS = 30;
export const USUAL_BAUD_RATE = 115_200;

/**
 * Writes settings into a node's storage, as hardware/node/core/settings.c keeps them, without the
 * service port. A test shows that the port writes the same.
 */
export function writeSettings(storage: Uint8Array, settings: MachineSettings): void {
  const copy = Buffer.alloc(COPY_BYTES);
  copy[0] = LAYOUT;
  copy[1] = 1;
  copy.set(settings.key, 2);
  copy.write(settings.serial, 18, 'hex');
  copy[26] = settings.address;
  copy[27] = settings.buttons;
  copy[28] = settings.points;
  copy[29] = (settings.isSharedLine ? SHARED_LINE : 0) | (settings.hasBuzzer ? BUZZER : 0);
  copy.writeUInt16LE(settings.longPress ?? 0, 30);
  copy.writeUInt16LE(settings.normallyClosed ?? 0, 32);
  copy.writeUInt16LE(settings.silent ?? 0, 34);
  copy.writeUInt16LE(settings.heartbeatSeconds ?? USUAL_HEARTBEAT_SECONDS, 36);
  copy.writeUInt16LE((settings.baudRate ?? USUAL_BAUD_RATE) / 100, 38);
  copy.writeUInt16LE(settings.lowBatteryMv ?? 0, 40);
  copy.writeUInt16BE(crc16Genibus(copy.subarray(0, CRC_AT)), CRC_AT);
  copy[44] = VALID;
  storage.set(copy, SETTINGS_AT);
}

/** The node starts with the epoch after this one, as hardware/node/core/epoch.c keeps it. */
export function writeEpoch(storage: Uint8Array, epoch: number): void {
  const slot = Buffer.alloc(MARK_AT + 1, 0xff);
  slot.writeUInt32LE(epoch, 0);
  slot.writeUInt16BE(crc16Genibus(slot.subarray(0, EPOCH_BYTES)), EPOCH_BYTES);
  slot[MARK_AT] = VALID;
  storage.set(slot, 0);
}
