import type {
  BeaconStranger,
  BthomeStranger,
  ModbusStranger,
  MqttStranger,
  NodeStranger,
} from '../../../protocol/discovery-document.ts';

const heard = { first_heard_at: '2026-11-28T09:00:00.000Z', last_heard_at: '2026-11-28T09:59:57.000Z', messages: 7 };

export const NODE: NodeStranger = { kind: 'node', input: 'bus-1', address: 9, ...heard };
export const TAG: BthomeStranger = {
  kind: 'bthome',
  input: 'radio-1',
  address: '7C:C6:B6:00:00:0A',
  rssi_dbm: -58,
  encrypted: false,
  trigger_based: true,
  object_ids: ['0x00', '0x3a'],
  battery_percent: 100,
  buttons: 1,
  ...heard,
};
export const SEALED: BthomeStranger = { ...TAG, address: '7C:C6:B6:00:00:0B', encrypted: true, object_ids: [] };
export const BEACON: BeaconStranger = {
  kind: 'iBeacon',
  input: 'radio-1',
  uuid: 'ab'.repeat(16),
  major: 1,
  minor: 7,
  address: 'C2:00:00:00:00:01',
  rssi_dbm: -70,
  ...heard,
};
export const ZIGBEE: MqttStranger = {
  kind: 'mqtt',
  input: 'zigbee',
  profile: 'zigbee2mqtt',
  topic: 'zigbee2mqtt/room 7',
  offers: 'button',
  channels: ['1', '2'],
  ...heard,
};
export const MODULE: ModbusStranger = {
  kind: 'modbus',
  input: 'modules',
  address: 41,
  table: 'discreteInputs',
  inputs: [true, false],
  ...heard,
};
/** A BTHome sensor with an opening and without a button. */
export const DOOR: BthomeStranger = {
  kind: 'bthome',
  input: 'radio-1',
  address: '7C:C6:B6:00:00:0C',
  rssi_dbm: -58,
  encrypted: false,
  trigger_based: false,
  object_ids: ['0x00', '0x1a'],
  openings: 1,
  ...heard,
};
export const EDDYSTONE: BeaconStranger = {
  kind: 'eddystone',
  input: 'radio-1',
  namespace: '00112233445566778899',
  instance: '000000000007',
  address: 'C2:00:00:00:00:02',
  rssi_dbm: -70,
  ...heard,
};
export const BLU: MqttStranger = {
  kind: 'mqtt',
  input: 'zigbee',
  profile: 'shelly-blu-gateway',
  topic: 'blu-1',
  offers: 'button',
  component: 'bthomedevice:200',
  channels: [],
  ...heard,
};
