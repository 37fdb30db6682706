import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { ProofKind, ProvenPath } from '../../../protocol/walk-test-document.ts';
import type { Context } from '../context.ts';
import type { ConditionValues } from '../documents.ts';
import { type ProvenRecord, provenKey, type SavedProof } from '../proof-record.ts';
import type { Exercise } from '../report.ts';
import type { Button, Device } from '../site.ts';
import { buttonItemId } from '../site-items.ts';
import { walkTestSettings } from '../walk-test-settings.ts';

/** A real alert or a drill proves its button no more often. */
const OFTEN_MS = 3_600_000;
/** Presses whose acknowledgement may still prove a button. That of older ones proves nothing. */
const AWAITED_MAX = 1024;

/** How well a press was heard, as far as its wire knows. */
export interface PressQuality {
  /** Radio: strength at which it was received, dBm. */
  readonly rssiDbm?: number | undefined;
  /** Contacts: how often it bounced. */
  readonly bounces?: number | undefined;
  /** The device repeats its press until it is answered, so its repeats are counted. */
  readonly isRepeated?: boolean | undefined;
}

/** A press that has raised an alert. */
export interface ProvingPress extends PressQuality {
  readonly alert: string;
  readonly device: Device;
  readonly button: Button;
  readonly pattern: PressPattern;
  readonly authenticated: boolean;
  readonly exercise: Exercise | undefined;
  readonly atWallMs: WallMs;
  /** `undefined`: in an earlier run. */
  readonly capturedMs: MonoMs | undefined;
}

interface Awaited {
  readonly press: ProvingPress;
  /** Of a walk test: its id and tester. */
  readonly walkTest: WalkTestOfProof | undefined;
  repeats: number;
  paths: readonly ProvenPath[];
}

/** The walk test that a proof belongs to. */
export interface WalkTestOfProof {
  readonly id: string;
  readonly tester: string;
}

interface ProofsDeps {
  condition(device: string): ConditionValues | undefined;
  /** The walk test that runs. */
  walkTest(): WalkTestOfProof | undefined;
  /** An item was proven, once more or for the first time. */
  proven(item: string): void;
}

/**
 * The last proof of each button, door and output: its commissioning record. A press proves its
 * button once a receiver has acknowledged it, in a walk test, in a drill or for real.
 */
export class Proofs {
  readonly #context: Context;
  readonly #deps: ProofsDeps;
  /** The last proof of each item in a walk test, and the one in the walk test before that. */
  readonly #tests = new Map<string, ProvenRecord>();
  readonly #testsBefore = new Map<string, ProvenRecord>();
  /** The last proof of each item of another kind. */
  readonly #others = new Map<string, ProvenRecord>();
  /** By alert. */
  readonly #awaited = new Map<string, Awaited>();
  /** The last alert that each button has raised in the walk test. */
  readonly #lastTests = new Map<string, string>();

