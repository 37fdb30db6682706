import { after, later, type MonoMs } from '../../protocol/clocks.ts';
import { AlertBook } from './alerts/alert-book.ts';
import { AlertDoors } from './alerts/alert-doors.ts';
import { CanaryTest } from './alerts/canary-test.ts';
import { Drills } from './alerts/drills.ts';
import type { DeliveryProgress } from './alerts/finished-deliveries.ts';
import { ALERT_BOUNDS, type AlertBounds } from './alerts/surplus-alerts.ts';
import { Commands } from './commands.ts';
import type { Context } from './context.ts';
import type { ReportEnd } from './delivery/dispatch.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { PathSupervision } from './delivery/path-supervision.ts';
import { settleReport, submitReport } from './delivery/standing-reports.ts';
import { BridgeSupervision, bridgeId } from './devices/bridge-supervision.ts';
import type { DeviceContacts } from './devices/device-contacts.ts';
import { DeviceSupervision } from './devices/device-supervision.ts';
import { Doors } from './devices/doors.ts';
import { type HeardThrough, InputSupervision } from './devices/input-supervision.ts';
import { pressAgeMsMax } from './devices/press-age.ts';
import { RemovedDevices } from './devices/removed-devices.ts';
import { SignalHandler } from './devices/signal-handler.ts';
import { StallWatch } from './devices/stall-watch.ts';
import { mayHaveWaited } from './devices/waited-messages.ts';
import type { InternalPresses } from './internal-presses.ts';
import { invariant, known } from './invariant.ts';
import { LocalOutputs } from './local-outputs.ts';
import type { Report } from './report.ts';
import { CheckpointWriter } from './restart/checkpoint.ts';
import type { Device, Path } from './site.ts';
import { CertificateExpiry } from './troubles/certificate-expiry.ts';
import { ClockSynchronisation } from './troubles/clock-synchronisation.ts';
import { LimitedNotices } from './troubles/limited-notices.ts';
import { OwnHealth } from './troubles/own-health.ts';
import { Troubles } from './troubles/troubles.ts';
import { WalkTestParts } from './walk-test/walk-test-parts.ts';

/** The parts of the core. Each gets what it needs of the others. */
export class CoreParts {
  readonly context: Context;
  readonly devices = new Map<string, DeviceSupervision>();
  /** By `bridgeId`. */
  readonly bridges = new Map<string, BridgeSupervision>();
  readonly removed = new RemovedDevices();
  readonly inputs = new Map<string, InputSupervision>();
  readonly paths = new Map<string, PathSupervision>();
  readonly troubles: Troubles;
  readonly health: OwnHealth;
  readonly certificates: CertificateExpiry;
  readonly clock: ClockSynchronisation;
  readonly alerts: AlertBook;
  readonly alertDoors: AlertDoors;
  readonly dispatcher: Dispatcher;
  readonly doors: Doors;
  readonly drills: Drills;
  readonly walkTest: WalkTestParts;
  /** Replaced by a reload only. */
  canary: CanaryTest | undefined;
  readonly notices: LimitedNotices;
  readonly signals: SignalHandler;
  readonly outputs: LocalOutputs;
  readonly commands: Commands;
  readonly checkpoint: CheckpointWriter;
  readonly stalls: StallWatch;
  /** `undefined`: nobody asked for any. */
  internal: InternalPresses | undefined;

  constructor(context: Context, bounds: AlertBounds = ALERT_BOUNDS) {
    this.context = context;
    const { site } = context;
    this.alerts = new AlertBook(
      context,
      () => this.dispatcher,
      () => this.alertDoors,
      bounds,
    );
    this.troubles = new Troubles(context, (report) => this.submit(report));
    this.health = new OwnHealth(this.troubles);
    this.certificates = new CertificateExpiry(context, this.troubles);
    this.clock = new ClockSynchronisation(context, this.troubles);
    this.notices = new LimitedNotices(context, this.troubles, (report) => this.dispatcher.isOpen(report));
    for (const path of site.paths) this.paths.set(path.id, this.makePath(path));
    this.dispatcher = this.#makeDispatcher();
    this.doors = this.#makeDoors();
    this.alertDoors = this.#makeAlertDoors();
    for (const device of site.devices.values()) this.devices.set(device.id, this.makeDevice(device));
    this.connect();
    this.drills = new Drills(context, {
      submit: (report) => this.submit(report),
      resolveDrillAlerts: () => this.resolveExercises(),
      walkTestIn: (place) => this.walkTest.tests.within(place),
    });
    this.walkTest = this.#makeWalkTest();
    this.canary = this.makeCanary();
    const { devices, troubles } = this;
    // These read the canary anew each time.
    this.signals = new SignalHandler(context, this);
    this.commands = new Commands(context, this);
    const { sequences } = this.dispatcher;
    this.checkpoint = new CheckpointWriter(context, { devices, sequences, troubles });
    this.stalls = new StallWatch(context, { devices, notices: this.notices });
    this.outputs = new LocalOutputs(context, this.#shown());
  }

  /** What outputs show. A reload may replace the canary. */
  #shown(): ConstructorParameters<typeof LocalOutputs>[1] {
    const parts = this;
    return {
      alerts: this.alerts.counts,
      troubles: this.troubles,
      drills: this.drills,
      outputTest: this.walkTest.outputs,
      get canary() {
        return parts.canary;
      },
    };
  }

