import { usageError } from '../errors.ts';
import { firmwareNodes, refuseUnfitNodes } from '../firmware/load-firmware.ts';
import { isServed, obeyAtInputs, obeyAtPaths, serveControl } from '../site/control.ts';
import type { FarEndMeans } from '../site/far-end.ts';
import { type FarEnds, startFarEnds } from '../site/far-ends.ts';
import { controlSocket, epochNow, readSite, type SimulatedSite } from '../site/site-file.ts';
import { SiteSimulator } from '../site/site-simulator.ts';
import { type GatewayProcess, spawnGateway } from './gateway-process.ts';
import { gatewayStatus, stillUnknown } from './gateway-status.ts';

/** What is started for a site: its devices, and perhaps the far ends of its paths and a gateway. */
export interface WholeSite {
  readonly file: string;
  readonly site: SimulatedSite;
  readonly simulator: SiteSimulator;
  readonly ends?: FarEnds;
  readonly gateway?: RunningGateway;
  stop(): Promise<void>;
}

interface GatewayPlaces {
  /** Its data directory. */
  readonly data: string;
  readonly logFile: string;
}

export interface RunningGateway extends GatewayPlaces {
  readonly process: GatewayProcess;
}

interface WholeSiteOptions {
  readonly seed: number;
  /** The wall nodes run this image; `true` for that of the project. Absent: they are simulated. */
  readonly firmware?: string | true;
  /** Absent: the far ends are not simulated here. */
  readonly receivers?: FarEndMeans;
  /** Absent: no gateway is started. */
  readonly gateway?: GatewayPlaces;
  /** A far end behaves in another way from now on. */
  readonly onBehaviour?: (path: string, how: string) => void;
}

/**
 * Starts the parts one after the other, the gateway last: it finds everything there. If one fails,
 * nothing is left of the others.
 * @throws CallpointError USAGE, CONFIG_INVALID, CONFIG_UNREADABLE, PORT_TAKEN; RangeError
 */
export async function startWholeSite(file: string, options: WholeSiteOptions): Promise<WholeSite> {
  const { seed, firmware, receivers, gateway, onBehaviour = () => undefined } = options;
  const stops: (() => void | Promise<void>)[] = [];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) {
      const ended = stop();
      // At the end of the process only what needs no waiting is done.
      if (ended !== undefined) await ended;
    }
  };
  try {
    for (const part of ['inputs', ...(receivers === undefined ? [] : ['paths' as const])] as const) {
      if (!(await isServed(controlSocket(file, part)))) continue;
      throw usageError(`${file} is served already: stop that simulator first`);
    }
    const site = readSite(file, epochNow());
    const makeNode = firmware === undefined ? undefined : await firmwareNodes(firmware, site.lines);
    const ends = receivers === undefined ? undefined : await startFarEnds(site, receivers);
    if (ends !== undefined) stops.push(() => ends.close());
    const simulator = new SiteSimulator(site, seed, makeNode);
    stops.push(() => simulator.stop());
    await simulator.ready();
    if (ends !== undefined) {
      const control = await serveControl(controlSocket(file, 'paths'), obeyAtPaths(ends, onBehaviour));
      stops.push(() => void control.close());
    }
    const readChanged = () => {
      const changed = readSite(file, epochNow());
      if (firmware !== undefined) refuseUnfitNodes(changed.lines);
      return changed;
    };
    const unready = async (withDevices: boolean) =>
      gateway === undefined ? [] : stillUnknown(await gatewayStatus(gateway.data), withDevices);
    const control = await serveControl(controlSocket(file, 'inputs'), obeyAtInputs(simulator, readChanged, unready));
    stops.push(() => void control.close());
    const parts = { file, site, simulator, ...(ends && { ends }), stop: stopAll };
    if (gateway === undefined) return parts;
    const process = spawnGateway(file, gateway.data, gateway.logFile, simulator.gatewayNeeds);
    stops.push(() => process.stop().then(() => undefined));
    return { ...parts, gateway: { ...gateway, process } };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
