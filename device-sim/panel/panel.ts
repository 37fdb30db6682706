import { emitKeypressEvents } from 'node:readline';
import { onShown } from '../cli/describe-shown.ts';
import { gatewayStatus } from '../demo/gateway-status.ts';
import type { WholeSite } from '../demo/whole-site.ts';
import { isDrawable, TerminalScreen } from '../terminal/terminal-screen.ts';
import { PanelActions } from './panel-actions.ts';
import { HELP, whoMisbehaves } from './panel-choices.ts';
import { type Key, type PanelAction, takeKey } from './panel-keys.ts';
import { panelRows } from './panel-rows.ts';
import { PanelState } from './panel-state.ts';
import { type Overlay, type PanelUi, START_UI } from './panel-ui.ts';

/** No more pictures than a person sees, ms. */
const DRAW_MS = 80;
const TICK_MS = 1_000;

/**
 * A live panel in the terminal: what the site's devices do, what passes on each wire, what each far
 * end displays, and keys that press buttons and break things.
 */
export class Panel {
  readonly state: PanelState;
  /** Resolves when the person ends it, or the terminal is gone. */
  readonly quit: Promise<void>;
  readonly #whole: WholeSite;
  readonly #actions: PanelActions;
  readonly #screen = new TerminalScreen(process.stdout);
  readonly #leave = () => this.close();
  readonly #writeError = process.stderr.write;
  #ui: PanelUi = START_UI;
  #end: () => void = () => undefined;
  #ticking: NodeJS.Timeout | undefined;
  #drawing: NodeJS.Timeout | undefined;
  #isOpen = false;
  #isAsking = false;

  constructor(whole: WholeSite) {
    this.#whole = whole;
    const ends = whole.ends?.all ?? [];
    this.state = new PanelState(whole.site, ends);
    this.#actions = new PanelActions(whole, this.state);
    this.quit = new Promise((resolve) => {
      this.#end = resolve;
    });
    whole.simulator.onNotice((notice) => {
      this.state.heard(notice, localTime());
      this.#drawSoon();
    });
    whole.simulator.onLed((device, led) => {
      this.state.change(device, { led });
      this.#drawSoon();
    });
    onShown(ends, (paths, shown) => {
      this.state.arrived(paths, shown, localTime());
      this.#drawSoon();
    });
    for (const device of whole.simulator.devices) {
      const led = whole.simulator.led(device);
      if (led !== undefined) this.state.change(device, { led });
    }
    whole.gateway?.process.child.once('exit', (code) => {
      this.state.gateway = 'ended';
      this.state.say(`The gateway ended with exit code ${code ?? 'none'}; its log: ${whole.gateway?.logFile}`, true);
      this.#drawSoon();
    });
    if (whole.gateway !== undefined) this.state.gateway = 'starting';
  }

  /** Takes the terminal. `close` gives it back, and so does the end of the process. */
  open(): void {
    this.#isOpen = true;
    // A crash's message must not vanish with the screen.
    process.once('uncaughtExceptionMonitor', this.#leave);
    process.once('exit', this.#leave);
    const { stdin, stdout } = process;
    emitKeypressEvents(stdin);
    stdin.on('keypress', this.#onKey);
    stdin.once('end', this.#end);
    stdin.once('error', this.#end);
    stdout.on('resize', this.#drawNow);
    process.on('SIGCONT', this.#takeTerminal);
    process.stderr.write = this.#errorText as typeof process.stderr.write;
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#takeTerminal();
    this.#tick();
  }

  /** May be called again. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.stderr.write = this.#writeError;
    this.#actions.stop();
    clearInterval(this.#ticking);
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    process.off('uncaughtExceptionMonitor', this.#leave);
    process.off('exit', this.#leave);
    process.off('SIGCONT', this.#takeTerminal);
    process.stdout.off('resize', this.#drawNow);
    process.stdin.off('keypress', this.#onKey);
    this.#giveTerminal();
    process.stdin.pause();
  }

  /** Presses the first button of a device. */
  press(id: string): void {
    const devices = this.state.view(localTime()).floors.flatMap((floor) => floor.devices);
    const at = devices.findIndex((each) => each.id === id);
    const device = devices[at];
    if (device === undefined) throw new RangeError(`no device "${id}" in this site`);
    this.#ui = { ...this.#ui, selected: at };
    this.#act({ type: 'press', device, button: 0, isLong: false });
  }

  /** What happened, in the panel's line for messages. */
  say(text: string, isBad = false): void {
    this.state.say(text, isBad);
    this.#drawSoon();
  }

  readonly #takeTerminal = (): void => {
    process.stdin.setRawMode(true);
    process.stdin.resume();
    this.#drawNow();
  };

  #giveTerminal(): void {
    this.#screen.leave();
    try {
      process.stdin.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  }

  /** Parts of the simulator write to stderr. On the panel's screen that would be noise. */
  readonly #errorText = (text: string | Uint8Array): boolean => {
    this.say(String(text).trim(), true);
    return true;
  };

  readonly #onKey = (_typed: string | undefined, key: Key): void => {
    const { ui, action } = takeKey(key, this.#ui, this.state.view(localTime()));
    this.#ui = ui;
    // The picture of a press can wait: its first frame can't.
    if (action === undefined) this.#drawNow();
    else this.#act(action);
    this.#drawSoon();
  };

  #act(action: PanelAction): void {
    switch (action.type) {
      case 'quit':
        this.#end();
        break;
      case 'suspend':
        this.#giveTerminal();
        process.kill(0, 'SIGTSTP');
        break;
      case 'help':
        this.#open(HELP);
        break;
      case 'misbehave':
        this.#open(whoMisbehaves(this.#whole.ends?.all ?? [], this.#whole.site));
        break;
      default:
        void this.#actions.carryOut(action).then((next) => {
          if (next !== undefined) this.#open(next);
          this.#drawSoon();
        });
    }
  }

  #open(overlay: Overlay): void {
    this.#ui = { ...this.#ui, overlay };
  }

  #tick(): void {
    this.#drawSoon();
    const { gateway } = this.#whole;
    if (gateway === undefined || this.#isAsking) return;
    this.#isAsking = true;
    void gatewayStatus(gateway.data).then((status) => {
      this.#isAsking = false;
      this.state.asked(status);
      this.#drawSoon();
    });
  }

  #drawSoon(): void {
    if (!this.#isOpen) return;
    this.#drawing ??= setTimeout(this.#drawNow, DRAW_MS);
  }

  readonly #drawNow = (): void => {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    if (!this.#isOpen) return;
    const isShown = this.#screen.show(panelRows(this.state.view(localTime()), this.#ui, this.#screen.size));
    if (!isShown) this.#drawSoon();
  };
}

/** A person is at a terminal that can be drawn over. */
export function isPanelPossible(): boolean {
  return process.stdin.isTTY && isDrawable(process.stdout);
}

function localTime(): string {
  return new Date().toTimeString().slice(0, 8);
}
