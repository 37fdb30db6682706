import { describe, expect, test } from 'vitest';
import { Context } from '../../../gateway/core/context.ts';
import { CoreParts } from '../../../gateway/core/core-parts.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import type { Signal, SignalBody } from '../../../gateway/core/signal.ts';
import type { Device } from '../../../gateway/core/site.ts';
import { device, path, site } from '../../simulation/site.ts';

const PRESS = { type: 'press', button: 0, pattern: 'single' } as const;
const HELLO = { type: 'hello', serial: '0', model: 1, firmware: '1.0', buttons: 1, points: 0 } as const;

function handler(changes: Partial<Device> = {}) {
  const context = new Context(site([device(101, changes)], [path('central')]), 1, { monoMs: 0, wallMs: 0 });
  context.withholdsAnswers = false;
  const parts = new CoreParts(context);
  const effects: Effect[] = [];
  const collect = () => {
    effects.push(...context.takeEffects());
    return effects;
  };
  const say = (body: SignalBody, how: Partial<Signal> = {}) =>
    parts.signals.signal({ input: 'bus-1', device: 'wb-101', authenticated: true, capturedMs: 0, body, ...how });
  const numbered = (body: SignalBody, counter: number, epoch = 1) => say(body, { identity: { epoch, counter } });
  /** Ids and texts of the reports sent, polls aside. */
  const sent = () =>
    collect().flatMap((effect) => (effect.type === 'send' && effect.attempt.report ? [effect.attempt.report] : []));
  const answers = () =>
    collect().flatMap((effect) =>
      effect.type === 'answer' ? [`${effect.identity.epoch}.${effect.identity.counter} ${effect.status}`] : [],
    );
  const records = () => collect().flatMap((effect) => (effect.type === 'journal' ? [effect.entry.record.t] : []));
  const documents = () =>
    collect().flatMap((effect) =>
      effect.type === 'publish' && effect.publication.kind === 'device' ? [effect.publication.document] : [],
    );
  const logged = () => collect().flatMap((effect) => (effect.type === 'log' ? [effect.event] : []));
  return { context, parts, collect, say, numbered, sent, answers, records, documents, logged };
}

const ids = (reports: readonly { readonly id: string }[]) => reports.map(({ id }) => id);

