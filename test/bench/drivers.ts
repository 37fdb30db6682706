import { setTimeout as sleep } from 'node:timers/promises';
import type { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import type { Signal } from '../../gateway/core/signal.ts';
import { realEdges } from '../../gateway/gateway.ts';
import { DownCounters } from '../../gateway/inputs/button-bus/down-counters.ts';
import type { InputDriver, InputSink } from '../../gateway/inputs/input-driver.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';

const HELD_MS = 120;
const ARRIVES_WITHIN_MS = 5_000;
const UP_WITHIN_MS = 20_000;

export interface DriverTimes {
  /** Time from the press at the wire until the library has it: `capturedMs` of the signal. */
  readonly libraryMs: Quantiles;
  /** Time until the driver has reported it to the core. */
  readonly signalMs: Quantiles;
}

/**
 * Measures the drivers of a site alone, in this process, without core, paths or journal: the time
 * of wire, library and driver.
 */
export class DriversAlone {
  readonly #signals = new Map<string, { signal: Signal; atMs: number }>();
  readonly #up = new Set<string>();
  readonly #drivers = new Map<string, InputDriver>();
  readonly #stop: (() => Promise<unknown>)[] = [];

  private constructor() {}

  static async start(config: string, data: string, simulator: SiteSimulator): Promise<DriversAlone> {
    const { nodeArguments, environment } = simulator.gatewayNeeds;
    Object.assign(process.env, environment);
    for (const module of nodeArguments.filter((argument) => argument.startsWith('file:'))) await import(module);
    const settings = loadSettings(config, data);
    const alone = new DriversAlone();
    const nobody = {
      published: () => undefined,
      health: () => undefined,
      strain: () => undefined,
      command: () => undefined,
      openAlerts: () => [].values(),
    };
    const mqtt = realEdges.startMqtt(settings.mqtt, 1, nobody);
    alone.#stop.push(() => mqtt.stop());
    await realEdges.load(settings);
    for (const input of settings.inputs) {
      const driver = realEdges.input(
        input,
        { number: 1, downCounters: new DownCounters(() => true) },
        alone.#sink(),
        {},
      );
      alone.#drivers.set(input.id, driver);
      alone.#stop.unshift(() => driver.stop());
      driver.start();
    }
    const untilMs = monoMs() + UP_WITHIN_MS;
    while (alone.#up.size < settings.inputs.length && monoMs() < untilMs) await sleep(20);
    return alone;
  }

  async measure(simulator: SiteSimulator, device: string, presses: number, gapMs: number): Promise<DriverTimes> {
    const library: number[] = [];
    const signal: number[] = [];
    for (let press = 0; press < presses; press++) {
      this.#signals.delete(device);
      const pressedMs = monoMs();
      simulator.press(device, '0', 'single');
      await sleep(HELD_MS);
      simulator.release(device, '0');
      while (!this.#signals.has(device) && monoMs() - pressedMs < ARRIVES_WITHIN_MS) await sleep(5);
      const heard = this.#signals.get(device);
      if (heard !== undefined) {
        library.push(heard.signal.capturedMs - pressedMs);
        signal.push(heard.atMs - pressedMs);
      }
      await sleep(gapMs);
    }
    return { libraryMs: quantiles(library), signalMs: quantiles(signal) };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stop) await stop();
  }

  /** Keeps the first signal of each device that is a press. */
  #sink(): InputSink {
    return {
      signal: (signal) => {
        if (!isPress(signal)) return;
        if (!this.#signals.has(signal.device)) this.#signals.set(signal.device, { signal, atMs: monoMs() });
        // A node without an answer repeats its press, and then the next one.
        const { input, device, identity } = signal;
        if (identity !== undefined) this.#drivers.get(input)?.answer?.(device, identity, 'accepted');
      },
      unknownSignal: () => undefined,
      bridge: () => undefined,
      reception: () => undefined,
      health: ({ input, state }) => {
        if (state === 'up') this.#up.add(input);
      },
    };
  }
}

function isPress({ body }: Signal): boolean {
  if (body.type === 'contact') return body.of === 'button' && body.state === 'active';
  if (body.type === 'press') return true;
  if (body.type !== 'readings') return false;
  return body.presses.length > 0 || body.buttons?.some(({ means }) => means !== 'release') === true;
}
