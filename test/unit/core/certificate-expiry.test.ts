import { describe, expect, test } from 'vitest';
import type { CertificateReading } from '../../../gateway/core/certificate.ts';
import { Core } from '../../../gateway/core/core.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import { path, site } from '../../simulation/site.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 28, 12);

/** A core on simulated time. Its journal outlives it. */
class Rig {
  readonly records: JournalRecord[] = [];
  monoMs = 0;
  wallMs = START_MS;
  #core = this.#start();

  read(days: number, changes: Partial<CertificateReading> = {}): void {
    const certificate: CertificateReading = {
      ...{ of: 'path.central', name: 'path central', role: 'own', file: 'tls/own.pem' },
      notBeforeMs: START_MS - 60 * DAY_MS,
      notAfterMs: START_MS + days * DAY_MS,
      ...changes,
    };
    this.#handle({ type: 'certificate', certificate });
  }

  /** Lets time pass hour by hour. */
  run(ms: number): void {
    for (const endMs = this.monoMs + ms; this.monoMs < endMs; ) {
      this.monoMs += HOUR_MS;
      this.wallMs += HOUR_MS;
      this.#handle({ type: 'tick' });
    }
  }

  restart(): void {
    this.monoMs = 0;
    this.#core = this.#start();
  }

  /** Returns the reports to receivers, in order. */
  get told(): string[] {
    return this.records.flatMap((record) =>
      record.t === 'trouble' && record.type === 'certificateExpires' && record.reported !== true
        ? [`${record.state}: ${record.text}`]
        : [],
    );
  }

  /** What the administrator was told of it first. */
  get detail(): string | undefined {
    return this.records.find((record) => record.t === 'trouble')?.detail;
  }

  #start(): Core {
    const certificates = ['path.central.own', 'path.central.authority', 'path.central.farEnd'];
    const core = new Core({ ...site([], [path('central')]), certificates }, [...this.records], this.#now());
    this.#take(core.start(this.#now()));
    return core;
  }

  #handle(input: Parameters<Core['handle']>[0]): void {
    this.#take(this.#core.handle(input, this.#now()));
  }

  #take(effects: ReturnType<Core['handle']>): void {
    for (const effect of effects) if (effect.type === 'journal') this.records.push(effect.entry.record);
  }

  #now() {
    return { monoMs: this.monoMs, wallMs: this.wallMs };
  }
}

const ours = (step: string) => `Our certificate for path central${step} (2026-12-30T12:00Z)`;

describe('a certificate that ends', () => {
  test('is told 30, 7 and 1 days before, and when it is over, each once', () => {
    const rig = new Rig();
    rig.read(32);
    rig.run(DAY_MS);
    expect(rig.told).toEqual([]);
    rig.run(2 * DAY_MS);
    expect(rig.told).toEqual([`standing: ${ours(' expires in less than 30 days')}`]);
    rig.run(40 * DAY_MS);
    expect(rig.told).toEqual([
      `standing: ${ours(' expires in less than 30 days')}`,
      `notice: ${ours(' expires in less than 7 days')}`,
      `notice: ${ours(' expires in less than 1 day')}`,
      `notice: ${ours(' has expired')}`,
    ]);
  });

  test('is not told again after a restart', () => {
    const rig = new Rig();
    rig.read(32);
    rig.run(26 * DAY_MS);
    expect(rig.told).toHaveLength(2);
    rig.restart();
    rig.read(32);
    rig.run(HOUR_MS);
    expect(rig.told).toHaveLength(2);
    rig.run(6 * DAY_MS);
    expect(rig.told).toHaveLength(4);
  });

  test('is told once, with the nearest step, where little is left from the beginning', () => {
    const rig = new Rig();
    rig.read(32, { notAfterMs: START_MS + HOUR_MS / 2 });
    expect(rig.told).toHaveLength(1);
    expect(rig.told[0]).toContain('less than 1 day');
  });

  test('is restored when it is renewed', () => {
    const rig = new Rig();
    rig.read(5);
    rig.read(365);
    expect(rig.told.map((text) => text.slice(0, 8))).toEqual(['standing', 'restored']);
    rig.run(40 * DAY_MS);
    expect(rig.told).toHaveLength(2);
  });

  test('is restored after a restart, and by a site that has it no more', () => {
    const rig = new Rig();
    rig.read(5);
    rig.restart();
    rig.read(365);
    expect(rig.told.at(-1)).toContain('restored');
    const gone = new Rig();
    gone.read(5, { of: 'path.old', name: 'path old' });
    gone.restart();
    expect(gone.told.at(-1)).toContain('restored');
  });

  test('and what was put in its place for a short time: the new end is told in its turn', () => {
    const rig = new Rig();
    rig.read(0.5);
    rig.read(20);
    rig.run(14 * DAY_MS);
    expect(rig.told.map((text) => /less than (\d+ days?)/.exec(text)?.[1])).toEqual(['1 day', '7 days']);
  });

  test('says why what is on disk is not used', () => {
    const rig = new Rig();
    rig.read(5, { refusedRenewal: 'the private key does not belong to the certificate' });
    expect(rig.detail).toMatch(/^renew tls\/own.pem; what is on disk now is not used: the private key/);
  });

  test.each([
    ['farEnd', 'The certificate of the far end of path central expires', 'ask its operator to renew it'],
    [
      'authority',
      'The authority’s certificate for path central expires',
      'ask the far end for the new one, and put it into tls/own.pem',
    ],
  ] as const)('whose it is, is said (%s)', (role, whose, todo) => {
    const rig = new Rig();
    rig.read(5, { role });
    expect(rig.told[0]).toContain(whose);
    expect(rig.detail).toBe(todo);
  });
});

describe('a clock that cannot be right', () => {
  test('of 1970 raises nothing and restores nothing', () => {
    const rig = new Rig();
    rig.read(5);
    rig.wallMs = 0;
    rig.restart();
    rig.read(5);
    rig.read(5, { role: 'farEnd' });
    rig.run(2 * DAY_MS);
    expect(rig.told).toHaveLength(1);
    rig.wallMs = START_MS;
    rig.run(HOUR_MS);
    expect(rig.told).toHaveLength(2);
    expect(rig.told[1]).toContain('far end');
  });
});

test('a far end that shows another certificate on each connection fills nothing', () => {
  const rig = new Rig();
  for (let n = 0; n < 200; n++) rig.read(5 + (n % 2) * 15 + n / 1000, { role: 'farEnd' });
  expect(rig.told).toHaveLength(1);
  expect(rig.records.filter(({ t }) => t === 'trouble').length).toBeLessThan(4);
});
