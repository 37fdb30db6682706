import { demoSite } from '../demo/demo-site.ts';

/** Names that `site:` may have in place of a path. */
export const BUILT_IN_SITES = ['small', 'demo'] as const;

/**
 * Texts of a built-in site. Its ports and keys are made for each run.
 * - small: two rooms, 101 and 102, with a wall node each on one line, and one receiver, `central`
 * - demo: the school of `npm start`, with a device on every wire
 */
export function builtInSite(name: (typeof BUILT_IN_SITES)[number]): { readonly site: string; readonly keys?: string } {
  if (name === 'small') return { site: SMALL };
  const { site, keys } = demoSite({ directory: '/tmp', mqttPort: 1883, receiverPort: 7700 });
  return { site, keys };
}

const node = (room: number) => `  - id: wb-${room}
    input: bus-1
    address: ${room - 100}
    location: A/1/${room}
    heartbeatSeconds: 2
    buttons:
      - { id: intruder, number: 0, kind: intruder, zone: ${room} }
      - { id: medical, number: 1, kind: medical, zone: ${room + 100} }
    points:
      - { id: door, number: 0, type: doorContact, zone: ${room + 200} }
      - { id: bolt, number: 1, type: bolt, zone: ${room + 300} }`;

const SMALL = `version: 1
gateway: small
site: { name: Small school }
buildings:
  - id: A
    name: Main building
    floors:
      - id: "1"
        name: First floor
        rooms:
          - { number: "101", name: Reception }
          - { number: "102", name: Classroom }
inputs:
  - { id: bus-1, driver: button-bus, port: /dev/serial/by-id/bus-1, baudRate: 115200 }
devices:
${[101, 102].map(node).join('\n')}
paths:
  - { id: central, driver: dc09-tcp, host: receiver.invalid, port: 7700, account: "1234" }
mqtt: { broker: embedded }
`;
