import { after, type MonoMs } from '../../../protocol/clocks.ts';
import type { Presses } from '../alerts/presses.ts';
import type { Context } from '../context.ts';
import { known } from '../invariant.ts';
import type { Identity, Signal, SignalBody } from '../signal.ts';
import type { Device } from '../site.ts';
import { walkTestSettings } from '../walk-test-settings.ts';

interface HeldTestsDeps {
  readonly presses: Pick<Presses, 'isTest' | 'heldOn'>;
  isActive(device: string, button: number): boolean;
  ownIdentity(): Identity;
}

/**
 * Buttons that were pressed as a test in a walk test and are held on: somebody means it, and the
 * press is real. A contact shows it at once. A node of the button bus says how long its button was
 * held when it is let go. (Other wires have patterns for it.)
 */
export class HeldTests {
  readonly #context: Context;
  readonly #deps: HeldTestsDeps;

  constructor(context: Context, deps: HeldTestsDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /** A wired contact was pressed. */
  pressed(device: Device, button: number, capturedMs: MonoMs): void {
    const { realHoldMs } = walkTestSettings(this.#context.site);
    if (realHoldMs === 0 || !this.#deps.presses.isTest(device, button)) return;
    this.#context.timers.set({ type: 'testHold', device: device.id, button }, after(capturedMs, realHoldMs));
  }

  /** The contact would have to be open again by now. */
  due(id: string, button: number): void {
    const device = known(this.#context.site.devices, id, 'device');
    const { presses, isActive, ownIdentity } = this.#deps;
    if (!isActive(id, button) || !presses.isTest(device, button)) return;
    const { monoMs: capturedMs } = this.#context.now;
    presses.heldOn({ device, button, authenticated: false, capturedMs, identity: ownIdentity() });
  }

  /** @returns true if the press was real: the steps of its alert answer the message */
  released(signal: Signal, { button, heldMs }: Release, device: Device, identity: Identity): boolean {
    const { realHoldMs } = walkTestSettings(this.#context.site);
    const { presses } = this.#deps;
    if (realHoldMs === 0 || heldMs < realHoldMs || !presses.isTest(device, button)) return false;
    presses.heldOn({ ...signal, device, button, identity });
    return true;
  }
}

type Release = Extract<SignalBody, { readonly type: 'release' }>;
