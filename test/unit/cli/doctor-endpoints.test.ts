import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endpointsOf } from '../../../gateway/cli/doctor/endpoints.ts';
import { loadSettings } from '../../../gateway/config/load.ts';
import { madePair } from '../../integration/support/made-certificates.ts';
import { withSite } from '../config/site-fixture.ts';

const TLS = 'tls: { certificate: cert.pem, key: key.pem }';

/** What the doctor would connect to, without paths. */
function brokersOf(mqtt: string, input = ''): readonly string[] {
  const site = `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings: [{ id: A, name: Main building, floors: [{ id: "1", rooms: [{ number: "101" }] }] }]
inputs: [{ id: mqtt-1, driver: mqtt${input} }]
devices:
  - { id: z-1, input: mqtt-1, location: A/1/101, profile: zigbee2mqtt, topic: zigbee2mqtt/z, buttons: [{ id: b, zone: 1 }] }
paths: [{ id: central, driver: dc09-udp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
mqtt: { ${mqtt} }
`;
  const settings = withSite({ site, keys: 'devices: {}\n' }, (file, directory) => {
    const { certificate, key } = madePair({ subject: 'broker' });
    writeFileSync(join(directory, 'cert.pem'), certificate);
    writeFileSync(join(directory, 'key.pem'), key, { mode: 0o600 });
    return loadSettings(file, `${directory}/data`);
  });
  return endpointsOf(settings).hosts.flatMap(({ of, host, port }) =>
    port === undefined ? [] : `${of} ${host}:${port}`,
  );
}

test.each([
  ['listen: 127.0.0.1:1883'],
  ['listen: "[::1]:1883"'],
  [`listen: 0.0.0.0:8883, ${TLS}`],
  [`listen: "[::]:8883", ${TLS}`],
])('the broker in the gateway, with %s, is not missed while the gateway does not run', (mqtt) =>
  expect(brokersOf(mqtt)).toEqual([]),
);

test('another broker is looked at', () => {
  expect(brokersOf('listen: 127.0.0.1:1883', ', broker: mqtts://broker.lan:8883')).toEqual([
    'input mqtt-1 broker.lan:8883',
  ]);
});
