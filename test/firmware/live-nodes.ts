import { type ChildProcess, spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { firmwareNodes } from '../../device-sim/firmware/load-firmware.ts';
import { NANO } from '../../device-sim/firmware/node-pins.ts';
import type { SimulatedSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { Waiting } from '../integration/support/waiting.ts';
import { storageOf } from './image.ts';
import { type SimavrProgram, simavrAtRest, simavrCommand } from './simavr.ts';

const SUPPLY_MV = 24_000;
const CHIP_MV = 5_000;

type Colour = 'off' | 'red' | 'green' | 'amber';

/** The first node of a site, as machine code in real time at the port of its input. */
interface LiveNode {
  button(number: number, isClosed: boolean): void;
  cover(isOn: boolean): void;
  /** Resolves when the LED has this colour. It may blink. */
  shows(colour: Colour): Promise<void>;
  stop(): void;
}

const COLOURS: Readonly<Record<string, Colour>> = { '0 0': 'off', '1 0': 'red', '0 1': 'green', '1 1': 'amber' };

/** The chip is in simavr. */
export async function simavrNode(program: SimavrProgram, { lines: [line] }: SimulatedSite): Promise<LiveNode> {
  const [node] = line?.nodes ?? [];
  if (line === undefined || node === undefined) throw new Error('the site has no wall node');
  const { key, address, epoch } = node.settings;
  const storage = storageOf({ key, address, isSharedLine: true }, epoch - 1);
  const child = spawn(program.file, program.arguments(NANO, storage), { stdio: ['pipe', 'pipe', 'inherit'] });
  const tell = (command: string) => child.stdin.write(`${command}\n`);
  tell(simavrAtRest(NANO, SUPPLY_MV, CHIP_MV).join('\n'));
  const led = new LedLines(child);
  symlinkSync(await led.port, line.port);
  return {
    button: (number, isClosed) => tell(simavrCommand(NANO, ['button', number, isClosed])),
    cover: (isOn) => tell(simavrCommand(NANO, ['cover', isOn])),
    shows: (colour) => led.shows(colour),
    stop: () => child.kill(),
  };
}

/** What simavr/live.c prints. */
class LedLines {
  readonly port: Promise<string>;
  #colour: Colour = 'off';
  readonly #waiting = new Waiting();

  constructor({ stdout }: ChildProcess) {
    if (stdout === null) throw new Error('its output is not read');
    const lines = createInterface(stdout);
    this.port = new Promise((resolve) => {
      lines.on('line', (line) => {
        const [word, rest = ''] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
        if (word === 'port') resolve(rest);
        if (word !== 'led') return;
        this.#colour = COLOURS[rest] ?? 'off';
        this.#waiting.check();
      });
    });
  }

  shows(colour: Colour): Promise<void> {
    return this.#waiting.until(
      `LED ${colour}`,
      () => this.#colour === colour,
      () => this.#colour,
    );
  }
}

/** The chip is in the simulator's own emulator, behind the wire of `npm start -- --firmware`. */
export async function simulatorNode(site: SimulatedSite): Promise<LiveNode> {
  const simulator = new SiteSimulator(site, 1, await firmwareNodes(true, site.lines));
  const device = site.lines[0]?.nodes[0]?.settings.id ?? '';
  const waiting = new Waiting();
  simulator.onLed(() => waiting.check());
  const colour = () => (simulator.led(device) ?? 'off').replace(/Slow|Fast/, '');
  return {
    button: (number, isClosed) => {
      if (isClosed) simulator.press(device, String(number), 'single');
      else simulator.release(device, String(number));
    },
    cover: (isOn) => simulator.fault(device, { type: 'tamper', isOn: !isOn }),
    shows: (wanted) => waiting.until(`LED ${wanted}`, () => colour() === wanted, colour),
    stop: () => simulator.stop(),
  };
}
