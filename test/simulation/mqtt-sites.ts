/** A school's worth of devices of one profile, as a person writes them: three lines a button. */
interface ProfileSite {
  readonly devices: string;
  /** Nothing numbers or dates the events. An event that comes again after a while is a new one. */
  readonly isUnnumbered?: true;
  /** What the gateway did not hear is published again. */
  readonly saysAgain?: true;
}

const button = (zone: number, more = '') => `{ id: button-1, kind: intruder, zone: ${zone}${more} }`;
const door = (zone: number, more = '') => `points: [{ id: door, type: doorContact, zone: ${zone}${more} }]`;

export const PROFILE_SITES: Readonly<Record<string, ProfileSite>> = {
  zigbee2mqtt: {
    devices: `
  - { id: d-101, input: mqtt-1, profile: zigbee2mqtt, topic: zigbee2mqtt/room-101, location: A/1/101,
      buttons: [${button(101)}], ${door(201)} }
  - { id: d-102, input: mqtt-1, profile: zigbee2mqtt, topic: zigbee2mqtt/room-102, location: A/1/102,
      buttons: [${button(102, ', channel: 1')}] }`,
    isUnnumbered: true,
  },
  'shelly-gen1': {
    devices: `
  - { id: d-101, input: mqtt-1, profile: shelly-gen1, topic: shellies/shellyix3-AABBCC000101, location: A/1/101,
      buttons: [${button(101)}] }
  - { id: d-102, input: mqtt-1, profile: shelly-gen1, topic: shellies/shellydw2-AABBCC000102, location: A/1/102,
      buttons: [${button(102, ', channel: 2')}], ${door(202)} }`,
    saysAgain: true,
  },
  'shelly-gen2': {
    devices: `
  - { id: d-101, input: mqtt-1, profile: shelly-gen2, topic: shellyplusi4-aabbcc000101, location: A/1/101,
      buttons: [${button(101)}], ${door(201, ', channel: 3')} }
  - { id: d-102, input: mqtt-1, profile: shelly-gen2, topic: shellyplusi4-aabbcc000101, location: A/1/102,
      buttons: [${button(102, ', channel: 1')}] }`,
  },
  'shelly-blu-gateway': {
    devices: `
  - { id: d-101, input: mqtt-1, profile: shelly-blu-gateway, topic: shellyplus1-aabbcc000001, location: A/1/101,
      address: "B4:35:22:00:01:01", buttons: [${button(101)}], ${door(201)} }
  - { id: d-102, input: mqtt-1, profile: shelly-blu-gateway, topic: shellyplus1-aabbcc000001, location: A/1/102,
      address: b4:35:22:00:01:02, buttons: [${button(102, ', channel: 1')}] }`,
  },
  'shelly-blu-gateway, native': {
    devices: `
  - { id: d-101, input: mqtt-1, profile: shelly-blu-gateway, topic: shellyplus1-aabbcc000001, location: A/1/101,
      component: "bthomedevice:200", buttons: [${button(101)}] }
  - { id: d-102, input: mqtt-1, profile: shelly-blu-gateway, topic: shellyplus1-aabbcc000001, location: A/1/102,
      component: "bthomedevice:201", buttons: [${button(102, ', channel: 3')}] }`,
  },
  tasmota: {
    devices: `
  - { id: d-101, input: mqtt-1, profile: tasmota, topic: tasmota_101, location: A/1/101,
      buttons: [${button(101)}], ${door(201, ', channel: 2')} }
  - { id: d-102, input: mqtt-1, profile: tasmota, topic: tasmota_102, location: A/1/102,
      buttons: [${button(102, ', channel: 3')}] }`,
    isUnnumbered: true,
  },
  esphome: {
    devices: `
  - { id: d-101, input: mqtt-1, profile: esphome, topic: desk-101, location: A/1/101,
      buttons: [${button(101, ', channel: panic')}], ${door(201, ', channel: door')} }
  - { id: d-102, input: mqtt-1, profile: esphome, topic: desk-102, location: A/1/102,
      buttons: [${button(102, ', channel: panic')}] }`,
    isUnnumbered: true,
    saysAgain: true,
  },
};

export const TOPIC_TREES = [
  ...['zigbee2mqtt', 'shellies', 'shellyplusi4-aabbcc000101', 'shellyplus1-aabbcc000001'],
  ...['tele', 'stat', 'desk-101', 'desk-102'],
].map((base) => `${base}/#`);

/** The site file. Only the receiver stands elsewhere. */
export function siteText({ devices }: ProfileSite): string {
  return `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings: [{ id: A, floors: [{ id: "1", rooms: [{ number: 101 }, { number: 102 }] }] }]
inputs: [{ id: mqtt-1, driver: mqtt }]
devices:${devices}
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
mqtt: { listen: 127.0.0.1:1883, clients: [{ name: devices, role: device, topics: ${JSON.stringify(TOPIC_TREES)} }] }
`;
}

export const SITE_KEYS = 'mqtt: { devices: correct-horse-battery }\n';
