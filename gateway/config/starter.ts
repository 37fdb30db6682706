/** What `callpoint init` writes: a site to edit, and fresh random keys. */
interface Starter {
  readonly site: string;
  readonly keys: string;
}

/** @param random cryptographically strong random bytes, as many as asked for */
export function makeStarter(random: (length: number) => Uint8Array): Starter {
  const hex = (length: number): string => Buffer.from(random(length)).toString('hex');
  const password = (): string => Buffer.from(random(18)).toString('base64url');
  return { site: SITE, keys: keysText(hex, password) };
}

const SITE = `# yaml-language-server: $schema=./callpoint.schema.json
#
# The site: where the buttons hang, what they mean, and where an alert goes.
# Everything marked EDIT must be changed. Then: callpoint check --config site.yaml
version: 1

gateway: gw-1                       # EDIT: a-z, 0-9 and -; stands in every MQTT topic
site:
  name: Northfield School           # EDIT
  # Where responders are sent, for links that carry an address (CAP, SIP, webhook):
  # address: { country: US, region: NJ, city: Northfield, street: School Road, number: "12", postcode: "08225" }

# Room numbers as on the doors and on the responders' map. Names in your own letters; where a link carries Latin letters
# only, latin: says how a name is spelt there: { number: "203", name: Химия, latin: Chemistry }
buildings:
  - id: A
    name: Main building
    floors:
      - id: "1"
        name: First floor
        rooms:
          - { number: "101", name: Reception }
          - { number: "102", name: Office }

# Kinds of alert. Built in: intruder (locks down), hold-up (silent), medical, fire (evacuates), assistance. Add your own like this:
# kinds:
#   lockdown: { name: Lockdown, sia: PA, contactId: "120", action: lockdown }

# Where signals come in. Serial ports by their stable names: ls /dev/serial/by-id/
# Of other inputs there are examples in this file: to use one, uncomment the lines under its name wherever it stands.
inputs:
  - id: bus-1
    driver: button-bus
    port: /dev/serial/by-id/usb-EDIT-ME   # EDIT
    baudRate: 115200
  # example gpio: contacts and relays on the Pi's own header
  # - { id: header, driver: gpio }
  # example firmata: a board with Firmata firmware, digital inputs and supervised loops
  # - { id: board-1, driver: firmata, port: /dev/serial/by-id/usb-EDIT-ME-2 }
  # example modbus: input modules on RS-485
  # - { id: modules, driver: modbus, port: /dev/serial/by-id/usb-EDIT-ME-3, baudRate: 38400 }
  # example ble: Bluetooth buttons and door sensors (BTHome)
  # - { id: radio-1, driver: ble, adapters: [hci0], silenceSeconds: 180 }
  # example mqtt: buttons that speak MQTT, here by Zigbee2MQTT
  # - { id: mqtt-1, driver: mqtt }

# Wall nodes and other devices. Each node has its own key in keys.yaml. Zones are what the receiver tells places apart by.
# With more than 999 places, give each building an area of its own (area: 2, beside its id): the zones begin anew in each.
devices:
  - id: wb-101
    input: bus-1
    address: 1                      # 1 to 254, set on the node; its own on this line
    location: A/1/101               # building/floor/room number
    buttons:
      - { id: button-1, number: 0, kind: intruder, zone: 101 }
      - { id: button-2, number: 1, kind: medical, zone: 101 }
    points:
      - { id: door, number: 0, type: doorContact, zone: 201 }
      - { id: bolt, number: 1, type: bolt, zone: 201 }
  - id: wb-102
    input: bus-1
    address: 2
    location: A/1/102
    buttons:
      - { id: button-1, number: 0, kind: hold-up, longPress: intruder, zone: 102 }
  # example gpio:
  # - id: pull-102
  #   input: header
  #   location: A/1/102
  #   buttons:                      # a cut cable shows on GPIO23; contact: normallyOpen has no cutPin and no supervision
  #     - { id: button-1, kind: intruder, zone: 102, pin: GPIO22, cutPin: GPIO23, contact: endOfLine }
  # example firmata:
  # - id: loop-102
  #   input: board-1
  #   location: A/1/102
  #   buttons:
  #     - { id: button-1, kind: intruder, zone: 102, pin: A0, contact: doubleEndOfLine }
  # example modbus:
  # - id: module-1
  #   input: modules
  #   address: 1
  #   location: A/1/102
  #   buttons:
  #     - { id: button-1, kind: intruder, zone: 102, pin: 0, contact: normallyOpen }
  # example ble:
  # - id: tag-102
  #   input: radio-1
  #   address: "54:48:E6:8F:80:A5"  # its key stands in keys.yaml
  #   location: A/1/102
  #   heartbeatSeconds: 60          # its beacon mode; 0 without
  #   buttons:
  #     - { id: button-1, kind: medical, zone: 102 }
  # example mqtt:
  # - id: z-102
  #   input: mqtt-1
  #   profile: zigbee2mqtt          # or shelly-gen1, shelly-gen2, shelly-blu-gateway, tasmota, esphome
  #   topic: zigbee2mqtt/room-102
  #   location: A/1/102
  #   buttons:
  #     - { id: button-1, kind: intruder, zone: 102 }

# Relays and LEDs that show the state of the site.
outputs:
  # example gpio:
  # - { id: trouble-relay, input: header, pin: GPIO5, type: relay, shows: trouble }
  # example firmata:
  # - { id: strobe, input: board-1, pin: 7, type: relay, shows: alarm }
  # - { id: locks-a, input: board-1, pin: 8, type: relay, shows: lockdown, building: A }

# Doors. A device with one door contact, one bolt or one of each is a door by itself; others are put together here:
# doors:
#   - { id: main-entrance, name: Main entrance, contact: wb-101/door, bolt: wb-101/bolt, heldOpenSeconds: 60 }

# Where alerts go, the preferred one first. Ask the monitoring centre for these five.
paths:
  - id: central
    driver: dc09-tcp
    host: 192.0.2.10                # EDIT: address of the receiver
    port: 7700                      # EDIT
    account: "1234"                 # EDIT
    encrypted: true                 # with the key in keys.yaml, which the centre must have too
    connections: 4                  # EDIT: how many the receiver allows at once
  # Other links, each with its page under hardware/links. liveOnly: true keeps drills and tests off a path.
  # example udp: the backup receiver, over another network
  # - { id: backup, driver: dc09-udp, host: 192.0.2.11, port: 7700, account: "1234", localAddress: 10.20.0.2 }
  # example radio: packet radio, acknowledged by the receiving station
  # - { id: radio, driver: radio, tnc: { host: 127.0.0.1, port: 8001 }, callsign: W1AW-9, receiver: W1AW-1 }
  # example cap: CAP 1.2 over HTTPS
  # - { id: county, driver: cap, url: "https://cap.example.net/alerts", sender: gw-1@northfield.example }
  # example sip: a non-interactive emergency call (RFC 8876)
  # - { id: psap, driver: sip, target: "sip:alarms@psap.example.net", host: psap.example.net, from: "sip:gw-1@northfield.example" }
  # example webhook: signed JSON for a program of your own
  # - { id: hook, driver: webhook, url: "https://alarms.example.net/hook" }
  # example tap: pagers, by a terminal that speaks TAP
  # - { id: pagers, driver: tap, terminal: { port: /dev/serial/by-id/usb-EDIT-ME-4 }, pagers: ["5551212"] }
  # example snpp: pagers, by a paging server on the network
  # - { id: ward, driver: snpp, host: 192.0.2.12, port: 444, pagers: ["5551212"] }
  # example sms: text messages, never the only path
  # - { id: texts, driver: sms, port: /dev/serial/by-id/usb-EDIT-ME-5, recipients: ["+15555550100"] }

# Which paths carry which kinds of alert. Without this: all of them, one after the other.
# plan:
#   - { kinds: [medical], start: [central] }
#   - { kinds: [all], start: [central, county], join: [{ path: radio, afterSeconds: 3 }, { path: texts, afterSeconds: 3 }] }

# Presses made in these ways are real even while a drill runs (callpoint drill start --scope building:A --minutes 15).
# drills: { override: [long] }

# A press the gateway makes itself, through a real input to every receiver's acknowledgement: hardware/links has the wiring.
# canary: { device: canary-1, button: button-1, output: canary-relay, everyMinutes: 1440 }

# Without a receiver's acknowledgement: next path, then NOT CONFIRMED at the wall. These are the defaults.
deadlines: { nextPathSeconds: 3, notConfirmedSeconds: 10 }

# The local message bus. For an external broker change one line: broker: mqtts://broker.lan:8883
mqtt:
  broker: embedded
  listen: 127.0.0.1:1883            # beyond this machine it needs tls: { certificate: cert.pem, key: key.pem }
  clients:
    - { name: console, role: viewer }
    # example mqtt:
    # - { name: zigbee2mqtt, role: device, topics: ["zigbee2mqtt/#"] }
  homeAssistant: false

# The durable record, relative to --data. A second directory on another disk takes over when the first fails.
journal:
  directory: journal
  retainDays: 400
  retainMegabytes: 512
`;

function keysText(hex: (length: number) => string, password: () => string): string {
  return `# Secrets of this site. Readable by its owner only (mode 0600); never in a backup or a repository others can read.
# A fresh device key: openssl rand -hex 16

# One AES-128 key a wall node, 32 hex digits; the same must be written into the node.
devices:
  wb-101: ${hex(16)}
  wb-102: ${hex(16)}
  # example ble: the key the device was given (BTHome calls it bind key)
  # tag-102: ${hex(16)}

# Key of an encrypted path: 32, 48 or 64 hex digits (AES-128, 192, 256), or the 16, 24 or 32 characters the
# monitoring centre typed: central: { text: "…" }
paths:
  central: ${hex(32)}
  # example udp:
  # backup: ${hex(32)}
  # example webhook: what both ends sign with
  # hook: ${password()}${password()}

# Passwords by MQTT user name, at least 12 characters.
mqtt:
  console: ${password()}
  # example mqtt:
  # zigbee2mqtt: ${password()}
`;
}