  /** Contacts of a wired device, created when the first of them is heard. */
  contacts(device: string): DeviceContacts {
    const contacts = this.signals.contacts(device);
    invariant(contacts !== undefined, `no contact of ${device} was heard`);
    return contacts;
  }

  /** `undefined`: it has none that reports its own state. */
  bridgeOf(device: string): BridgeSupervision | undefined {
    const { input, bridge } = this.devices.get(device)?.device ?? {};
    if (input === undefined || bridge === undefined) return undefined;
    return known(this.bridges, bridgeId({ input, bridge }), 'bridge');
  }

  submit(report: Report, to?: readonly string[]): void {
    submitReport(this.context, this.dispatcher, report, to);
  }

  settle(report: Report): void {
    settleReport(this.context, report);
  }

  makeDevice(device: Device): DeviceSupervision {
    const pointChanged = (id: string, point: number) => this.doors.pointChanged(id, point);
    return new DeviceSupervision(device, this.context, this.troubles, pointChanged);
  }

  makePath(path: Path): PathSupervision {
    return new PathSupervision(path, this.context, {
      queue: () => this.dispatcher.queue(path.id),
      nextSequence: () => this.dispatcher.sequences.next(path.id),
      troubles: this.troubles,
      notices: this.notices,
    });
  }

  /**
   * Connects the devices to their bridges, and both to their inputs. Bridges and inputs that are
   * there already are kept.
   */
  connect(): void {
    const heard = new Map<string, HeardThrough[]>(this.context.site.inputs.map(({ id }) => [id, []]));
    this.#connectBridges(heard);
    for (const each of this.devices.values()) known(heard, each.device.input, 'input').push(each);
    for (const id of this.inputs.keys()) if (!heard.has(id)) this.inputs.delete(id);
    for (const [id, on] of heard) {
      const input = this.inputs.get(id);
      if (input === undefined) this.inputs.set(id, new InputSupervision(id, on, this.context, this.troubles));
      else input.adopt(on);
    }
  }

