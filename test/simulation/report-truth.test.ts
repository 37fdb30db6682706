import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalRecord } from '../../gateway/core/journal-record.ts';
import type { Outcome } from '../../gateway/core/report.ts';
import type { AfterActionDocument, AlertAccount } from '../../protocol/after-action-document.ts';
import { isInScope, parseScope } from '../../protocol/drill-scope.ts';
import type { AlertDocument, DrillDocument } from '../../protocol/mqtt-documents.ts';
import { reported } from '../unit/after-action/reported.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const OFF = { ...path('central').supervision, mode: 'off' } as const;
const NAMES = { building: 'Annex', floor: 'Floor 1', room: 'Rm 201' };
const ANNEX = { building: 'B', floor: '1', room: '201', text: 'Annex, Floor 1, Rm 201', names: NAMES };
const DEVICES = ['wb-101', 'wb-102', 'wb-201'] as const;
const PATHS = ['central', 'county', 'pager'] as const;
const SCOPES = ['site', 'building:A', 'building:B', 'room:A/1/101', 'device:wb-201'] as const;
const SCHOOL = site(
  [device(101, { heartbeatMs: 0 }), device(102, { heartbeatMs: 0 }), device(201, { heartbeatMs: 0, location: ANNEX })],
  PATHS.map((id) => path(id, { supervision: OFF })),
);
const HOUR = 3_600_000;

type Manner = 'acknowledges' | 'handsOver' | 'closes' | 'refuses' | 'hangs';
type Step =
  | { readonly type: 'press'; readonly device: (typeof DEVICES)[number] }
  | { readonly type: 'wait'; readonly ms: number }
  | {
      readonly type: 'manner';
      readonly path: (typeof PATHS)[number];
      readonly manner: Manner;
      readonly afterMs: number;
    }
  | { readonly type: 'drill'; readonly scope: (typeof SCOPES)[number]; readonly action: 'start' | 'stop' }
  | { readonly type: 'walkTest'; readonly scope: (typeof SCOPES)[number]; readonly action: 'start' | 'stop' }
  | { readonly type: 'end'; readonly command: 'cancel' | 'resolve'; readonly nth: number }
  | { readonly type: 'clock'; readonly ms: number }
  | { readonly type: 'kill' };

const OUTCOMES: Readonly<Record<Manner, Outcome | undefined>> = {
  acknowledges: { type: 'receiverAcknowledged' },
  handsOver: { type: 'handedOver' },
  closes: { type: 'failed', reason: 'closed', detail: 'closed by the far end' },
  refuses: { type: 'failed', reason: 'unreachable', detail: 'connection refused' },
  hangs: undefined,
};

/** What really happened to a press, by the clock of the world. */
interface Press {
  readonly id: string;
  readonly device: string;
  readonly pressedMs: number;
  readonly wallMs: number;
  endedMs?: number;
}

interface Drill {
  readonly scope: string;
  readonly startedMs: number;
  readonly presses: string[];
}

/** A story, with a ledger of its own. The journal is kept whole: retention has tests elsewhere. */
class Story {
  readonly world = new SensorWorld(SCHOOL);
  readonly records: JournalRecord[] = [];
  readonly presses = new Map<string, Press>();
  readonly drills: Drill[] = [];
  /** When the gateway was killed last. */
  killedMs = 0;
  readonly #seen = new Set<JournalRecord>();
  readonly #manners = new Map<string, { readonly manner: Manner; readonly afterMs: number }>();
  #counter = 0;

  constructor(steps: readonly Step[]) {
    const { world } = this;
    world.receive = ({ path: on }) => {
      const { manner = 'acknowledges', afterMs = 30 } = this.#manners.get(on) ?? {};
      const outcome = OUTCOMES[manner];
      return outcome === undefined ? undefined : { afterMs, outcome };
    };
    this.#wait(1000);
    for (const step of steps) {
      this.#take(step);
      // So that all is durable, and nothing happens between.
      if (step.type !== 'press') this.#wait(6);
    }
    this.#wait(50);
  }

