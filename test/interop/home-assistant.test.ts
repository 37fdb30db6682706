import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SmallSite } from '../integration/support/small-site.ts';
import { Waiting } from '../integration/support/waiting.ts';
import { WholeGateway } from '../integration/support/whole-gateway.ts';
import { counterpart } from './required.ts';

/** Debian's Python: another Python earlier in the path does not have its packages. */
const PYTHON = '/usr/bin/python3';
const PROGRAM = fileURLToPath(new URL('./home-assistant.py', import.meta.url));
const installed = spawnSync(PYTHON, ['-c', 'import paho.mqtt.client, jinja2']).status === 0;
const { skip, title } = counterpart(
  'paho-mqtt and Jinja, as Home Assistant drives them',
  installed,
  'apt-get install python3-paho-mqtt python3-jinja2',
);
const PASSWORD = 'home-assistant-Pa55';

/** What the program prints: each line has some of these. */
interface Line {
  readonly connected?: number;
  readonly disconnected?: string;
  readonly granted?: readonly number[];
  readonly topics?: readonly string[];
  readonly birth?: number;
  readonly published?: string;
  readonly discovered?: string;
  readonly name?: string | null;
  readonly device?: string;
  readonly removed?: string;
  readonly event?: string;
  readonly entity?: string;
  readonly state?: string;
  readonly attributes?: Readonly<Record<string, unknown>> & { readonly event_type?: string };
}

class HomeAssistant {
  readonly lines: Line[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Waiting();

  constructor(port: number, protocol: '311' | '5', retain: boolean) {
    const args = [PROGRAM, String(port), 'ha', PASSWORD, protocol, retain ? '1' : '0'];
    this.#child = spawn(PYTHON, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line));
      this.#waiting.check();
    });
  }

  async until(what: string, met: (line: Line) => boolean): Promise<Line> {
    const find = () => this.lines.find(met);
    await this.#waiting.until(
      what,
      () => find() !== undefined,
      () => this.lines.slice(-4),
    );
    return find() as Line;
  }

  /** The newest state of an entity, once it is this one. */
  async state(entity: string, state: string): Promise<Line> {
    const find = () => {
      const last = this.lines.findLast((line) => line.entity === entity);
      return last?.state === state ? last : undefined;
    };
    await this.#waiting.until(
      `${entity} ${state}`,
      () => find() !== undefined,
      () => this.lines.slice(-4),
    );
    return find() as Line;
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'close');
  }
}

/** What a person adds for Home Assistant: one line, one client, one password. */
function addHomeAssistant({ file }: SmallSite): void {
  const site = readFileSync(file, 'utf8').replace(
    'clients: [{ name: console, role: operator }]',
    'clients: [{ name: console, role: operator }, { name: ha, role: viewer }]\n  homeAssistant: true',
  );
  writeFileSync(file, site);
  const keys = file.replace('site.yaml', 'keys.yaml');
  const text = readFileSync(keys, 'utf8').replace('mqtt: { console:', `mqtt: { ha: "${PASSWORD}", console:`);
  writeFileSync(keys, text);
}