describe('what an enrolled device says', () => {
  test('a press is one alert, however often it is repeated, and each repeat is answered', () => {
    const { parts, numbered, sent, answers } = handler();
    numbered(HELLO, 0);
    numbered(PRESS, 1);
    parts.alerts.durable(100);
    for (let repeat = 0; repeat < 3; repeat++) numbered(PRESS, 1);
    expect(ids(sent())).toEqual(['wb-101.1.1']);
    expect(answers().filter((answer) => answer.startsWith('1.1'))).not.toEqual([]);
  });

  test('a press of an earlier epoch is no alert: it is told as a press with old numbers', () => {
    const { numbered, sent } = handler();
    numbered(HELLO, 0, 2);
    numbered(PRESS, 1, 1);
    expect(sent().map(({ text }) => text)).toEqual([expect.stringContaining('Press with old numbers')]);
  });

  test('old frames that are no press are logged once a minute, not reported', () => {
    const { numbered, sent, logged } = handler();
    numbered(HELLO, 0, 2);
    for (let counter = 1; counter < 50; counter++) numbered(HELLO, counter, 1);
    expect(sent()).toEqual([]);
    expect(logged().filter((event) => event === 'signal.stale')).toHaveLength(1);
  });

  test('the first that is ever heard of a device may be a recording: a press is forwarded, and marked', () => {
    const { numbered, sent } = handler({ keyFingerprint: 'aa' });
    numbered(PRESS, 7);
    expect(sent().map(({ text }) => text)).toEqual([expect.stringMatching(/\(unauthenticated\)$/)]);
  });

  test('a press kept by a broker raises nothing', () => {
    const { say, sent } = handler();
    say(PRESS, { kept: true });
    expect(sent()).toEqual([]);
  });

  test('a value that nothing names is told once; one of a button each minute, because it may be a press', () => {
    const { parts, say, sent, documents } = handler();
    const told = (value: string, of: 'button' | 'battery') => say({ type: 'notUnderstood', of, member: of, value });
    for (let time = 0; time < 3; time++) {
      told('sos', 'button');
      told('empty', 'battery');
    }
    expect(sent().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Press not understood: wb-101, /),
      expect.stringMatching(/^Message not understood: wb-101, /),
    ]);
    for (const of of ['button', 'battery'])
      parts.notices.windowOver(`${of === 'button' ? 'pressNotU' : 'notU'}nderstood.wb-101.${of}`);
    expect(
      sent()
        .map(({ text }) => text)
        .slice(2),
    ).toEqual([expect.stringContaining('2 more since the last report')]);
    expect(documents().at(-1)?.not_understood).toBe(2);
  });

  test('a device that says ever new values gets a bounded number of notices', () => {
    const { parts, say, sent, collect } = handler();
    for (let value = 0; value < 1_000; value++) {
      say({ type: 'notUnderstood', of: 'battery', member: 'battery', value: `v${value}` });
    }
    parts.notices.windowOver('notUnderstood.wb-101.battery');
    const notices = collect().flatMap((effect) =>
      effect.type === 'log' && effect.event === 'trouble.notice' ? [effect.fields] : [],
    );
    expect(notices.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('"v0"'),
      expect.stringContaining('"v15"'),
    ]);
    expect(sent().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Message not understood: wb-101, /),
      expect.stringMatching(/; 15 more since/),
    ]);
  });

  test('a press of a counter alone waits until its number is durable', () => {
    const { parts, numbered, sent, records } = handler({ counterOnly: true });
    numbered(PRESS, 5);
    expect([ids(sent()), records()]).toEqual([[], ['heard']]);
    parts.signals.held.durable(1);
    expect(ids(sent())).toEqual(['wb-101.0.5']);
  });

  test('two presses in one message are two alerts', () => {
    const { say, sent } = handler();
    const presses = [
      { button: 0, pattern: 'single' },
      { button: 1, pattern: 'double' },
    ] as const;
    say({ type: 'readings', presses, points: [] });
    expect(ids(sent())).toEqual(['wb-101.1.1', 'wb-101.1.1.2']);
  });

  test('a press of a button that is not configured is told, never dropped', () => {
    const { numbered, sent } = handler();
    numbered(HELLO, 0);
    numbered({ type: 'press', button: 9, pattern: 'single' }, 1);
    expect(sent().map(({ text }) => text)).toEqual([expect.stringContaining('Press of button 9')]);
  });

  test('a press of a device that the configuration lacks is told, never dropped', () => {
    const { say, sent } = handler();
    say(PRESS, { device: 'wb-999' });
    expect(sent().map(({ text }) => text)).toEqual([expect.stringContaining('device wb-999')]);
  });

  test.each<[string, SignalBody, Partial<Signal>, 'ok' | 'missing' | 'unknown']>([
    ['a sign of life', { type: 'alive' }, {}, 'ok'],
    ['a contact', { type: 'contact', of: 'point', number: 0, state: 'normal' }, {}, 'ok'],
    ['what a broker had kept', { type: 'readings', presses: [], points: [] }, { kept: true }, 'unknown'],
    ['the wire saying that it is away', { type: 'availability', of: 0, says: 'offline' }, {}, 'missing'],
    ['one poll without an answer', { type: 'noAnswer' }, {}, 'unknown'],
  ])('%s leaves it %s', (_, body, how, supervised) => {
    const { context, parts, say } = handler();
    say(body, how);
    parts.devices.get('wb-101')?.publish();
    const documents = context
      .takeEffects()
      .flatMap((effect) =>
        effect.type === 'publish' && effect.publication.kind === 'device' ? effect.publication.document : [],
      );
    expect(documents.at(-1)).toMatchObject({ supervised });
  });
});
