import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BRIDGE, DeviceRig } from '../integration/mqtt-devices-rig.ts';
import { embedded, World } from '../integration/mqtt-harness.ts';
import { counterpart } from './required.ts';

const installed = spawnSync('mosquitto_pub', ['--help']).error === undefined;
const { skip, title } = counterpart('mosquitto_pub', installed, 'apt-get install mosquitto-clients');

describe.skipIf(skip)(`${title}, as a device`, () => {
  let rig: DeviceRig;

  beforeAll(async () => {
    if (!installed) throw new Error(title);
    rig = await DeviceRig.up();
  });
  afterAll(() => rig?.close());

  /** @returns its exit code */
  async function publish(topic: string, payload: string, ...more: string[]): Promise<number> {
    const login = ['-h', '127.0.0.1', '-p', String(rig.port), '-u', BRIDGE.name, '-P', BRIDGE.password];
    const child = spawn('mosquitto_pub', [...login, '-t', topic, '-m', payload, ...more]);
    const [code] = (await once(child, 'close')) as [number];
    return code;
  }

  test.each(['0', '1', '2'])('presses a button at QoS %s', async (qos) => {
    const before = rig.presses('z-201').length;
    expect(await publish('zigbee2mqtt/room-201', '{"action":"single","battery":80}', '-q', qos)).toBe(0);
    await rig.until('the press', () => rig.presses('z-201').length > before);
    expect(rig.presses('z-201').slice(before)).toEqual(['1 single']);
  });

  test('opens a door, and tells that a device is away and back', async () => {
    const door = { type: 'readings', presses: [], points: [{ point: 0, active: true }] };
    expect(await publish('zigbee2mqtt/room-201', '{"contact":false}', '-q', '1')).toBe(0);
    await rig.until('the door', () => rig.said('z-201').some((body) => JSON.stringify(body) === JSON.stringify(door)));
    for (const [word, says] of [
      ['false', 'offline'],
      ['true', 'online'],
    ] as const) {
      expect(await publish('shellies/one/online', word, '-r', '-q', '1')).toBe(0);
      await rig.until(says, () => {
        const body = rig.said('shelly-1').at(-1);
        return body?.type === 'availability' && body.says === says;
      });
    }
  });

  /** @returns what it says on stderr */
  async function refused(port: number, ...options: string[]): Promise<string> {
    const login = ['-h', '127.0.0.1', '-p', String(port), '-u', BRIDGE.name, '-P', BRIDGE.password];
    const child = spawn('mosquitto_pub', [...login, '-t', 'zigbee2mqtt/x', '-m', 'x', ...options]);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await once(child, 'close');
    return said;
  }

  test('of MQTT 5 raises the press of a button, and is told of a topic that is not its own', async () => {
    const before = rig.presses('z-201').length;
    expect(await publish('zigbee2mqtt/room-201', '{"action":"single"}', '-q', '2', '-V', '5')).toBe(0);
    await rig.until('the press', () => rig.presses('z-201').length > before);
    expect(rig.presses('z-201').slice(before)).toEqual(['1 single']);
    const foreign = ['-t', 'callpoint/v1/school/cmd/cancel', '-q', '1', '-V', '5'];
    expect(await refused(rig.port, ...foreign)).toMatch(/not authorized/i);
  });

  test('presses no button with -r when subscribed after', async () => {
    await rig.driver.stop();
    expect(await publish('zigbee2mqtt/room-201', '{"action":"long"}', '-r', '-q', '1')).toBe(0);
    const before = rig.presses('z-201').length;
    const late = rig.again();
    const ups = rig.sink.healths.length;
    late.start();
    await rig.until('the next driver', () => rig.sink.healths.length > ups);
    expect(await publish('zigbee2mqtt/room-201', '{"action":"single"}', '-q', '1')).toBe(0);
    await rig.until('the press after', () => rig.presses('z-201').length > before);
    expect(rig.presses('z-201').slice(before)).toEqual(['1 single']);
    expect(late.counters().framesHeard).toBe(3);
    await late.stop();
  });

  test('that distrusts the certificate, or speaks no TLS, is told apart by the gateway', async () => {
    const tls = {
      certificate: readFileSync(new URL('../integration/fixtures/mqtt-tls.cert.pem', import.meta.url), 'utf8'),
      key: readFileSync(new URL('../integration/fixtures/mqtt-tls.key.pem', import.meta.url), 'utf8'),
    };
    const world = await new World(embedded({ clients: [BRIDGE], tls })).up();
    const heard = (text: string) => world.until(() => world.notices.some(({ detail }) => detail.includes(text)));
    await refused(world.port, '--tls-use-os-certs');
    await heard('does not trust our certificate');
    await refused(world.port);
    await heard('does not speak TLS');
    await world.stop();
  });
});
