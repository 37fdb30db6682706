import { after, earlier, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';
import { type DrillScope, parseScope } from '../../../protocol/drill-scope.ts';
import type { WalkTestCommand } from '../../../protocol/walk-test-command.ts';
import type { WalkTestSummary } from '../../../protocol/walk-test-document.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import type { Context } from '../context.ts';
import type { CommandAnswer } from '../effect.ts';
import { invariant } from '../invariant.ts';
import { walkTestReport } from '../make-report.ts';
import { WALK_TEST_KEY, type WalkTestRecord } from '../proof-record.ts';
import type { Report } from '../report.ts';
import { hasPlace, isWithin, overlap } from '../scope.ts';
import type { Button, Device, Site } from '../site.ts';
import { buttonItemId } from '../site-items.ts';
import { walkTestSettings } from '../walk-test-settings.ts';
import type { WalkTestOfProof } from './proofs.ts';

/** The remaining time is journalled this often. A restart must not extend the walk test by more. */
const WRITTEN_MS = 60_000;
/**
 * A command that was given longer ago, or later than now by as much, is refused: it may be a
 * recording, or have waited at a broker.
 */
const COMMAND_AGE_MS_MAX = 120_000;
const MOVED_IN =
  'their presses stay real: they came into its place by a reload; the same start command, given again, takes them in';
const TIMER = { type: 'walkTest' } as const;

export interface WalkTest extends WalkTestOfProof {
  readonly scope: string;
  readonly place: DrillScope;
  readonly startedAt: WallMs;
  /** In this run: when it was started, or taken up from an earlier run. */
  readonly startedMs: MonoMs;
  /**
   * Devices that reloads have moved into its place since. Whoever began it did not mean them.
   */
  readonly movedIn: ReadonlySet<string>;
  readonly endsAt: WallMs;
  readonly endsMs: MonoMs;
  readonly by: string;
  readonly reason: string;
  readonly commandedAt: WallMs;
}

interface WalkTestsDeps {
  submit(report: Report): void;
  /** Resolves what its presses have raised. */
  resolveTests(): void;
  /** Does a drill run anywhere in this place? */
  drillIn(place: DrillScope): string | undefined;
  /** May a press that this device sends now have waited since before the walk test began? */
  mayHaveWaited(device: Device, startedMs: MonoMs): boolean;
  summary(): WalkTestSummary;
  /** It has ended, and what was proven counts. */
  ended(): void;
}

/**
 * The walk test of the site: one at a time. While it runs, a single press within its scope is a
 * test. It ends on schedule, whatever happens to the gateway meanwhile, and at once if the wall
 * clock is wrong: a real press that is reported as a test may cost a life. For the same reason
 * every doubt makes a press real: it was pressed before the walk test began or may have been, it is
 * held, or it repeats another press of its button too soon.
 */
export class WalkTests {
  readonly #context: Context;
  readonly #deps: WalkTestsDeps;
  #running: WalkTest | undefined;
  /** The last record of the last walk test, if none runs. */
  #ended: WalkTestRecord | undefined;
  #commandedAt = 0 as WallMs;
  /** When each button was pressed last, real or as a test, while a walk test covered it. */
  readonly #pressedMs = new Map<string, MonoMs>();
  #count = 0;

  constructor(context: Context, deps: WalkTestsDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  get running(): WalkTest | undefined {
    return this.#running;
  }

  get ended(): WalkTestRecord | undefined {
    return this.#ended;
  }

  covers(device: Device): boolean {
    const test = this.#running;
    if (test === undefined || this.#context.now.monoMs >= test.endsMs) return false;
    return isWithin(test.place, device) && !test.movedIn.has(device.id);
  }

  /** The scope of the walk test, if any of its devices is in this place. */
  within(place: DrillScope): string | undefined {
    const test = this.#running;
    return test !== undefined && overlap(test.place, place, this.#context.site) ? test.scope : undefined;
  }

  /** Is a press of this button that began then a test, as far as its beginning tells? */
  isTest(device: Device, button: Button, capturedMs: MonoMs): boolean {
    const test = this.#running;
    if (test === undefined || !this.covers(device)) return false;
    const { realRepeatMs } = walkTestSettings(this.#context.site);
    const before = this.#pressedMs.get(buttonItemId(device.id, button.id));
    if (before !== undefined && capturedMs - before < realRepeatMs) return false;
    const { startedMs } = test;
    // After a restart, too: nobody knows whether the device was heard between the start of the walk
    // test and the crash, and so whether its press is older than the walk test.
    return capturedMs >= startedMs && !this.#deps.mayHaveWaited(device, startedMs);
  }

  /** A press of this button has begun. The next one may repeat it. */
  noteUse(device: Device, button: Button, capturedMs: MonoMs): void {
    if (this.covers(device)) this.#pressedMs.set(buttonItemId(device.id, button.id), capturedMs);
  }

  /** The press was heard in an earlier run. */
  recoverUse(item: string, at: WallMs): void {
    const { monoMs, wallMs } = this.#context.now;
    const { realRepeatMs } = walkTestSettings(this.#context.site);
    const agoMs = wallMs - at;
    if (agoMs < 0 || agoMs >= realRepeatMs) return;
    this.#pressedMs.set(item, after(monoMs, -agoMs));
  }

  start(command: Extract<WalkTestCommand, { action: 'start' }>): CommandAnswer {
    const { scope, minutes, tester, by, reason, at } = command;
    const place = parseScope(scope);
    if (place === undefined || !hasPlace(place, this.#context.site)) {
      return { ok: false, text: `there is nothing in this site that is ${scope}` };
    }
    const refusal = this.#refusal(scope, place, at);
    if (refusal !== undefined) return { ok: false, text: refusal };
    const { monoMs, wallMs } = this.#context.now;
    const before = this.#running;
    const leftMs = minutes * 60_000;
    const ends = { endsAt: after(wallMs, leftMs), endsMs: after(monoMs, leftMs) };
    const said = { tester, by, reason, commandedAt: at };
    const begun = before ?? { id: this.#newId(), scope, place, startedAt: wallMs, startedMs: monoMs };
    const test: WalkTest = { ...begun, ...ends, ...said, movedIn: new Set() };
    this.#running = test;
    this.#ended = undefined;
    this.#commandedAt = at;
    this.#record(test);
    this.#await(test);
    this.publish();
    const event = before === undefined ? 'started' : 'extended';
    this.#context.log('warn', `walkTest.${event}`, { scope, minutes, by, tester, reason });
    this.#announce(event, `${scope}, ${minutes} min, ${tester}`);
    const now = before === undefined ? '' : 'goes on, ';
    return { ok: true, text: `walk test in ${scope} ${now}until ${isoTime(test.endsAt)}` };
  }

  stop({ by, reason }: { readonly by: string; readonly reason: string }): CommandAnswer {
    const test = this.#running;
    if (test === undefined) return { ok: false, text: 'no walk test runs' };
    this.#end(by, reason);
    const { counts } = this.#deps.summary();
    return { ok: true, text: `walk test ended in ${test.scope}: ${countsText(counts)}` };
  }

  /** The timer has fired: the walk test ends, or its remaining time is journalled again. */
  due(): void {
    const test = this.#running;
    invariant(test !== undefined, 'a walk test is due that does not run');
    if (this.#context.now.monoMs >= test.endsMs) {
      this.#end('gateway', 'its time is up');
      return;
    }
    this.#record(test);
    this.#await(test);
  }

  /** The walk test that ran when the gateway stopped, with its remaining time, or the last one. */
  recover(record: WalkTestRecord | undefined): void {
    // Records that are read late say less than this run knows.
    if (record === undefined || this.#running !== undefined || this.#ended !== undefined) return;
    this.#commandedAt = record.commandedAt;
    const place = parseScope(record.scope);
    if (record.state !== 'running' || place === undefined) {
      this.#ended = record;
      return;
    }
    const { monoMs, wallMs } = this.#context.now;
    const { at, endsAt, leftMs } = record;
    const left = wallMs < at ? 0 : Math.max(0, Math.min(leftMs, endsAt - wallMs));
    const { id, scope, tester, startedAt, by, reason, commandedAt } = record;
    const times = { startedAt, startedMs: monoMs, endsAt, endsMs: after(monoMs, left) };
    const movedIn = new Set(record.movedIn);
    const test = { id, scope, place, tester, ...times, movedIn, by, reason, commandedAt };
    this.#running = test;
    // If its time is up, it covers nothing any more, and the timer ends it at once.
    this.#await(test);
  }

  /** A reload has changed the site. */
  adopt(before: Site): void {
    const test = this.#running;
    if (test === undefined) return;
    const { devices } = this.#context.site;
    const movedIn = [...devices.values()].filter((device) => {
      const was = before.devices.get(device.id);
      return was !== undefined && was !== device && !isWithin(test.place, was) && isWithin(test.place, device);
    });
    if (movedIn.length > 0) {
      const ids = movedIn.map(({ id }) => id);
      this.#running = { ...test, movedIn: new Set([...test.movedIn, ...ids]) };
      this.#record(this.#running);
      this.#context.log('warn', 'walkTest.movedIn', { scope: test.scope, devices: ids.join(', '), text: MOVED_IN });
    }
    this.publish();
  }

  publish(): void {
    this.#context.publish({ kind: 'walkTest', document: this.#deps.summary() });
  }

  #refusal(scope: string, place: DrillScope, at: WallMs): string | undefined {
    const { wallMs } = this.#context.now;
    if (Math.abs(wallMs - at) > COMMAND_AGE_MS_MAX) {
      return `the command is of ${isoTime(at)}, and here it is ${isoTime(wallMs)}: it may be a recording; set the clocks and give it again`;
    }
    // A clock that was ahead must not lock everybody out.
    if (at <= this.#commandedAt && this.#commandedAt <= after(wallMs, COMMAND_AGE_MS_MAX))
      return 'this command was given before, or a newer one was: give it again';
    const test = this.#running;
    if (test !== undefined && test.scope !== scope) {
      return `a walk test runs in ${test.scope} until ${isoTime(test.endsAt)}: stop it first`;
    }
    const drill = this.#deps.drillIn(place);
    if (drill !== undefined) return `a drill runs in ${drill}: its presses would be taken for tests; stop it first`;
    return undefined;
  }

  #end(by: string, reason: string): void {
    const test = this.#running;
    invariant(test !== undefined, 'a walk test ends that does not run');
    this.#context.timers.clear(TIMER);
    this.#ended = this.#recordOf(test, { endedBy: by, endedReason: reason });
    this.#running = undefined;
    this.#pressedMs.clear();
    this.#context.journal(this.#ended, { holds: WALK_TEST_KEY });
    this.#deps.resolveTests();
    this.publish();
    const { counts } = this.#deps.summary();
    this.#context.log('warn', 'walkTest.ended', { scope: test.scope, by, reason, ...counts });
    this.#announce('ended', `${test.scope}, ${countsText(counts)}: ${reason}`);
    this.#deps.ended();
  }

  #await({ endsMs }: WalkTest): void {
    const { timers, now } = this.#context;
    timers.set(TIMER, earlier(endsMs, after(now.monoMs, WRITTEN_MS)));
  }

  #record(test: WalkTest): void {
    this.#context.journal(this.#recordOf(test), { holds: WALK_TEST_KEY });
  }

  #recordOf(test: WalkTest, end?: { readonly endedBy: string; readonly endedReason: string }): WalkTestRecord {
    const { id, scope, startedAt, endsAt, endsMs, by, tester, reason, commandedAt } = test;
    const { monoMs, wallMs: at } = this.#context.now;
    const leftMs = end === undefined ? Math.max(0, Math.round(endsMs - monoMs)) : 0;
    const state = end === undefined ? 'running' : 'ended';
    const movedIn = test.movedIn.size > 0 ? { movedIn: [...test.movedIn] } : {};
    const times = { startedAt, endsAt: end === undefined ? endsAt : at, leftMs };
    return { t: 'walkTest', at, id, scope, state, ...times, by, tester, reason, commandedAt, ...movedIn, ...end };
  }

  #announce(event: 'started' | 'extended' | 'ended', detail: string): void {
    this.#count += 1;
    const id = `walkTest.${this.#context.session}.${this.#count}`;
    this.#deps.submit(walkTestReport(id, event, detail, this.#context.now.wallMs));
  }

  /** Unique over restarts, because the session is. */
  #newId(): string {
    this.#count += 1;
    return `walk.${this.#context.session}.${this.#count}`;
  }
}

function countsText({ tested, awaiting, untested }: WalkTestSummary['counts']): string {
  const left = awaiting + untested;
  return left === 0 ? `all ${tested} tested` : `${tested} tested, ${left} not`;
}
