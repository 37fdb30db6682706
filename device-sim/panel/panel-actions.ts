import { randomBytes } from 'node:crypto';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import type { WholeSite } from '../demo/whole-site.ts';
import { howItBehaves, whoseWays } from './panel-choices.ts';
import type { PanelAction } from './panel-keys.ts';
import type { PanelState } from './panel-state.ts';
import type { Overlay } from './panel-ui.ts';
import type { DeviceView } from './panel-view.ts';

const HELD_MS = 300;
const NOISE_MS = 20;
const NOISE_BYTES = 24;

type Done = Exclude<PanelAction, { type: 'misbehave' | 'help' | 'suspend' | 'quit' }>;

/** Carries out what the person at the panel asks for, and says what was done. */
export class PanelActions {
  readonly #whole: WholeSite;
  readonly #state: PanelState;
  readonly #noises = new Map<string, NodeJS.Timeout>();

  constructor(whole: WholeSite, state: PanelState) {
    this.#whole = whole;
    this.#state = state;
  }

  /** @returns what is to be chosen next */
  async carryOut(action: Done): Promise<Overlay | undefined> {
    try {
      if (action.type === 'chosen') return await this.#chosen(action);
      this.#do(action);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof CallpointError)) throw error;
      this.#state.say(messageOf(error).replaceAll('\n', ' '), true);
    }
    return undefined;
  }

  stop(): void {
    for (const noise of this.#noises.values()) clearInterval(noise);
    this.#noises.clear();
  }

  #do(action: Exclude<Done, { type: 'chosen' }>): void {
    switch (action.type) {
      case 'press':
        this.#press(action.device, action.button, action.isLong);
        break;
      case 'hold':
        this.#hold(action.device);
        break;
      case 'door':
      case 'bolt':
        this.#move(action.device, action.type);
        break;
      case 'cut':
        this.#cut(action.input);
        break;
      case 'jam':
        this.#jam(action.input);
        break;
    }
  }

  #press({ id, buttons, input, lost }: DeviceView, number: number, isLong: boolean): void {
    const button = buttons[number];
    if (button === undefined) {
      const has =
        buttons.length === 0 ? 'no button' : `${buttons.length} ${buttons.length === 1 ? 'button' : 'buttons'}`;
      throw new RangeError(`${id} has ${has}`);
    }
    this.#begin(id, button, isLong);
    setTimeout(() => this.#whole.simulator.release(id, button), HELD_MS).unref();
    const heard = lost === 'cut' ? `, but ${input} is cut: no gateway hears it` : '';
    this.#state.say(`${id}: ${isLong ? 'long press' : 'press'} of ${button}${heard}`, lost === 'cut');
  }

  #begin(id: string, button: string, isLong: boolean): void {
    const pressed = this.#whole.simulator.press(id, button, isLong ? 'long' : 'single');
    if (pressed === undefined) throw new RangeError(`${id} has no room for another press until one is acknowledged`);
    this.#state.pressed(id, pressed.alert);
  }

  #hold({ id, buttons }: DeviceView): void {
    const [button] = buttons;
    if (button === undefined) throw new RangeError(`${id} has no button`);
    const { isHeld } = this.#state.state(id);
    if (isHeld) this.#whole.simulator.release(id, button);
    else this.#begin(id, button, false);
    this.#state.change(id, { isHeld: !isHeld });
    this.#state.say(isHeld ? `${id}: ${button} is released` : `${id}: ${button} is held; h releases it`);
  }

  #move({ id }: DeviceView, what: 'door' | 'bolt'): void {
    const { isDoorOpen, isUnlocked } = this.#state.state(id);
    if (what === 'door') {
      this.#whole.simulator.door(id, isDoorOpen ? 'closed' : 'open');
      this.#state.change(id, { isDoorOpen: !isDoorOpen });
      this.#state.say(`${id}: the door is ${isDoorOpen ? 'closed' : 'open'}`);
      return;
    }
    this.#whole.simulator.door(id, isUnlocked ? 'locked' : 'unlocked');
    this.#state.change(id, { isUnlocked: !isUnlocked });
    this.#state.say(`${id}: the door is ${isUnlocked ? 'locked' : 'unlocked'}`);
  }

  #cut(input: string): void {
    if (this.#state.fault(input) === 'jammed') this.#jam(input);
    if (this.#whole.simulator.unplug(input)) {
      this.#state.setFault(input, 'cut');
      this.#state.say(`${input} is cut; c mends it`, true);
      return;
    }
    this.#whole.simulator.replug(input);
    this.#state.setFault(input, undefined);
    this.#state.say(`${input} is mended`);
  }

  #jam(input: string): void {
    const isJammed = this.#state.fault(input) === 'jammed';
    if (this.#state.fault(input) === 'cut') throw new RangeError(`${input} is cut: mend it first`);
    const noise = this.#noises.get(input);
    if (this.#whole.site.inputs.some(({ id, driver }) => id === input && driver === 'ble')) {
      this.#whole.simulator.jam(input, !isJammed);
    } else if (noise === undefined) {
      this.#whole.simulator.noise(input, randomBytes(NOISE_BYTES));
      const again = () => this.#whole.simulator.noise(input, randomBytes(NOISE_BYTES));
      this.#noises.set(input, setInterval(again, NOISE_MS));
    } else {
      clearInterval(noise);
      this.#noises.delete(input);
    }
    this.#state.setFault(input, isJammed ? undefined : 'jammed');
    this.#state.say(isJammed ? `${input} is free of noise` : `${input} is jammed; j ends it`, !isJammed);
  }

  async #chosen({ title, name }: Extract<Done, { type: 'chosen' }>): Promise<Overlay | undefined> {
    const who = whoseWays(title);
    const { ends, simulator } = this.#whole;
    if (who === undefined)
      return howItBehaves(
        name,
        ends?.all.find(({ path }) => path === name),
      );
    if (ends?.all.some(({ path }) => path === who)) await ends.of(who).behave(name);
    else simulator.behave(who, name);
    this.#state.behaves(who, name);
    this.#state.say(`${who} behaves: ${name}`, name !== 'normal');
    return undefined;
  }
}