  /** @param heard bridges are added to their inputs, before the devices behind them */
  #connectBridges(heard: ReadonlyMap<string, HeardThrough[]>): void {
    const behind = new Map<string, { input: string; bridge: string; devices: DeviceSupervision[] }>();
    for (const each of this.devices.values()) {
      const { input, bridge } = each.device;
      if (bridge === undefined) continue;
      const id = bridgeId({ input, bridge });
      const group = behind.get(id);
      if (group === undefined) behind.set(id, { input, bridge, devices: [each] });
      else group.devices.push(each);
    }
    for (const id of this.bridges.keys()) if (!behind.has(id)) this.bridges.delete(id);
    for (const [id, { input, bridge, devices }] of behind) {
      const changed = () => known(this.inputs, input, 'input').publish();
      const present = this.bridges.get(id);
      const made = present ?? new BridgeSupervision({ input, bridge }, devices, this.context, this.troubles, changed);
      present?.adopt(devices);
      this.bridges.set(id, made);
      known(heard, input, 'input').push(made);
    }
  }

  #makeDispatcher(): Dispatcher {
    const { alerts } = this;
    return new Dispatcher(this.context, this.paths, {
      attemptedPaths: (alert) => alerts.attemptedPaths(alert),
      refusedSoFar: (report) => alerts.notConfirmedDue(report.id),
      // Only the steps of an alarm are steps of an alert.
      sent: (report, atMs) => {
        if (report.class === 'alarm') alerts.sent(report, atMs);
      },
      // News of an alarm belongs to its alert. Every other report is settled by a record of its
      // own.
      ended: (report, end) => (report.class === 'alarm' ? this.#alarmEnded(report, end) : this.settle(report)),
      progressed: (report, delivery, path) => {
        if (report.class !== 'alarm') return;
        alerts.progressed(report, delivery, path);
        if (delivery.state === 'acknowledged') this.#acknowledged(report, path, 'acknowledged');
      },
      doneOn: (report, delivery, path) => this.canary?.doneOn(report, delivery, path),
    });
  }

  #makeDoors(): Doors {
    const stateOf = (device: string, point: number) => known(this.devices, device, 'device').pointState(point);
    return new Doors(
      this.context,
      this.troubles,
      stateOf,
      (building) => this.alertDoors.changed(building),
      (door, contact, bolt) => this.walkTest.doorHeard(door, contact, bolt),
    );
  }

  #makeAlertDoors(): AlertDoors {
    return new AlertDoors(this.context, {
      notSecured: (building) => this.doors.notSecured(building),
      openAlerts: () => this.alerts.open(),
      submit: (report, to) => this.submit(report, to),
      withdraw: (report) => this.#withdraw(report),
      publish: (alert) => this.alerts.documents.publish(alert),
    });
  }

  makeCanary(): CanaryTest | undefined {
    const { canary } = this.context.site;
    if (canary === undefined) return undefined;
    return new CanaryTest(canary, this.context, {
      submit: (report, to) => this.submit(report, to),
      withdraw: (report) => this.#withdraw(report),
      paths: () => this.paths,
      troubles: this.troubles,
    });
  }

  #withdraw(report: string): void {
    const open = this.dispatcher.withdraw(report);
    if (open !== undefined) this.settle(open);
  }

  /** The alerts of drills and walk tests that are over. */
  resolveExercises(): void {
    for (const { id, exercise, device } of [...this.alerts.open()]) {
      const isOver = exercise === 'drill' ? !this.drills.covers(device) : this.walkTest.tests.running === undefined;
      if (exercise === undefined || !isOver) continue;
      this.alerts.close(id, 'resolved', 'gateway', `the ${exercise === 'drill' ? 'drill' : 'walk test'} is over`);
    }
  }

  #alarmEnded(report: Report, end: ReportEnd): void {
    this.alerts.ended(report, end);
    if (end.how === 'acknowledged' || end.how === 'handedOver') this.#acknowledged(report, end.path, end.how);
  }

  /** It proves the button, and ends a test: nobody has to deal with one. */
  #acknowledged({ id, exercise }: Report, path: string, how: 'acknowledged' | 'handedOver'): void {
    this.walkTest.proofs.acknowledged(id, path, how);
    if (exercise === 'test') this.alerts.close(id, 'resolved', 'gateway', 'the test was acknowledged');
  }

  #mayHaveWaited(id: string, sinceMs: MonoMs): boolean {
    const { unreadMs = 0 } = this.stalls;
    if (unreadMs > 0 && after(this.context.now.monoMs, -unreadMs) < sinceMs) return true;
    const { device, lastProof } = known(this.devices, id, 'device');
    const inputUpMs = known(this.inputs, device.input, 'input').upMs;
    const bridge = this.bridgeOf(id);
    const upMs = later(lastProof.backMs, later(inputUpMs, bridge?.upMs ?? inputUpMs));
    const isLost = lastProof.isLost || bridge?.isAway === true;
    const heard = { upMs, aliveMs: lastProof.monoMs, isLost, heartbeatMs: device.heartbeatMs };
    return mayHaveWaited(heard, sinceMs, this.context.now.monoMs);
  }

  /** As `pressAgeMsMax`, in whole seconds; also if the gateway itself stood still. */
  ageSecondsMax(id: string): number | undefined {
    const { device, lastProof } = known(this.devices, id, 'device');
    const input = known(this.inputs, device.input, 'input');
    const ageMs = pressAgeMsMax(lastProof, input, this.context.now.monoMs);
    const { unreadMs } = this.stalls;
    if (ageMs === undefined && unreadMs === undefined) return undefined;
    return Math.ceil(Math.max(ageMs ?? 0, unreadMs ?? 0) / 1000);
  }

  #makeWalkTest(): WalkTestParts {
    return new WalkTestParts(this.context, {
      troubles: this.troubles,
      submit: (report) => this.submit(report),
      resolveTests: () => this.resolveExercises(),
      drillIn: (place) => this.drills.within(place),
      mayHaveWaited: (device, sinceMs) => this.#mayHaveWaited(device, sinceMs),
      condition: (device) => this.devices.get(device)?.condition.values,
      doorState: (door) => this.doors.state(door),
      awaitedPaths: (alert) => [...(this.alerts.get(alert)?.deliveries ?? [])].flatMap(awaited),
    });
  }
}

/** The path, while its receiver may still acknowledge. */
function awaited([path, { state }]: DeliveryProgress): string[] {
  return state === 'acknowledged' || state === 'handedOver' || state === 'withdrawn' ? [] : [path];
}
