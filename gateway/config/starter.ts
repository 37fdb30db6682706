/** What `callpoint init` writes: a site to edit, and keys nobody else has. */
export interface Starter {
  readonly site: string;
  readonly keys: string;
}

/** @param random cryptographically strong random bytes, as many as asked for */
export function makeStarter(random: (length: number) => Uint8Array): Starter {
  const hex = (length: number): string => Buffer.from(random(length)).toString('hex');
  const password = Buffer.from(random(18)).toString('base64url');
  return { site: SITE, keys: keysText(hex(16), hex(16), hex(32), password) };
}

const SITE = `# yaml-language-server: $schema=./callpoint.schema.json
#
# The site: where the buttons hang, what they mean, and where an alert goes.
# Everything marked EDIT must be changed. Then: callpoint check --config site.yaml
version: 1

gateway: gw-1                       # EDIT: a-z, 0-9 and -; stands in every MQTT topic
site:
  name: Northfield School           # EDIT

# Room numbers as on the doors and on the responders' map.
buildings:
  - id: A
    name: Main building
    floors:
      - id: "1"
        name: First floor
        rooms:
          - { number: "101", name: Reception }
          - { number: "102", name: Office }

# Kinds of alert. Built in: intruder, hold-up (silent), medical, fire, assistance. Add your own like this:
# kinds:
#   lockdown: { name: Lockdown, sia: PA, contactId: "120", silent: false }

# The lines the wall nodes are wired to. By stable name: ls /dev/serial/by-id/
inputs:
  - id: bus-1
    driver: button-bus
    port: /dev/serial/by-id/usb-EDIT-ME   # EDIT
    baudRate: 115200

# The wall nodes. Each has its own key in keys.yaml. Zones are what the receiver tells places apart by.
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

# Where alerts go, the preferred one first. Ask the monitoring centre for these five.
paths:
  - id: central
    driver: dc09-tcp
    host: 192.0.2.10                # EDIT: address of the receiver
    port: 7700                      # EDIT
    account: "1234"                 # EDIT
    encrypted: true                 # with the key in keys.yaml, which the centre must have too
    connections: 4                  # EDIT: how many the receiver allows at once

# Without a receiver's acknowledgement: next path, then NOT CONFIRMED at the wall. These are the defaults.
deadlines: { nextPathSeconds: 3, notConfirmedSeconds: 10 }

# The local message bus. For an external broker change one line: broker: mqtts://broker.lan:8883
mqtt:
  broker: embedded
  listen: 127.0.0.1:1883            # beyond this machine it needs tls: { certificate: cert.pem, key: key.pem }
  clients:
    - { name: console, role: viewer }
  homeAssistant: false

# The durable record, relative to --data. A second directory on another disk takes over when the first fails.
journal:
  directory: journal
  retainDays: 400
  retainMegabytes: 512
`;

function keysText(first: string, second: string, path: string, password: string): string {
  return `# Secrets of this site. Readable by its owner only (mode 0600); never in a backup or a repository others can read.
# A fresh device key: openssl rand -hex 16

# One AES-128 key a wall node, 32 hex digits; the same must be written into the node.
devices:
  wb-101: ${first}
  wb-102: ${second}

# Key of an encrypted path: 32, 48 or 64 hex digits (AES-128, 192, 256), or the 16, 24 or 32 characters the
# monitoring centre typed: central: { text: "…" }
paths:
  central: ${path}

# Passwords by MQTT user name, at least 12 characters.
mqtt:
  console: ${password}
`;
}
