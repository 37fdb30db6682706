/** A site with every input there is, in which nothing is wrong. */
export const EVERY_INPUT = `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings:
  - id: A
    floors:
      - id: "1"
        rooms: [{ number: 101 }, { number: 102 }, { number: 103 }, { number: 104 }, { number: 105 }, { number: 106 }, { number: 107 }]
inputs:
  - { id: bus-1, driver: button-bus, port: /dev/null }
  - { id: header, driver: gpio, chip: pinctrl-rp1 }
  - { id: board-1, driver: firmata, port: /dev/zero }
  - { id: modules, driver: modbus, port: /dev/full }
  - { id: radio-1, driver: ble, adapters: [/dev/random], beacons: ["c0:ff:ee:00:00:01"] }
  - { id: mqtt-1, driver: mqtt }
outputs:
  - { id: trouble-relay, input: header, pin: GPIO5, type: relay, shows: trouble }
  - { id: strobe, input: header, pin: 6, type: relay, shows: alarm, activeLow: true }
  - { id: cabinet-led, input: board-1, pin: 7, type: led, shows: notConfirmed, silentKinds: true }
devices:
  - id: wb-101
    input: bus-1
    address: 17
    location: A/1/101
    buttons: [{ id: panic, number: 0, kind: intruder, zone: 101 }]
  - id: pull-102
    input: header
    location: A/1/102
    buttons:
      - { id: panic, kind: intruder, zone: 102, pin: 22, cutPin: gpio23, contact: endOfLine }
    points:
      - { id: door, type: doorContact, zone: 202, pin: GPIO27, cutPin: GPIO26, contact: endOfLine, pull: down }
  - id: loop-103
    input: board-1
    location: A/1/103
    buttons:
      - { id: panic, kind: hold-up, zone: 103, pin: a0, contact: doubleEndOfLine }
      - { id: bell, kind: assistance, zone: 103, pin: 2, contact: normallyOpen, debounceMilliseconds: 30, stuckAfterSeconds: 5 }
  - id: module-104
    input: modules
    address: 3
    location: A/1/104
    buttons: [{ id: panic, kind: intruder, zone: 104, pin: 0, contact: normallyOpen, minimumPressMilliseconds: 10 }]
    points: [{ id: door, type: doorContact, zone: 204, pin: 1, contact: normallyClosed }]
  - id: tag-105
    input: radio-1
    address: "54:48:e6:8f:80:a5"
    location: A/1/105
    heartbeatSeconds: 60
    buttons: [{ id: panic, kind: medical, zone: 105, longPress: intruder, patterns: { hold: fire } }]
    points: [{ id: door, type: doorContact, zone: 205 }]
  - id: fob-106
    input: radio-1
    fob: { type: iBeacon, uuid: F7826DA6-4FA2-4E98-8024-BC5B71E0893E, major: 1, minor: 7 }
    location: A/1/106
    heartbeatSeconds: 0
    buttons: [{ id: panic, kind: medical, zone: 106 }]
  - id: z-107
    input: mqtt-1
    topic: zigbee2mqtt/room-107
    availability: { topic: zigbee2mqtt/room-107/availability, path: state }
    bridge: { topic: zigbee2mqtt/bridge/state, path: state }
    battery: { path: battery }
    location: A/1/107
    buttons: [{ id: panic, kind: intruder, zone: 107, path: action, press: { single: single, hold: long } }]
    points: [{ id: door, type: doorContact, zone: 207, path: sensor.contact, active: false, normal: [true, shut] }]
paths:
  - { id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }
mqtt:
  listen: 127.0.0.1:1883
  clients: [{ name: zigbee2mqtt, role: device, topics: ["zigbee2mqtt/#"] }]
`;

export const EVERY_SECRET = {
  'wb-101': '5b0d7f3c91e24a68bf13c0d75e9a2847',
  'tag-105': 'e6419c20d83b57fa0c94b1e86d2375af',
  zigbee2mqtt: 'correct-horse-battery',
} as const;

export const EVERY_KEY = `devices:
  wb-101: ${EVERY_SECRET['wb-101']}
  tag-105: ${EVERY_SECRET['tag-105']}
mqtt:
  zigbee2mqtt: ${EVERY_SECRET.zigbee2mqtt}
`;
