import type { MonoMs } from '../../../protocol/clocks.ts';
import type { DrillScope } from '../../../protocol/drill-scope.ts';
import type { DoorState, PointState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import type { ConditionValues } from '../documents.ts';
import type { AlertRaised } from '../journal-record.ts';
import type { ProvenRecord, WalkTestRecord } from '../proof-record.ts';
import type { Report } from '../report.ts';
import { isWithin } from '../scope.ts';
import type { Button, Device, Door } from '../site.ts';
import { buttonItemId, doorItemId } from '../site-items.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { DoorProofs } from './door-proofs.ts';
import { OutputTest } from './output-test.ts';
import { Proofs, type ProvingPress } from './proofs.ts';
import { SensorWatch } from './sensor-watch.ts';
import { WalkTestView } from './walk-test-view.ts';
import { type WalkTest, WalkTests } from './walk-tests.ts';

interface WalkTestPartsDeps {
  readonly troubles: Troubles;
  submit(report: Report): void;
  resolveTests(): void;
  drillIn(place: DrillScope): string | undefined;
  mayHaveWaited(device: string, sinceMs: MonoMs): boolean;
  condition(device: string): ConditionValues | undefined;
  doorState(door: string): DoorState;
  awaitedPaths(alert: string): readonly string[];
}

interface EarlierPress {
  readonly raised: AlertRaised;
  /** A receiver has it, or that much as its plan asks for. */
  readonly isDone: boolean;
}

/** The parts of the walk test, made and connected. */
export class WalkTestParts {
  readonly proofs: Proofs;
  readonly tests: WalkTests;
  readonly doors: DoorProofs;
  readonly outputs: OutputTest;
  readonly watch: SensorWatch;
  readonly view: WalkTestView;
  readonly #context: Context;

  constructor(context: Context, deps: WalkTestPartsDeps) {
    this.#context = context;
    this.proofs = new Proofs(context, {
      condition: deps.condition,
      walkTest: () => this.tests.running,
      proven: (item) => this.#proven(item),
    });
    this.doors = new DoorProofs(context, {
      proofs: this.proofs,
      walkTest: (door) => this.#covering(door),
      moved: (door, { id }) => this.#changed(doorItemId(door.id), id),
    });
    this.view = new WalkTestView(context, {
      proofs: this.proofs,
      doors: this.doors,
      tests: () => this.tests,
      doorState: deps.doorState,
      awaitedPaths: deps.awaitedPaths,
    });
    const items = () => this.view.items();
    this.tests = new WalkTests(context, {
      submit: deps.submit,
      resolveTests: () => {
        deps.resolveTests();
        this.proofs.walkTestOver();
      },
      drillIn: deps.drillIn,
      mayHaveWaited: ({ id }, sinceMs) => deps.mayHaveWaited(id, sinceMs),
      summary: () => this.view.summary(),
      ended: () => {
        this.outputs.over();
        this.watch.reword();
      },
    });
    this.outputs = new OutputTest(context, {
      items,
      proofs: this.proofs,
      running: () => this.tests.running,
      ticked: (item, { id }) => this.#changed(item, id),
    });
    this.watch = new SensorWatch(context, { items, proofs: this.proofs, troubles: deps.troubles });
  }

  /** A press has raised an alert. */
  pressed(press: ProvingPress): void {
    this.proofs.pressed(press);
    const { running } = this.tests;
    if (press.exercise === 'test' && running !== undefined) {
      this.#changed(buttonItemId(press.device.id, press.button.id), running.id);
    }
  }

  /** An alert of an earlier run. A receiver's acknowledgement may still prove its button. */
  recoverPressed({ raised, isDone }: EarlierPress, { device, button }: { device: Device; button: Button }): void {
    const { id, pattern, authenticated, at, report } = raised;
    this.tests.recoverUse(buttonItemId(device.id, button.id), at);
    if (isDone) return;
    const press = { alert: id, device, button, pattern, authenticated, exercise: report.exercise };
    this.pressed({ ...press, atWallMs: at, capturedMs: undefined });
  }

  doorHeard(door: Door, contact: PointState, bolt: PointState): void {
    this.doors.heard(door, contact, bolt);
  }

  recover(walkTest: WalkTestRecord | undefined, proven: readonly ProvenRecord[]): void {
    this.proofs.recover(proven);
    this.tests.recover(walkTest);
    for (const { item, at, proof } of proven) if (proof.kind === 'walkTest') this.tests.recoverUse(item, at);
  }

  #proven(item: string): void {
    this.watch.proven();
    const { running } = this.tests;
    if (running === undefined || this.proofs.inTest(item, running.id) === undefined) return;
    this.#changed(item, running.id);
  }

  #changed(item: string, walkTest: string): void {
    this.view.noteLast(item, walkTest);
    this.tests.publish();
  }

  #covering(door: Door): WalkTest | undefined {
    const { running } = this.tests;
    const point = door.contact ?? door.bolt;
    const device: Device | undefined = point === undefined ? undefined : this.#context.site.devices.get(point.device);
    if (running === undefined || device === undefined) return undefined;
    return isWithin(running.place, device) ? running : undefined;
  }
}
