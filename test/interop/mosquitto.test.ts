import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { Waiting } from '../integration/support/waiting.ts';
import { WholeGateway } from '../integration/support/whole-gateway.ts';
import { counterpart } from './required.ts';

const installed = spawnSync('mosquitto_sub', ['--help']).error === undefined;
const { skip, title } = counterpart('mosquitto_sub', installed, 'apt-get install mosquitto-clients');
const ROOT = 'callpoint/v1/gw-test';

/**
 * Runs mosquitto_sub, which prints whether each message was retained, its topic and its payload.
 */
class Subscriber {
  readonly messages: { retained: boolean; topic: string; payload: string }[] = [];
  readonly child: ChildProcess;
  readonly #waiting = new Waiting();

  constructor(port: number, args: readonly string[]) {
    this.child = spawn('mosquitto_sub', ['-h', '127.0.0.1', '-p', String(port), '-F', '%r %t %p', ...args]);
    if (this.child.stdout === null) throw new Error('mosquitto_sub has no output');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const [, retained, topic = '', payload = ''] = /^([01]) (\S+) (.*)$/.exec(line) ?? [];
      this.messages.push({ retained: retained === '1', topic, payload });
      this.#waiting.check();
    });
  }

  async until<T>(topic: string, met: (document: T) => boolean): Promise<T> {
    const find = () =>
      this.messages
        .filter((message) => message.topic === `${ROOT}/${topic}` && message.payload.startsWith('{'))
        .map(({ payload }) => JSON.parse(payload) as T)
        .find(met);
    await this.#waiting.until(
      topic,
      () => find() !== undefined,
      () => this.messages.slice(-3),
    );
    return find() as T;
  }

  /**
   * Returns what the broker had retained for later subscribers. A live update may come before it.
   */
  async untilRetained(topic: string): Promise<void> {
    const kept = () => this.retained.includes(`${ROOT}/${topic}`);
    await this.#waiting.until(`${topic}, retained`, kept, () => this.messages.slice(-3));
  }

  get retained(): string[] {
    return this.messages.filter((message) => message.retained).map(({ topic }) => topic);
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'close');
  }
}

