import type { HostileClient } from '../mqtt/hostile-client.ts';
import type { DeviceFault } from '../site/wire.ts';
import type { School } from './school.ts';
import type { Step, StepOf } from './step-shapes.ts';
import { pressable, stormPresses } from './storm.ts';

/** What a step needs beyond the school's devices and far ends. */
export interface Surroundings {
  readonly hostile: HostileClient;
  reload(from: string, to: string): Promise<void>;
  /** Renews the certificates with others that end after so many days. */
  renewCertificates(days: number): void;
  setDisk(state: 'normal' | 'full' | 'slow'): void;
  /** @param aheadMs in addition to what it is ahead; `undefined`: the right time */
  stepClock(aheadMs: number | undefined): void;
  broker(how: StepOf<'broker'>['broker']): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Carries steps out in a school. */
export class Performer {
  readonly #school: School;
  readonly #around: Surroundings;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(school: School, around: Surroundings) {
    this.#school = school;
    this.#around = around;
  }

  /** @throws RangeError, CallpointError if this site has no such thing */
  async perform(step: Step): Promise<void> {
    const { simulator } = this.#school;
    const fault = faultOf(step);
    if (fault !== undefined) return simulator.fault(...fault);
    switch (step.action) {
      case 'press':
        return this.#press(step);
      case 'hold':
        return this.#pressed(step.hold, step.button, 'single');
      case 'release':
        return simulator.release(step.release, step.button);
      case 'stuck':
        if (step.to === 'normal') return simulator.release(step.stuck, step.button);
        return this.#pressed(step.stuck, step.button, 'single');
      case 'storm':
        return this.#storm(step);
      case 'door':
        return simulator.door(step.door, step.to);
      case 'bolt':
        return simulator.door(step.bolt, step.to);
      case 'unplug':
        simulator.unplug(step.unplug);
        return;
      case 'replug':
        simulator.replug(step.replug);
        return;
      case 'stranger':
        return simulator.stranger(step.stranger, step.count);
      case 'jam':
        return simulator.jam(step.jam, step.to !== 'normal');
      case 'line':
        return this.#line(step);
      case 'cancel':
        return this.#command(step.cancel, 'cancel', step.reason);
      case 'resolve':
        return this.#command(step.resolve, 'resolve', step.reason);
      default:
        return this.#aroundStep(step);
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#around.hostile.stop();
  }

  /** Steps that are not about a device or an input. */
  async #aroundStep(step: Step): Promise<void> {
    const { simulator, ends, watch } = this.#school;
    switch (step.action) {
      case 'behave':
        if (ends.all.some(({ path }) => path === step.behave)) return ends.of(step.behave).behave(step.to);
        return simulator.behave(step.behave, step.to);
      case 'gateway':
        return this.#gateway(step.gateway);
      case 'broker':
        return this.#around.broker(step.broker);
      case 'disk':
        return this.#around.setDisk(step.disk);
      case 'clock':
        return this.#around.stepClock(clockStep(step.clock));
      case 'reload':
        return this.#around.reload(step.reload, step.to);
      case 'certificate':
        return this.#around.renewCertificates(Math.max(1, Math.ceil(step.endsIn / DAY_MS)));
      case 'hostile':
        return this.#around.hostile.attack(step.hostile, step.count);
      case 'drill': {
        const { drill: action, scope, minutes } = step;
        return watch.command('drill', {
          action,
          scope,
          ...(action === 'start' ? { minutes } : {}),
          reason: 'scenario',
        });
      }
      default:
        throw new RangeError(`${step.action} cannot be done here`);
    }
  }

