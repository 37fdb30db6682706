import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { Core } from '../../../gateway/core/core.ts';
import type { JournalEntry } from '../../../gateway/core/journal-record.ts';
import type { Attempt } from '../../../gateway/core/report.ts';
import type { Signal } from '../../../gateway/core/signal.ts';
import { type Edges, Runtime } from '../../../gateway/runtime.ts';
import { school } from '../../simulation/school.ts';
import { path } from '../../simulation/site.ts';

function bench(site = school()) {
  const now = { monoMs: 1000, wallMs: Date.UTC(2026, 0, 1) };
  const core = new Core(site, [], now);
  const runtime = new Runtime(core, () => now);
  const sent: Attempt[] = [];
  const journalled: JournalEntry[] = [];
  const lines: string[] = [];
  const carriedOut: string[] = [];
  const faults = { send: 0, append: 0, publish: 0 };
  const throws = (edge: keyof typeof faults) => {
    if (faults[edge] <= 0) return;
    faults[edge] -= 1;
    throw new Error(`${edge} failed`);
  };
  const path = (id: string) => ({
    id,
    start: () => {},
    stop: async () => {},
    abandon: (attempt: number) => void carriedOut.push(`abandon ${attempt}`),
    send: (attempt: Attempt) => {
      throws('send');
      sent.push(attempt);
      carriedOut.push(`send ${attempt.attempt}`);
    },
  });
  const edges: Edges = {
    inputs: new Map([['bus-1', { id: 'bus-1', start: () => {}, stop: async () => {}, counters: () => ({}) as never }]]),
    paths: new Map(['central', 'backup'].map((id) => [id, path(id)])),
    journal: {
      append: (_, entry) => {
        throws('append');
        carriedOut.push('journal');
        journalled.push(entry);
      },
      close: async () => {},
    },
    mqtt: { publish: () => throws('publish'), renew: () => {}, reload: () => {}, stop: async () => {} },
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  };
  const press = (counter: number, device = 'wb-101'): Signal => ({
    input: 'bus-1',
    device,
    authenticated: true,
    capturedMs: now.monoMs,
    identity: { epoch: 1, counter },
    body: { type: 'press', button: 0, pattern: 'single' },
  });
  return { now, core, runtime, edges, sent, journalled, lines, carriedOut, faults, press };
}

const alarms = (sent: readonly Attempt[]) =>
  sent.flatMap(({ report }) => (report?.class === 'alarm' ? [report.id] : []));

