import { AlertBook } from './alerts/alert-book.ts';
import { AlertDoors } from './alerts/alert-doors.ts';
import type { SettledStore } from './alerts/alert-store.ts';
import { CanaryTest } from './alerts/canary-test.ts';
import { Drills } from './alerts/drills.ts';
import { Commands } from './commands.ts';
import type { Context } from './context.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { PathSupervision } from './delivery/path-supervision.ts';
import { settleReport, submitReport } from './delivery/standing-reports.ts';
import { BridgeSupervision, bridgeId } from './devices/bridge-supervision.ts';
import type { DeviceContacts } from './devices/device-contacts.ts';
import { DeviceSupervision } from './devices/device-supervision.ts';
import { Doors } from './devices/doors.ts';
import { type HeardThrough, InputSupervision } from './devices/input-supervision.ts';
import { SignalHandler } from './devices/signal-handler.ts';
import { StallWatch } from './devices/stall-watch.ts';
import { invariant, known } from './invariant.ts';
import { LocalOutputs } from './local-outputs.ts';
import type { Report } from './report.ts';
import { CheckpointWriter } from './restart/checkpoint.ts';
import { CertificateExpiry } from './troubles/certificate-expiry.ts';
import { LimitedNotices } from './troubles/limited-notices.ts';
import { OwnHealth } from './troubles/own-health.ts';
import { Troubles } from './troubles/troubles.ts';

/** The parts of the core. Each gets what it needs of the others. */
export class CoreParts {
  readonly context: Context;
  readonly devices = new Map<string, DeviceSupervision>();
  /** By `bridgeId`. */
  readonly bridges: ReadonlyMap<string, BridgeSupervision>;
  readonly inputs = new Map<string, InputSupervision>();
  readonly paths = new Map<string, PathSupervision>();
  readonly troubles: Troubles;
  readonly health: OwnHealth;
  readonly certificates: CertificateExpiry;
  readonly alerts: AlertBook;
  readonly alertDoors: AlertDoors;
  readonly dispatcher: Dispatcher;
  readonly doors: Doors;
  readonly drills: Drills;
  readonly canary: CanaryTest | undefined;
  readonly notices: LimitedNotices;
  readonly signals: SignalHandler;
  readonly outputs: LocalOutputs;
  readonly commands: Commands;
  readonly checkpoint: CheckpointWriter;
  readonly stalls: StallWatch;

  constructor(context: Context, settled: SettledStore = { texts: new Map() }) {
    this.context = context;
    const { site } = context;
    this.alerts = new AlertBook(
      context,
      () => this.dispatcher,
      () => this.alertDoors,
      settled,
    );
    this.troubles = new Troubles(context, (report) => this.submit(report));
    this.health = new OwnHealth(this.troubles);
    this.certificates = new CertificateExpiry(context, this.troubles);
    this.notices = new LimitedNotices(context, this.troubles, (report) => this.dispatcher.isOpen(report));
    for (const path of site.paths) this.paths.set(path.id, this.#pathSupervision(path));
    this.dispatcher = this.#makeDispatcher();
    this.doors = this.#makeDoors();
    this.alertDoors = this.#makeAlertDoors();
    for (const device of site.devices.values()) {
      const pointChanged = (id: string, point: number) => this.doors.pointChanged(id, point);
      this.devices.set(device.id, new DeviceSupervision(device, context, this.troubles, pointChanged));
    }
    const heard = new Map<string, HeardThrough[]>(site.inputs.map(({ id }) => [id, []]));
    this.bridges = this.#makeBridges(heard);
    for (const each of this.devices.values()) known(heard, each.device.input, 'input').push(each);
    for (const [id, on] of heard) this.inputs.set(id, new InputSupervision(id, on, context, this.troubles));
    this.drills = new Drills(context, {
      submit: (report) => this.submit(report),
      resolveDrillAlerts: () => this.resolveDrillAlerts(),
    });
    this.canary = this.#makeCanary();
    const { alerts, canary, devices, drills, troubles } = this;
    this.signals = new SignalHandler(context, { devices, alerts, troubles, notices: this.notices, drills, canary });
    this.commands = new Commands(context, { alerts, devices, drills, canary });
    const { sequences } = this.dispatcher;
    this.checkpoint = new CheckpointWriter(context, { devices, sequences, troubles });
    this.stalls = new StallWatch(context, { devices, notices: this.notices });
    this.outputs = new LocalOutputs(context, { alerts: alerts.counts, troubles, drills, canary });
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

  #pathSupervision(path: PathSupervision['path']): PathSupervision {
    return new PathSupervision(path, this.context, {
      queue: () => this.dispatcher.queue(path.id),
      nextSequence: () => this.dispatcher.sequences.next(path.id),
      troubles: this.troubles,
      notices: this.notices,
    });
  }

  /** @param heard bridges are added to their inputs, before the devices behind them */
  #makeBridges(heard: ReadonlyMap<string, HeardThrough[]>): ReadonlyMap<string, BridgeSupervision> {
    const behind = new Map<string, { input: string; bridge: string; devices: DeviceSupervision[] }>();
    for (const each of this.devices.values()) {
      const { input, bridge } = each.device;
      if (bridge === undefined) continue;
      const id = bridgeId({ input, bridge });
      const group = behind.get(id);
      if (group === undefined) behind.set(id, { input, bridge, devices: [each] });
      else group.devices.push(each);
    }
    const bridges = new Map<string, BridgeSupervision>();
    for (const [id, { input, bridge, devices }] of behind) {
      const changed = () => known(this.inputs, input, 'input').publish();
      const made = new BridgeSupervision({ input, bridge }, devices, this.context, this.troubles, changed);
      bridges.set(id, made);
      known(heard, input, 'input').push(made);
    }
    return bridges;
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
      ended: (report, end) => (report.class === 'alarm' ? alerts.ended(report, end) : this.settle(report)),
      progressed: (report, delivery, path) => {
        if (report.class === 'alarm') alerts.progressed(report, delivery, path);
      },
      doneOn: (report, delivery, path) => this.canary?.doneOn(report, delivery, path),
    });
  }

  #makeDoors(): Doors {
    const stateOf = (device: string, point: number) => known(this.devices, device, 'device').pointState(point);
    return new Doors(this.context, this.troubles, stateOf, (building) => this.alertDoors.changed(building));
  }

  #makeAlertDoors(): AlertDoors {
    return new AlertDoors(this.context, {
      notSecured: (building) => this.doors.notSecured(building),
      openAlerts: () => this.alerts.open(),
      submit: (report, to) => this.submit(report, to),
      withdraw: (report) => this.#withdraw(report),
      publish: (alert) => this.alerts.publish(alert),
    });
  }

  #makeCanary(): CanaryTest | undefined {
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

  resolveDrillAlerts(): void {
    for (const alert of [...this.alerts.open()]) {
      if (alert.exercise !== 'drill' || this.drills.covers(alert.device)) continue;
      this.alerts.close(alert.id, 'resolved', 'gateway', 'the drill is over');
    }
  }
}
