import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROFILE_NAMES } from '../../../protocol/mqtt-profiles/profiles.ts';
import { mistakesOf } from '../config/site-fixture.ts';

const PAGE = readFileSync(new URL('../../../hardware/mqtt/README.md', import.meta.url), 'utf8');
const [, DEVICES = ''] = /^## Which device have you got\?$(.*?)^## /ms.exec(PAGE) ?? [];
const EXAMPLES = [...DEVICES.matchAll(/^### ([^\n]+)$.*?^```yaml\n(.*?)^```$/gms)].map(
  ([, title = '', yaml = '']) => [title, yaml] as const,
);

const HEAD = `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings:
  - { id: A, name: Main building, floors: [
      { id: "1", rooms: [{ number: "101" }] },
      { id: "2", rooms: [{ number: "201" }, { number: "202" }, { number: "204" }, { number: "205" }, { number: "206" }] }] }
inputs: [{ id: mqtt-1, driver: mqtt, broker: mqtts://broker.lan:8883 }]
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
devices:
`;

test('the page has an example for each profile, and one without', () => {
  const used = EXAMPLES.map(([, yaml]) => /profile: (\S+)/.exec(yaml)?.[1]);
  expect(used.toSorted()).toEqual([...PROFILE_NAMES, undefined].toSorted());
});

test.each(EXAMPLES)('the example of "%s" has no mistake', (_title, yaml) => {
  expect(mistakesOf({ site: HEAD + yaml, keys: 'devices: {}\n' })).toEqual([]);
});