  constructor(context: Context, deps: ProofsDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /**
   * The last proof of this item; `undefined`: never proven, or its device has got another key
   * since, as one that was replaced has.
   */
  last(item: string, device?: Device): ProvenRecord | undefined {
    return ofThisDevice(newer(this.#tests.get(item), this.#others.get(item)), device);
  }

  /** Its proof in this walk test. */
  inTest(item: string, walkTest: string): ProvenRecord | undefined {
    const record = this.#tests.get(item);
    return record?.proof.walkTest === walkTest ? record : undefined;
  }

  /** Its last proof in another walk test. */
  inEarlierTest(item: string, walkTest: string | undefined, device?: Device): ProvenRecord | undefined {
    const isOfThis = walkTest !== undefined && this.inTest(item, walkTest) !== undefined;
    return ofThisDevice((isOfThis ? this.#testsBefore : this.#tests).get(item), device);
  }

  /** Its last proof outside this walk test. */
  outside(item: string, walkTest: string | undefined, device?: Device): ProvenRecord | undefined {
    const other = ofThisDevice(this.#others.get(item), device);
    return newer(this.inEarlierTest(item, walkTest, device), other);
  }

  /** The press of this walk test that a receiver still has to acknowledge. */
  awaitedAlert(item: string, walkTest: string): string | undefined {
    const alert = this.#lastTests.get(item);
    const awaited = alert === undefined ? undefined : this.#awaited.get(alert);
    return awaited?.walkTest?.id === walkTest && awaited.paths.length === 0 ? alert : undefined;
  }

  /** A press has raised an alert, in this run or an earlier one. */
  pressed(press: ProvingPress): void {
    const { alert, device, button, exercise } = press;
    const item = buttonItemId(device.id, button.id);
    if (exercise !== 'test' && this.#isOftenProven(item, device)) return;
    const walkTest = exercise === 'test' ? this.#deps.walkTest() : undefined;
    this.#awaited.set(alert, { press, walkTest, repeats: 0, paths: [] });
    if (walkTest !== undefined) this.#lastTests.set(item, alert);
    for (const oldest of this.#awaited.keys()) {
      if (this.#awaited.size <= AWAITED_MAX) break;
      this.#awaited.delete(oldest);
    }
  }

  /** The device has repeated its press. */
  repeated(alert: string): void {
    const awaited = this.#awaited.get(alert);
    if (awaited?.paths.length === 0) awaited.repeats += 1;
  }

  /** A receiver has acknowledged the press, or a paging terminal has it and that is enough. */
  acknowledged(alert: string, path: string, how: 'acknowledged' | 'handedOver'): void {
    const awaited = this.#awaited.get(alert);
    if (awaited === undefined || awaited.paths.some((each) => each.path === path)) return;
    const { capturedMs } = awaited.press;
    const { monoMs } = this.#context.now;
    const ms = capturedMs === undefined ? {} : { ms: Math.round((monoMs - capturedMs) * 10) / 10 };
    // In a walk test the other paths of the plan are proven, too, if their answers come.
    if (awaited.walkTest === undefined) this.#awaited.delete(alert);
    awaited.paths = [...awaited.paths, { path, ...ms, ...(how === 'handedOver' && { handed_over: true as const }) }];
    this.#provenByPress(awaited);
  }

  /** No path of its plan takes tests: the press itself is all that can be proven. */
  undeliverable(alert: string): void {
    const awaited = this.#awaited.get(alert);
    if (awaited === undefined) return;
    this.#awaited.delete(alert);
    if (awaited.press.exercise === 'test') this.#provenByPress(awaited);
  }

  /** The walk test is over: an answer that comes now proves nothing. */
  walkTestOver(): void {
    for (const [alert, { press }] of this.#awaited) if (press.exercise === 'test') this.#awaited.delete(alert);
    this.#lastTests.clear();
  }

  /** A door or an output was seen to work. */
  seen(item: string, kind: ProofKind, walkTest: WalkTestOfProof | undefined): void {
    const of = walkTest === undefined ? {} : { walkTest: walkTest.id, tester: walkTest.tester };
    this.#record(item, this.#context.now.wallMs, { kind, ...of, paths: [] });
  }

  recover(records: readonly ProvenRecord[]): void {
    for (const record of records) {
      const kept = record.proof.kind === 'walkTest' ? this.#tests : this.#others;
      // Records that are read late say less than this run knows.
      if (!kept.has(record.item)) kept.set(record.item, record);
    }
  }

  #provenByPress({ press, walkTest, repeats, paths }: Awaited): void {
    const { device, button, alert, pattern, authenticated, exercise, rssiDbm, bounces, atWallMs } = press;
    const item = buttonItemId(device.id, button.id);
    if (exercise !== 'test' && this.#isOftenProven(item, device)) return;
    const { weakestDbm } = walkTestSettings(this.#context.site);
    this.#record(item, atWallMs, {
      kind: exercise === undefined ? 'alert' : exercise === 'drill' ? 'drill' : 'walkTest',
      ...(walkTest === undefined ? {} : { walkTest: walkTest.id, tester: walkTest.tester }),
      alert,
      pattern,
      authenticated,
      ...(rssiDbm === undefined ? {} : { rssiDbm, marginDb: rssiDbm - weakestDbm }),
      ...(press.isRepeated === true && { repeats }),
      ...(bounces === undefined ? {} : { bounces }),
      ...batteryOf(this.#deps.condition(device.id)),
      ...(device.keyFingerprint === undefined ? {} : { key: device.keyFingerprint }),
      paths,
    });
  }

  /** In a storm of alerts the journal has better things to write. */
  #isOftenProven(item: string, device: Device): boolean {
    const last = ofThisDevice(this.#others.get(item), device);
    const agoMs = last === undefined ? undefined : this.#context.now.wallMs - last.at;
    return agoMs !== undefined && agoMs >= 0 && agoMs < OFTEN_MS;
  }

  #record(item: string, at: WallMs, proof: SavedProof): void {
    const record: ProvenRecord = { t: 'proven', at, item, proof };
    const kept = proof.kind === 'walkTest' ? this.#tests : this.#others;
    const last = kept.get(item);
    if (last?.proof.walkTest !== undefined && last.proof.walkTest !== proof.walkTest) this.#testsBefore.set(item, last);
    kept.set(item, record);
    this.#context.journal(record, { holds: provenKey(record) });
    this.#deps.proven(item);
  }
}

function newer(one: ProvenRecord | undefined, other: ProvenRecord | undefined): ProvenRecord | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.at >= other.at ? one : other;
}

/** A device that was replaced, and so has another key, is not proven. */
function ofThisDevice(record: ProvenRecord | undefined, device: Device | undefined): ProvenRecord | undefined {
  if (record === undefined || device === undefined) return record;
  return record.proof.key === device.keyFingerprint ? record : undefined;
}

function batteryOf(condition: ConditionValues | undefined): Partial<SavedProof> {
  const { batteryMv = null, batteryPercent = null, lowBattery = null } = condition ?? {};
  return {
    ...(batteryMv === null ? {} : { batteryMv }),
    ...(batteryPercent === null ? {} : { batteryPercent }),
    ...(lowBattery === null ? {} : { lowBattery }),
  };
}