  get report(): AfterActionDocument {
    const document = reported(this.records, { kind: 'period', fromMs: -1e13, untilMs: 1e13 }, this.#at);
    if (document === undefined) throw new Error('a period always has a report');
    return document;
  }

  drillReport(scope: string): AfterActionDocument | undefined {
    return reported(this.records, { kind: 'drill', scope }, this.#at);
  }

  documentOf(id: string): AlertDocument {
    return this.world.published.get(`alert/${id}`) as AlertDocument;
  }

  get #at() {
    return { atMs: this.world.clock.now.wallMs, site: SCHOOL };
  }

  #take(step: Step): void {
    const { world } = this;
    switch (step.type) {
      case 'press':
        this.#press(step.device);
        return;
      case 'wait':
        this.#wait(step.ms);
        return;
      case 'manner':
        this.#manners.set(step.path, step);
        return;
      case 'drill': {
        const { scope, action } = step;
        const startedMs = world.clock.nowMs;
        const answer = world.command({ command: 'drill', action, scope, minutes: 5, reason: 'autumn', by: 'maria' });
        if (action === 'start' && answer?.ok) this.drills.push({ scope, startedMs, presses: [] });
        return;
      }
      case 'walkTest': {
        const { scope, action } = step;
        const by = { reason: 'commissioning', by: 'maria', at: world.clock.now.wallMs } as const;
        if (action === 'start') {
          world.command({ command: 'walk-test', action, scope, minutes: 5, tester: 'Jo', ...by });
        } else world.command({ command: 'walk-test', action, ...by });
        return;
      }
      case 'end': {
        const id = [...this.presses.keys()].at(-step.nth);
        if (id === undefined) return;
        const endedMs = world.clock.nowMs;
        const answer = world.command({ command: step.command, alert: id, reason: 'leant on it', by: 'desk' });
        const press = this.presses.get(id);
        if (answer?.ok && press !== undefined) press.endedMs ??= endedMs;
        return;
      }
      case 'clock':
        world.clock.wallOffsetMs += step.ms;
        return;
      case 'kill':
        this.killedMs = world.clock.nowMs;
        this.#harvest();
        world.crash();
        this.#harvest();
        world.start();
        for (const record of world.journal.records) this.#seen.add(record);
        return;
    }
  }

  #press(on: string): void {
    const { world } = this;
    this.#counter += 1;
    const { nowMs: pressedMs } = world.clock;
    const { wallMs } = world.clock.now;
    const id = world.press(on, this.#counter);
    this.#wait(6);
    this.presses.set(id, { id, device: on, pressedMs, wallMs });
    for (const drill of this.drills) if (this.#runs(drill)) drill.presses.push(id);
  }

  #runs({ scope }: Drill): boolean {
    const ofDrills = [...this.world.published].filter(([topic]) => topic.startsWith('drill/'));
    const documents = ofDrills.map(([, document]) => document as DrillDocument);
    return documents.some((each) => each.scope === scope && each.state === 'running');
  }

  #wait(ms: number): void {
    for (let left = ms; left > 0; left -= 1000) {
      this.world.run(Math.min(left, 1000));
      this.#harvest();
    }
  }

  #harvest(): void {
    for (const record of this.world.journal.records) {
      if (this.#seen.has(record)) continue;
      this.#seen.add(record);
      this.records.push(record);
    }
  }
}

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('press' as const), device: fc.constantFrom(...DEVICES) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(40, 2500, 11_000, 70_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('manner' as const),
      path: fc.constantFrom(...PATHS),
      manner: fc.constantFrom<Manner>('acknowledges', 'handsOver', 'closes', 'refuses', 'hangs'),
      afterMs: fc.constantFrom(1, 40, 900, 3100),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('drill' as const),
      scope: fc.constantFrom(...SCOPES),
      action: fc.constantFrom('start' as const, 'stop' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('walkTest' as const),
      scope: fc.constantFrom(...SCOPES),
      action: fc.constantFrom('start' as const, 'stop' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      command: fc.constantFrom('cancel' as const, 'resolve' as const),
      nth: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('clock' as const),
      ms: fc.constantFrom(-HOUR, HOUR, -4000, 7000, -30 * 365 * 24 * HOUR),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'kill' as const }) },
);