  async #gateway(how: StepOf<'gateway'>['gateway']): Promise<void> {
    const { gateway } = this.#school;
    if (how === 'kill') return gateway.kill();
    if (how === 'hang') return gateway.signal('SIGSTOP');
    if (how === 'resume') return gateway.signal('SIGCONT');
    if (how !== 'start') await gateway.stop();
    if (how === 'stop') return;
    gateway.start();
    await this.#school.answers();
  }

  async #press({ press, button, long, hold, repeat, every }: StepOf<'press'>): Promise<void> {
    for (let count = 0; count < repeat; count += 1) {
      if (count > 0) await pause(every);
      this.#pressed(press, button, long ? 'long' : 'single');
      this.#later(hold, () => this.#school.simulator.release(press, button));
    }
  }

  async #storm({ storm, in: overMs, from }: StepOf<'storm'>): Promise<void> {
    const devices = pressable(this.#school.site, from);
    if (devices.length === 0) throw new RangeError(`no device with a button is in building "${from}"`);
    const startMs = performance.now();
    for (const { device, button, atMs } of stormPresses(devices, storm, overMs)) {
      const waitMs = startMs + atMs - performance.now();
      if (waitMs > 1) await pause(waitMs);
      this.#pressed(device, button, 'single');
      this.#later(overMs / storm, () => this.#school.simulator.release(device, button));
    }
  }

  /** @throws RangeError if the device takes no more presses */
  #pressed(device: string, button: string, kind: 'single' | 'long'): void {
    const { simulator, history } = this.#school;
    const pressed = simulator.press(device, button, kind);
    if (pressed === undefined)
      throw new RangeError(`${device} has no room for another press until one is acknowledged`);
    history.add({ type: 'pressed', device, ...(pressed.alert === undefined ? {} : { alert: pressed.alert }) });
  }

  #line({ line, bitErrors, lost, garbage, baudRate }: StepOf<'line'>): void {
    const both = { flipUp: bitErrors, flipDown: bitErrors, loseUp: lost, loseDown: lost };
    this.#school.simulator.disturb(line, { ...both, garbageUp: garbage, baudRate });
  }

  async #command(device: string, command: 'cancel' | 'resolve', reason: string): Promise<void> {
    const { watch } = this.#school;
    const open = [...watch.latest.entries()].filter(
      ([topic, document]) => topic.startsWith('alert/') && document.device === device,
    );
    const newest = open.toSorted(([, a], [, b]) => (String(a.raised_at) < String(b.raised_at) ? 1 : -1))[0];
    if (newest === undefined) throw new RangeError(`no alert of ${device} is open: wait for it first`);
    await watch.command(command, { alert: newest[1].id, reason });
  }

  #later(afterMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, afterMs);
    this.#timers.add(timer);
  }
}

/** The fault of a device that a step is. */
function faultOf(step: Step): [device: string, fault: DeviceFault] | undefined {
  switch (step.action) {
    case 'battery':
      return [step.battery, { type: 'lowBattery', isOn: step.to === 'low' }];
    case 'tamper':
      return [step.tamper, { type: 'tamper', isOn: step.to !== 'normal' }];
    case 'lost':
      return [step.lost, { type: 'lost', isOn: step.to !== 'normal' }];
    case 'keyLost':
      return [step.keyLost, { type: 'keyLost', isOn: step.to !== 'normal' }];
    case 'reboot':
      return [step.reboot, { type: 'reboot' }];
    case 'replay':
      return [step.replay, { type: 'replay' }];
    case 'sameAddress':
      return [step.sameAddress, { type: 'sameAddress', as: step.as }];
    case 'cut':
      return [step.cut, wires('cut', step.contact, step.to)];
    case 'short':
      return [step.short, wires('short', step.contact, step.to)];
    default:
      return undefined;
  }
}

function wires(type: 'cut' | 'short', contact: string | undefined, to: 'normal' | undefined): DeviceFault {
  return { type, isOn: to !== 'normal', ...(contact === undefined ? {} : { contact }) };
}

/** A clock without a battery starts in 1970. */
function clockStep(written: StepOf<'clock'>['clock']): number | undefined {
  if (written === 'normal') return undefined;
  return written === 1970 || written === '1970' ? -Date.now() : Number(written);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