describe('the runtime', () => {
  test('what is told before the start waits for it', () => {
    const { runtime, edges, sent, press } = bench();
    runtime.inputSink.signal(press(1));
    expect(sent).toEqual([]);
    runtime.start(edges);
    expect(alarms(sent)).toEqual(['wb-101.1.1']);
  });

  test('a path driver that throws costs one attempt, which is tried again', () => {
    const { now, runtime, edges, sent, faults, lines, press } = bench();
    runtime.start(edges);
    faults.send = 1;
    runtime.inputSink.signal(press(1));
    // The next path was used at once.
    expect(alarms(sent)).toEqual(['wb-101.1.1']);
    expect(sent.at(-1)?.path).toBe('backup');
    now.monoMs += 1000;
    runtime.take({ type: 'tick' });
    expect(sent.filter((each) => each.report?.id === 'wb-101.1.1').map((each) => each.path)).toContain('central');
    expect(lines.join()).toContain('send failed');
  });

  test('an alarm for a path that is not there is a defect, and goes over the next path at once', () => {
    const { runtime, edges, sent, lines, press } = bench();
    const paths = new Map([...edges.paths].filter(([id]) => id !== 'central'));
    runtime.start({ ...edges, paths });
    runtime.inputSink.signal(press(1));
    expect(sent.filter(({ report }) => report?.id === 'wb-101.1.1').map(({ path }) => path)).toEqual(['backup']);
    expect(lines.join()).toContain('there is no path central');
  });

  test('an effect that no edge can carry out is a defect, and the effects after it are carried out', async () => {
    const light = { id: 'light', input: 'bus-1', shows: 'alarm', drills: false, silentKinds: true } as const;
    const { runtime, edges, sent, lines, press } = bench({
      ...school(),
      outputs: [{ ...light, normallyEnergised: false }],
    });
    runtime.start(edges);
    runtime.inputSink.signal(press(1));
    expect(alarms(sent)).toEqual(['wb-101.1.1']);
    expect(lines.join()).toContain('input bus-1 has no outputs');
    const asked = { type: 'command', command: { command: 'canary', by: 'anna', reason: 'test' } } as const;
    runtime.take({ ...asked, ticket: 1 });
    runtime.inputSink.signal(press(2));
    expect(alarms(sent)).toContain('wb-101.1.2');
    await runtime.stop();
    expect(lines.join()).toContain('there is no control socket');
  });

  test('an attempt that gives up its place is dropped before the alarm is sent that takes it, and both before anything is written', () => {
    const site = school([path('central', { parallel: 1 })]);
    const { now, runtime, edges, carriedOut, press } = bench(site);
    runtime.start(edges);
    runtime.take({ type: 'tick' });
    // The poll is under way.
    expect(carriedOut.filter((each) => each !== 'journal')).toEqual(['send 1']);
    carriedOut.length = 0;
    now.monoMs += 1;
    runtime.inputSink.signal(press(1));
    expect(carriedOut.slice(0, 2)).toEqual(['abandon 1', 'send 2']);
  });

  test('a journal or broker that throws costs no press', () => {
    const { runtime, edges, sent, faults, press } = bench();
    runtime.start(edges);
    Object.assign(faults, { append: 3, publish: 3 });
    for (let counter = 1; counter <= 3; counter++) runtime.inputSink.signal(press(counter));
    expect(alarms(sent)).toEqual(['wb-101.1.1', 'wb-101.1.2', 'wb-101.1.3']);
  });

  test('a press that waits for the record of its counter when the gateway is stopped is in the journal as an alert', async () => {
    const site = school();
    const tags = [...site.devices].map(([id, device]) => [id, { ...device, counterOnly: true }] as const);
    const { runtime, edges, journalled, press } = bench({ ...site, devices: new Map(tags) });
    runtime.start(edges);
    runtime.inputSink.signal(press(1));
    const alerts = () => journalled.flatMap(({ record }) => (record.t === 'alert' ? [record.id] : []));
    expect(alerts()).toEqual([]);
    await runtime.stop();
    expect(journalled.map(({ record }) => record.t)).toContain('heard');
    expect(alerts()).toEqual(['wb-101.0.1']);
  });

  test('a defect in one input is reported, and what comes after it is handled', () => {
    const { runtime, edges, sent, lines, press } = bench();
    runtime.start(edges);
    runtime.inputSink.signal({ ...press(1), body: null } as unknown as Signal);
    runtime.inputSink.signal(press(2));
    expect(alarms(sent)).toEqual(['wb-101.1.2']);
    expect(sent.map(({ report }) => report?.id ?? '').join()).toContain('gatewayDefect');
    expect(lines.join()).toContain('"defect"');
  });

  test('open alerts are read only when no older document waits, so that none overtakes a newer one', async () => {
    const { runtime, edges, press } = bench();
    runtime.start(edges);
    const alerts = runtime.mqttSink.openAlerts();
    runtime.inputSink.signal(press(1));
    expect(alerts.next()).toEqual({ done: false, value: undefined });
    await new Promise((resolve) => setImmediate(resolve));
    expect(alerts.next()).toMatchObject({ value: { kind: 'alert', document: { id: 'wb-101.1.1' } } });
    expect(alerts.next().done).toBe(true);
  });

  test('defects without end end the gateway: whoever starts it afresh has a known state', () => {
    const { runtime, edges, press } = bench();
    runtime.start(edges);
    expect(() => {
      for (let count = 0; count < 100; count++) {
        runtime.inputSink.signal({ ...press(1), body: null } as unknown as Signal);
      }
    }).toThrow();
  });
});