function accounts({ alerts: { live, drill, test: tests } }: AfterActionDocument): AlertAccount[] {
  return [...live, ...drill, ...tests];
}

describe('whatever happened', () => {
  const story = fc.array(STEP, { minLength: 4, maxLength: 25 });
  const holds = (check: (story: Story) => void) =>
    fc.assert(
      fc.property(story, (steps) => check(new Story(steps))),
      { numRuns: 50 },
    );

  test('the report has each press of the journal once, and says real, drill and test as the receivers were told', () => {
    holds((told) => {
      const { report } = told;
      expect(
        accounts(report)
          .map(({ id }) => id)
          .sort(),
      ).toEqual([...told.presses.keys()].sort());
      for (const { id, mode } of accounts(report)) expect(mode, id).toBe(told.documentOf(id).mode);
      for (const { id, device: of } of accounts(report)) expect(of).toBe(told.presses.get(id)?.device);
    });
  });

  test('a time after the press is the true one, or none is told', () => {
    holds((told) => {
      for (const { id, acknowledged, handed_over: handedOver, not_confirmed: late, closed, paths } of accounts(
        told.report,
      )) {
        const press = told.presses.get(id);
        if (press === undefined) throw new Error(id);
        // A start knows the time of an earlier run by the wall clock only.
        if (press.pressedMs < told.killedMs) continue;
        const ends = told.world.outcomes.filter(({ report }) => report === id);
        const near = (ms: number | null | undefined, true_: readonly number[], what: string) => {
          if (ms === null || ms === undefined) return;
          const off = Math.min(...true_.map((at) => Math.abs(at - press.pressedMs - ms)));
          expect(off, `${what} of ${id}: ${ms}, really ${true_.map((at) => at - press.pressedMs)}`).toBeLessThan(2);
        };
        const timesOf = (type: string, on: string) =>
          ends.filter((e) => e.type === type && e.path === on).map((e) => e.atMs);
        if (acknowledged)
          near(acknowledged.after_ms, timesOf('receiverAcknowledged', acknowledged.path), 'acknowledgement');
        if (handedOver) near(handedOver.after_ms, timesOf('handedOver', handedOver.path), 'hand-over');
        for (const on of paths) {
          near(on.acknowledged?.after_ms, timesOf('receiverAcknowledged', on.path), on.path);
          near(
            on.first_attempt?.after_ms,
            told.world.attempts.filter((a) => a.path === on.path && a.report.id === id).map((a) => a.atMs),
            'attempt',
          );
        }
        near(late?.after_ms, [press.pressedMs + 10_000], 'NOT CONFIRMED');
        if (press.endedMs !== undefined) near(closed?.after_ms, [press.endedMs], 'end');
      }
    });
  });

  test('the report of a drill has the presses that were drills while it ran, each of them, and no other', () => {
    holds((told) => {
      for (const scope of SCOPES) {
        const drill = told.drills.findLast((each) => each.scope === scope);
        const report = told.drillReport(scope);
        expect(report === undefined).toBe(drill === undefined);
        if (drill === undefined || report === undefined) continue;
        const inScope = drill.presses.filter((id) => {
          const { mode, device: of } = told.documentOf(id);
          const place = SCHOOL.devices.get(of)?.location;
          const parsed = parseScope(scope);
          const isThere = place !== undefined && parsed !== undefined && isInScope(parsed, { device: of, ...place });
          return mode !== 'drill' || isThere;
        });
        expect(
          accounts(report)
            .map(({ id }) => id)
            .sort(),
          scope,
        ).toEqual(inScope.sort());
      }
    });
  });
});