describe.skipIf(skip)(title, () => {
  let whole: WholeGateway;
  const started: HomeAssistant[] = [];

  function start(protocol: '311' | '5', retain = false): HomeAssistant {
    const one = new HomeAssistant(whole.site.mqttPort, protocol, retain);
    started.push(one);
    return one;
  }
  beforeAll(async () => {
    if (!installed) throw new Error(title);
    whole = await (await WholeGateway.start({ prepare: addHomeAssistant })).ready();
  });
  afterAll(async () => {
    await Promise.all(started.map((one) => one.end()));
    await whole?.stop();
  });

  test.each([
    ['311', false],
    ['311', true],
    ['5', false],
    ['5', true],
  ] as const)(
    'MQTT %s, birth and will retained: %s: connects as a viewer with its defaults, and finds the site',
    async (protocol, retain) => {
      const homeAssistant = start(protocol, retain);
      expect(await homeAssistant.until('CONNACK', ({ connected }) => connected !== undefined)).toEqual({
        connected: 0,
      });
      const { granted = [] } = await homeAssistant.until('SUBACK', ({ granted: codes }) => codes !== undefined);
      const refused = granted.filter((code) => code >= 0x80);
      // What it looks for by itself of other products is not here.
      expect([refused.length, new Set(refused)]).toEqual([8, new Set([protocol === '5' ? 0x87 : 0x80])]);
      await homeAssistant.until('its birth', ({ birth }) => birth === 0);
      await homeAssistant.state('alert', 'OFF');
      await homeAssistant.state('wb-101_reachable', 'ON');
      const button = await homeAssistant.until('a button', ({ discovered }) => discovered === 'wb-101_button_button-1');
      expect(button).toMatchObject({ name: 'Button button-1', device: 'Rm 101 Office' });
      expect(homeAssistant.lines.filter((line) => line.disconnected !== undefined)).toEqual([]);
    },
  );

  test.each(['311', '5'] as const)('MQTT %s: sees an alert with kind and room, and its end', async (protocol) => {
    const homeAssistant = start(protocol);
    await homeAssistant.state('alert', 'OFF');
    const events = 'callpoint/v1/gw-test/dev/wb-102/event';
    await homeAssistant.until('its subscription', ({ topics }) => topics?.includes(events) === true);
    const id = whole.press('wb-102');
    const { attributes } = await homeAssistant.state('alert', 'ON');
    expect(attributes).toMatchObject({
      kind: 'medical',
      mode: 'live',
      room: '102',
      room_name: 'Rm 102 Office',
      alerts: 1,
    });
    const event = await homeAssistant.until(
      'the press',
      ({ event: of, attributes: said }) =>
        // The release of an earlier press may still come: a node repeats it until it is heard.
        of === 'wb-102_button_button-2' && said?.event_type === 'press',
    );
    expect(event.attributes).toEqual({
      event_type: 'press',
      button: 'button-2',
      pattern: 'single',
      kind: 'medical',
      kind_name: expect.any(String),
      mode: 'live',
      text: expect.stringContaining('Rm 102 Office'),
      alert: id,
      event_id: id,
      room: 'Rm 102 Office',
      floor: 'First floor',
      building: 'Main building',
    });
    expect(homeAssistant.lines.filter((line) => line.event === 'wb-102_button_button-1')).toEqual([]);
    await whole.mqtt.acknowledged(id);
    await whole.mqtt.command('resolve', id, 'a test');
    await homeAssistant.state('alert', 'OFF');
  });

  test.each(['311', '5'] as const)('MQTT %s: sees a walk test, what is tested, and its end', async (protocol) => {
    const homeAssistant = start(protocol);
    await homeAssistant.state('walk_test', 'OFF');
    const at = () => new Date().toISOString();
    const scope = 'room:A/1/101';
    const reason = `a test with ${protocol}`;
    await whole.mqtt.walkTest({ action: 'start', scope, minutes: 5, tester: 'Kim', reason, at: at() });
    const begun = await homeAssistant.state('walk_test', 'ON');
    expect(begun.attributes).toMatchObject({ tester: 'Kim', scope, counts: { tested: 0 } });

    const id = whole.press('wb-101');
    await homeAssistant.until('the press among the tested', ({ entity, attributes }) => {
      const { counts } = attributes ?? {};
      return entity === 'walk_test' && ((counts as { tested?: number } | undefined)?.tested ?? 0) > 0;
    });
    expect((await whole.mqtt.alert(id)).mode).toBe('test');
    await whole.mqtt.walkTest({ action: 'stop', scope, reason: 'all pressed', at: at() });
    await homeAssistant.state('walk_test', 'OFF');
    await homeAssistant.until(
      'when it ended',
      ({ entity, state }) => entity === 'last_walk_test' && Date.now() - Date.parse(state ?? '') > 0,
    );
    // A test is no alert.
    expect(homeAssistant.lines.filter(({ entity, state }) => entity === 'alert' && state === 'ON')).toEqual([]);
  });

  test('may not cancel an alert, or pretend a device, though it asks for it', async () => {
    const homeAssistant = start('5');
    await homeAssistant.state('alert', 'OFF');
    const id = whole.press('wb-101');
    await homeAssistant.state('alert', 'ON');
    homeAssistant.say(`callpoint/v1/gw-test/cmd/cancel {"alert":"${id}","reason":"it is noisy"}`);
    homeAssistant.say('homeassistant/binary_sensor/callpoint_gw-test/wb-101_reachable/config {}');
    await homeAssistant.until(
      'both',
      ({ published }) => published === 'homeassistant/binary_sensor/callpoint_gw-test/wb-101_reachable/config',
    );
    await whole.mqtt.acknowledged(id);
    await whole.mqtt.command('resolve', id, 'a test');
    const closed = await whole.mqtt.alert(id, ({ state }) => state === 'resolved');
    expect([closed.closed_by, closed.closed_reason]).toEqual(['console', 'a test']);
    await homeAssistant.state('alert', 'OFF');
    expect(homeAssistant.lines.filter(({ removed }) => removed !== undefined)).toEqual([]);
  });
});
