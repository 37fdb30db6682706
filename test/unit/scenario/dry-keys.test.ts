import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { dryCopy } from '../../../device-sim/dry/dry-site.ts';

const site = `
inputs: [{ id: bus-1, driver: button-bus }, { id: radio-1, driver: ble }, { id: mqtt-1, driver: mqtt }]
devices:
  - { id: wb-101, input: bus-1 }
  - { id: tag-102, input: radio-1 }
  - { id: plain-103, input: radio-1, encrypted: false }
  - { id: fob-104, input: radio-1, fob: { type: iBeacon } }
  - { id: zigbee-105, input: mqtt-1 }
  - { id: tag-106, input: radio-1 }
`;

test('a dry copy has a key for each device that needs one, and keeps those that are there', async () => {
  const known = 'a'.repeat(32);
  const texts = { site, keys: `devices: { tag-106: ${known} }` };
  const { keys } = await dryCopy(texts, { directory: '/tmp/dry', freePort: async () => 1883 });
  const { devices } = parse(keys) as { devices: Record<string, string> };
  expect(Object.keys(devices).toSorted()).toEqual(['tag-102', 'tag-106', 'wb-101']);
  expect(devices['tag-102']).toMatch(/^[0-9a-f]{32}$/);
  expect(devices['tag-106']).toBe(known);
});
