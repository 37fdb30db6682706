import { randomBytes } from 'node:crypto';

export interface DemoSite {
  readonly site: string;
  readonly keys: string;
  readonly mqttPassword: string;
}

export interface DemoPorts {
  readonly serialLink: string;
  readonly mqttPort: number;
  readonly receiverPort: number;
}

/** Rooms of each floor: number, name. */
const FLOORS = [
  {
    id: '1',
    name: 'First floor',
    rooms: ['101 Reception', '102 Office', '103 Library', '104 Classroom', '105 Classroom', '106 Cafeteria'],
  },
  {
    id: '2',
    name: 'Second floor',
    rooms: ['201 Classroom', '202 Classroom', '203 Chemistry', '204 Computer room', '205 Music', '206 Staff room'],
  },
] as const;

export const MQTT_USER = 'console';

/** One building, two floors, twelve rooms, a wall button with two kinds of alert and a door with its bolt in each. */
export function demoSite(ports: DemoPorts): DemoSite {
  const mqttPassword = randomBytes(12).toString('base64url');
  const rooms = FLOORS.flatMap((floor) => floor.rooms.map((room) => ({ floor: floor.id, number: room.slice(0, 3) })));
  const floors = FLOORS.map(
    ({ id, name, rooms: named }) => `      - id: "${id}"
        name: ${name}
        rooms:
${named.map((room) => `          - { number: "${room.slice(0, 3)}", name: ${room.slice(4)} }`).join('\n')}`,
  );
  const devices = rooms.map(
    ({ floor, number }, index) => `  - id: wb-${number}
    input: bus-1
    address: ${index + 1}
    location: A/${floor}/${number}
    heartbeatSeconds: 30
    buttons:
      - { id: button-1, number: 0, kind: intruder, zone: ${number} }
      - { id: button-2, number: 1, kind: medical, zone: ${Number(number) + 300} }
    points:
      - { id: door, number: 0, type: doorContact, zone: ${Number(number) + 500} }
      - { id: bolt, number: 1, type: bolt, zone: ${Number(number) + 600} }`,
  );
  const site = `version: 1
gateway: demo
site: { name: Northfield School }
buildings:
  - id: A
    name: Main building
    floors:
${floors.join('\n')}
inputs:
  - { id: bus-1, driver: button-bus, port: ${ports.serialLink}, baudRate: 115200 }
devices:
${devices.join('\n')}
paths:
  - id: central
    driver: dc09-tcp
    host: 127.0.0.1
    port: ${ports.receiverPort}
    account: "1234"
    encrypted: true
    connections: 4
mqtt:
  broker: embedded
  listen: 127.0.0.1:${ports.mqttPort}
  clients: [{ name: ${MQTT_USER}, role: operator }]
`;
  const deviceKeys = rooms.map(({ number }) => `  wb-${number}: ${randomBytes(16).toString('hex')}`);
  const keys = `devices:
${deviceKeys.join('\n')}
paths: { central: ${randomBytes(32).toString('hex')} }
mqtt: { ${MQTT_USER}: "${mqttPassword}" }
`;
  return { site, keys, mqttPassword };
}
