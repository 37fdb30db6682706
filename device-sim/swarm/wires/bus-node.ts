import type { ButtonBusNode } from '../../../gateway/inputs/button-bus/settings.ts';
import { openFrame } from '../../../protocol/button-bus/frame.ts';
import { nodeAesCcm } from '../../nodes/node-aes-ccm.ts';
import { type NodeInput, WallNode } from '../../nodes/wall-node.ts';
import type { Random } from '../../random.ts';
import type { Observation } from '../observation.ts';
import type { WorldClock } from '../world-clock.ts';

interface NodeDeps {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly observe: (observation: Observation) => void;
  readonly heartbeatMs: number;
  readonly send: (frame: Uint8Array) => void;
}

/** Numbers of buttons and points that the simulated nodes have, whatever the site uses. */
const BUTTONS = 4;
const POINTS = 4;

/** A wall node with its power and the people who press it. */
export class BusNode {
  readonly settings: ButtonBusNode;
  readonly #deps: NodeDeps;
  #node: WallNode;
  #isDead = false;
  #wakeMs = Number.POSITIVE_INFINITY;
  /** Alert ids of presses that nothing has answered, by counter. */
  readonly #waiting = new Map<string, string>();

  constructor(settings: ButtonBusNode, deps: NodeDeps) {
    this.settings = settings;
    this.#deps = deps;
    this.#node = this.#fresh(1);
  }

  press(button: number, pattern: 'single' | 'long', heldMs: number): void {
    const { device } = this.settings;
    if (this.#isDead) return;
    const before = this.#node.waiting;
    const identity = this.step({ type: 'press', button, pattern });
    // A full queue: the lamp shows nothing, and the person presses again.
    if (identity === undefined) return;
    const alert = `${device}.${identity.epoch}.${identity.counter}`;
    this.#waiting.set(`${identity.epoch}.${identity.counter}`, alert);
    this.#deps.observe({ type: 'pressed', device, button, alert });
    if (before >= 0 && heldMs > 0) {
      const node = this.#node;
      this.#deps.clock.after(heldMs, () => {
        if (this.#node === node && !this.#isDead) this.step({ type: 'release', button });
      });
    }
  }

  /** @param keepsCounter its epoch survives; otherwise it begins with epoch 1 again */
  reboot(keepsCounter: boolean): void {
    if (this.#isDead) return;
    this.#forget('its node lost power');
    if (keepsCounter) this.step({ type: 'restart' });
    else {
      this.#deps.observe({ type: 'numbersLost', device: this.settings.device });
      this.#node = this.#fresh(1);
      this.step({ type: 'start' });
    }
  }

  /** Its power is gone for a while. */
  die(forMs: number): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#forget('its node died');
    if (forMs === Number.POSITIVE_INFINITY) return;
    this.#deps.clock.after(forMs, () => {
      this.#isDead = false;
      this.step({ type: 'restart' });
    });
  }

  step(input: NodeInput): { readonly epoch: number; readonly counter: number } | undefined {
    const { clock, send } = this.#deps;
    if (this.#isDead) return undefined;
    if (input.type === 'frame') this.#watch(input.frame);
    const { frames, wakeMs, pressed } = this.#node.step(input, clock.nowMs);
    for (const frame of frames) send(frame);
    if (wakeMs !== this.#wakeMs && wakeMs !== Number.POSITIVE_INFINITY) {
      const node = this.#node;
      clock.at(Math.max(wakeMs, clock.nowMs + 1), () => {
        if (this.#wakeMs === wakeMs && this.#node === node) {
          this.#wakeMs = Number.POSITIVE_INFINITY;
          this.step({ type: 'tick' });
        }
      });
    }
    this.#wakeMs = wakeMs;
    return pressed;
  }

  /** What the gateway tells the wall of its presses. */
  #watch(frame: Extract<NodeInput, { type: 'frame' }>['frame']): void {
    const { device, key } = this.settings;
    const message = openFrame(nodeAesCcm, key, frame);
    if (message?.type !== 'ack' || message.nodeEpoch !== this.#node.epoch) return;
    const alert = this.#waiting.get(`${message.nodeEpoch}.${message.counter}`);
    if (alert !== undefined) this.#deps.observe({ type: 'wall', device, alert, status: message.status });
  }

  #forget(why: string): void {
    for (const alert of this.#waiting.values()) this.#deps.observe({ type: 'pressGone', alert, why });
    this.#waiting.clear();
  }

  #fresh(epoch: number): WallNode {
    const { heartbeatMs, random } = this.#deps;
    const { device, address, key } = this.settings;
    return new WallNode(
      { id: device, address, key, epoch, buttons: BUTTONS, points: POINTS, heartbeatMs },
      nodeAesCcm,
      random,
    );
  }
}
