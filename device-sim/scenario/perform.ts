import type { School } from './school.ts';
import type { Step, StepOf } from './step-shapes.ts';

/** Carries steps out in a school. */
export class Performer {
  readonly #school: School;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(school: School) {
    this.#school = school;
  }

  /** @throws RangeError, CallpointError if this site has no such thing */
  async perform(step: Step): Promise<void> {
    const { simulator, ends, gateway } = this.#school;
    switch (step.action) {
      case 'press':
        await this.#press(step);
        return;
      case 'hold':
        this.#pressed(step.hold, step.button, 'single');
        return;
      case 'release':
        simulator.release(step.release, step.button);
        return;
      case 'door':
        simulator.door(step.door, step.to);
        return;
      case 'bolt':
        simulator.door(step.bolt, step.to);
        return;
      case 'unplug':
        simulator.unplug(step.unplug);
        return;
      case 'replug':
        simulator.replug(step.replug);
        return;
      case 'behave':
        if (ends.all.some(({ path }) => path === step.behave)) await ends.of(step.behave).behave(step.to);
        else simulator.behave(step.behave, step.to);
        return;
      case 'gateway':
        if (step.gateway === 'kill') await gateway.kill();
        else if (step.gateway === 'hang') gateway.signal('SIGSTOP');
        else if (step.gateway === 'resume') gateway.signal('SIGCONT');
        else {
          if (step.gateway !== 'start') await gateway.stop();
          if (step.gateway !== 'stop') gateway.start();
        }
        return;
      default:
        throw new RangeError(`${step.action} is not done yet`);
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #press({ press, button, long, hold, repeat, every }: StepOf<'press'>): Promise<void> {
    for (let count = 0; count < repeat; count += 1) {
      if (count > 0) await pause(every);
      this.#pressed(press, button, long ? 'long' : 'single');
      this.#later(hold, () => this.#school.simulator.release(press, button));
    }
  }

  #pressed(device: string, button: string, kind: 'single' | 'long'): void {
    const { simulator, history } = this.#school;
    const pressed = simulator.press(device, button, kind);
    history.add({ type: 'pressed', device, ...(pressed?.alert === undefined ? {} : { alert: pressed.alert }) });
  }

  #later(afterMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, afterMs);
    this.#timers.add(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