async function run(program: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

describe.skipIf(skip)(title, () => {
  let whole: WholeGateway;
  const subscribers: Subscriber[] = [];

  function subscribe(...args: string[]): Subscriber {
    const account = ['-u', 'console', '-P', whole.site.mqttPassword];
    const subscriber = new Subscriber(whole.site.mqttPort, [...account, ...args]);
    subscribers.push(subscriber);
    return subscriber;
  }
  beforeAll(async () => {
    if (!installed) throw new Error(title);
    whole = await (await WholeGateway.start()).ready();
  });
  afterAll(async () => {
    await Promise.all(subscribers.map((subscriber) => subscriber.end()));
    await whole?.stop();
  });

  test('sees the states at once when it subscribes, and then the press with its whole timeline', async () => {
    const subscriber = subscribe('-t', `${ROOT}/#`, '-q', '1');
    await subscriber.until('status', (status: { state: string }) => status.state === 'ready');
    await subscriber.until('link/central/status', (path: { state: string }) => path.state === 'up');
    await subscriber.until('dev/wb-101/state', (device: { supervised: string }) => device.supervised === 'ok');

    const id = whole.press('wb-101');
    const alert = await subscriber.until(
      `alert/${id}`,
      ({ timeline, state }: AlertDocument) =>
        state === 'acknowledged' && timeline.journalled !== undefined && timeline.published !== undefined,
    );
    expect(alert).toMatchObject({ id, kind: 'medical', device: 'wb-101', room: '101', not_confirmed: false });
    const event = await subscriber.until('dev/wb-101/event', (one: { type: string }) => one.type === 'press');
    expect(event).toMatchObject({ event_id: id, alert: id });
  });

  test('that comes later is given the alert, which stands, but no press, which is over', async () => {
    const id = whole.press('wb-102');
    await whole.mqtt.acknowledged(id);
    const late = subscribe('-t', `${ROOT}/#`);
    for (const place of [`alert/${id}`, 'dev/wb-101/state', 'dev/wb-102/state', 'status'])
      await late.untilRetained(place);
    expect(late.retained.filter((topic) => topic.endsWith('/event'))).toEqual([]);
    // A release may still come live: a node repeats it until it is heard.
    expect(late.messages.filter(({ payload }) => payload.includes('"type":"press"'))).toEqual([]);
  });

  test('watches links and troubles with the command that hardware/links/README.md shows', async () => {
    const page = readFileSync(new URL('../../hardware/links/README.md', import.meta.url), 'utf8');
    const [, written = ''] = /mosquitto_sub (-h 127\.0\.0\.1 .*)$/m.exec(page) ?? [];
    const args = written.split(' ').map((word) => word.replace(/^'|'$/g, ''));
    expect(args).toContain('callpoint/v1/+/link/#');
    const password = args.indexOf('…');
    const own = args.map((word, at) => (at === password ? whole.site.mqttPassword : word));
    const subscriber = new Subscriber(whole.site.mqttPort, own);
    subscribers.push(subscriber);
    await subscriber.untilRetained('link/central/status');
  });

  test.each(['#', 'callpoint/#', 'callpoint/v1/#', 'callpoint/v1/+/link/#', '+/v1/gw-test/#'])(
    'that subscribes to %s gets what it may read of it',
    async (filter) => {
      const subscriber = subscribe('-t', filter);
      await subscriber.untilRetained('link/central/status');
      expect(subscriber.messages.filter(({ topic }) => !topic.startsWith(`${ROOT}/`))).toEqual([]);
    },
  );

  test.each(['callpoint/v1/other/#', 'zigbee2mqtt/#', '$share/x/callpoint/v1/gw-test/#'])(
    'is refused %s: there is nothing in it for a viewer',
    async (filter) => {
      const subscriber = subscribe('-t', filter);
      const [code] = (await once(subscriber.child, 'close')) as [number];
      expect([code, subscriber.messages]).toEqual([expect.any(Number), []]);
    },
  );

  test.each<[string, readonly string[]]>([
    ['of MQTT 3.1', ['-V', 'mqttv31']],
    ['of MQTT 3.1.1 with a session to keep', ['-V', 'mqttv311', '-c', '-i', 'keeps']],
    ['of MQTT 5 with a session to keep', ['-V', 'mqttv5', '-c', '-i', 'keeps', '-x', '3600']],
    ['that takes one message at once', ['-V', 'mqttv5', '-D', 'connect', 'receive-maximum', '1', '-q', '2']],
    ['that takes topic aliases', ['-V', 'mqttv5', '-D', 'connect', 'topic-alias-maximum', '10', '-q', '1']],
    ['that wants no reasons', ['-V', 'mqttv5', '-D', 'connect', 'request-problem-information', '0']],
    ['with user properties', ['-V', 'mqttv5', '-D', 'connect', 'user-property', 'a', 'b', '-k', '5']],
  ])('%s gets what is retained and a press', async (_what, args) => {
    const subscriber = subscribe(...args, '-t', `${ROOT}/#`);
    await subscriber.untilRetained('link/central/status');
    const id = whole.press('wb-101');
    await subscriber.until(`alert/${id}`, ({ state }: AlertDocument) => state === 'acknowledged');
    await subscriber.end();
    await whole.mqtt.command('resolve', id, 'a test');
    await whole.mqtt.alert(id, ({ state }) => state === 'resolved');
  });

  test.each(['0', '1', '2'])(
    'mosquitto_pub of MQTT 5 commands at QoS %s, and hears that it may not forge',
    async (qos) => {
      const id = whole.press('wb-101');
      await whole.mqtt.acknowledged(id);
      const say = (topic: string, text: string) => {
        const account = ['-u', 'console', '-P', whole.site.mqttPassword, '-V', 'mqttv5', '-q', qos];
        const args = ['-h', '127.0.0.1', '-p', String(whole.site.mqttPort), ...account, '-t', topic, '-m', text];
        return run('mosquitto_pub', args);
      };
      const forged = await say(`${ROOT}/overview`, '{}');
      if (qos !== '0') expect(forged.stderr).toContain('Not authorized');
      expect(await say(`${ROOT}/cmd/resolve`, JSON.stringify({ alert: id, reason: 'a test' }))).toMatchObject({
        code: 0,
      });
      await whole.mqtt.alert(id, ({ state }) => state === 'resolved');
    },
  );

  test('with a wrong password is refused', async () => {
    const subscriber = new Subscriber(whole.site.mqttPort, ['-u', 'console', '-P', 'guess', '-t', '#']);
    subscribers.push(subscriber);
    const [code] = (await once(subscriber.child, 'close')) as [number];
    expect(code).not.toBe(0);
    expect(subscriber.messages).toEqual([]);
  });
});
