import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AlertWatch, watchAlerts } from '../../device-sim/demo/alert-watch.ts';
import { seededRandom } from '../../device-sim/random.ts';
import { type FarEnds, startFarEnds } from '../../device-sim/site/far-ends.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { endOwnGateways, type GatewayUnderTest, startCompiledGateway } from '../rig/gateway-under-test.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { bounded, until } from '../rig/waiting.ts';
import { Display } from './display.ts';
import { Fleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import { ProbeReadings } from './probe-readings.ts';
import { Radio } from './radio.ts';
import {
  DISPLAY,
  type EnduranceSite,
  GATEWAY,
  LINES,
  OPERATOR,
  PAGER,
  RADIO,
  RECEIVERS,
  writeEnduranceSite,
} from './site.ts';
import { Walls } from './walls.ts';

const ADVERTISEMENTS_PER_SECOND = 200;
const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;
const READY_WITHIN_MS = 120_000;
const REHEARSED_WITHIN_MS = 120_000;
/** Retained messages come one after the other. */
const RETAINED_MS = 500;

interface StandOptions {
  readonly seed: number;
  readonly sampleMs: number;
  /** Called with each line of the gateway's log. */
  readonly onLog: (line: string) => void;
  /** Called with each unexpected fault around the gateway. */
  readonly onTrouble: (trouble: string) => void;
}

export interface Parts {
  readonly site: EnduranceSite;
  readonly ledger: Ledger;
  readonly ends: FarEnds;
  readonly walls: Walls;
  readonly radio: Radio;
  readonly probe: ProbeReadings;
  readonly gateway: GatewayUnderTest;
  readonly watch: AlertWatch;
  readonly fleet: Fleet;
  readonly display: Display;
}

/** The gateway as a process of its own, with everything around it. */
export class EnduranceStand {
  readonly #directory = mkdtempSync(join(tmpdir(), 'callpoint-endurance-'));
  readonly #open: (() => Promise<unknown> | unknown)[] = [];
  #parts: Parts | undefined;
  #stopped: Promise<void> | undefined;

  get parts(): Parts {
    if (this.#parts === undefined) throw new Error('the stand has not started');
    return this.#parts;
  }

  /** Resolves when every input and path is up. If it rejects, `stop` ends what was started. */
  async start({ seed, sampleMs, onLog, onTrouble }: StandOptions): Promise<Parts> {
    this.#checkOpen();
    const site = await writeEnduranceSite(this.#directory);
    const simulated = readSite(site.file, epochNow());
    const probe = await ProbeReadings.start(this.#directory, sampleMs);
    this.#closing(() => probe.close());
    const ledger = new Ledger([...site.nodes, ...site.mqttDevices, ...site.tags]);
    const ends = await startFarEnds(simulated, { tls: site.tls });
    this.#closing(() => ends.close());
    for (const { path, why } of ends.unplayed) throw new Error(`path ${path}: ${why}`);
    for (const receiver of RECEIVERS) ledger.watch(ends.of(receiver));
    const walls = new Walls(simulated, seed, seededRandom(seed + 100));
    this.#closing(() => walls.stop());
    const radioInput = simulated.inputs.find(({ id }) => id === RADIO);
    if (radioInput === undefined) throw new Error('the site has no radio');
    const radio = new Radio(radioInput, ADVERTISEMENTS_PER_SECOND, seed, seededRandom(seed + 200));
    this.#closing(() => radio.stop());
    this.#closing(() => endOwnGateways(site.file));
    const starting = startCompiledGateway(site.file, site.data, SERVICE_FLAGS, {
      needs: probe.gatewayNeeds,
      onLine: onLog,
      detached: true,
    });
    const gateway = await bounded(starting, START_WITHIN_MS, 'the gateway to start');
    this.#closing(() => bounded(gateway.stop(), STOP_WITHIN_MS, 'the gateway to stop'));
    const url = `mqtt://127.0.0.1:${site.mqttPort}`;
    const watch = watchAlerts(site.mqttPort, GATEWAY, OPERATOR, site.passwords.get(OPERATOR) ?? '');
    this.#closing(() => watch.close());
    watch.onAlert((alert) => ledger.published(alert));
    const display = new Display(url, GATEWAY, DISPLAY, site.passwords.get(DISPLAY) ?? '');
    this.#closing(() => display.close());
    const fleet = new Fleet(url, site.passwords, site.mqttDevices, seededRandom(seed + 300), onTrouble);
    this.#closing(() => fleet.stop());
    // The broker listens after the gateway is ready.
    const listens = watch.ready({ devices: 0, inputs: 0, paths: [] });
    await bounded(listens, READY_WITHIN_MS, 'the broker to listen');
    await fleet.start();
    radio.crowd.start();
    this.#parts = { site, ledger, ends, walls, radio, probe, gateway, watch, fleet, display };
    await this.#ready(this.#parts);
    return this.#parts;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #ready({ site, watch, gateway }: Parts): Promise<void> {
    const devices = site.nodes.length + site.mqttDevices.length + site.tags.length;
    const awaited = { devices, inputs: LINES.length + 2, paths: [...RECEIVERS, PAGER] };
    const ready = watch.ready(awaited).then(() => sleep(RETAINED_MS));
    await bounded(ready, READY_WITHIN_MS, `all inputs and paths to be up: ${watch.missing().join(', ')}`);
    await until(() => watch.missing().length === 0, READY_WITHIN_MS);
    if (watch.missing().length > 0) throw new Error(`never up: ${watch.missing().join(', ')}`);
    await bounded(gateway.rehearsed, REHEARSED_WITHIN_MS, 'the end of the rehearsal');
  }

  /** Registers something to close before everything that exists now. */
  #closing(close: () => Promise<unknown> | unknown): void {
    this.#open.unshift(close);
    this.#checkOpen();
  }

  /** Throws if a stop came during the start. */
  #checkOpen(): void {
    if (this.#stopped !== undefined) throw new Error('stopped while it was starting');
  }

  async #stop(): Promise<void> {
    const faults: unknown[] = [];
    for (let close = this.#open.shift(); close !== undefined; close = this.#open.shift()) {
      try {
        await close();
      } catch (error) {
        faults.push(error);
      }
    }
    rmSync(this.#directory, { recursive: true, force: true });
    if (faults.length > 0) throw faults[0];
  }
}
