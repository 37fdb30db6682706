import { existsSync } from 'node:fs';
import type { DiscoveryDocument, ListenedInput, Stranger } from '../../../protocol/discovery-document.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import { readSite } from '../../config/load.ts';
import type { GatewaySettings } from '../../config/settings.ts';
import { askQuestion } from '../../control/ask-gateway.ts';
import { controlSocketPath, isAnswered } from '../../control/socket-file.ts';
import {
  brokerSearches,
  kernelAdapters,
  machineSearches,
  type NamedSearch,
  type SearchOptions,
  searchesOf,
} from '../../discovery/searches.ts';

export interface DiscoverOptions extends SearchOptions {
  readonly config: string;
  readonly dataDirectory: string;
  /** Inputs (configuration id) or kinds of input; none: all. */
  readonly only: readonly string[];
}

/** Asks the gateway that runs, or listens itself while none does. */
export interface Discovery {
  /** The site, if there is one without mistakes. */
  readonly settings: GatewaySettings | undefined;
  /** What was looked at without, and why. */
  readonly notes: readonly string[];
  look(): Promise<DiscoveryDocument>;
  stop(): Promise<void>;
}

/** @throws CallpointError GATEWAY_UNREACHABLE if a gateway runs and may not be asked, USAGE */
export async function startDiscovery(options: DiscoverOptions): Promise<Discovery> {
  const { settings, notes } = siteOf(options);
  const isRunning = await gatewayRuns(options.dataDirectory);
  const searches = chosen(searchesFor(options, settings, isRunning), options.only);
  if (!isRunning && searches.length === 0) checkChoice(options.only, settings);
  for (const { search } of searches) search.start();
  return {
    settings,
    notes,
    look: async () => {
      if (!isRunning) await leavePorts(options.dataDirectory);
      const asked = isRunning ? await askQuestion(options.dataDirectory, 'discovered') : undefined;
      return together(options.only, asked, await Promise.all(searches.map(heardOn)));
    },
    stop: async () => {
      await Promise.all(searches.map(({ search }) => search.stop()));
    },
  };
}

function siteOf({ config, dataDirectory }: DiscoverOptions): Pick<Discovery, 'settings' | 'notes'> {
  if (!existsSync(config)) return { settings: undefined, notes: [`${config} is not there: looked at without a site.`] };
  const { settings, mistakes } = readSite(config, dataDirectory);
  if (settings !== undefined) return { settings, notes: [] };
  const errors = mistakes.filter(({ severity }) => severity === 'error').length;
  const note = `${config} has ${errors} error${errors === 1 ? '' : 's'} (callpoint check lists them): looked at without it.`;
  return { settings: undefined, notes: [note] };
}

/**
 * @throws CallpointError if a gateway may be running and can't be asked: its ports must not be
 *   opened
 */
async function gatewayRuns(dataDirectory: string): Promise<boolean> {
  try {
    await askQuestion(dataDirectory, 'discovered');
    return true;
  } catch (error) {
    if (error instanceof CallpointError && isNobodyThere(error.cause)) return false;
    throw error;
  }
}

/**
 * A gateway that starts meanwhile finds its ports taken.
 *
 * @throws CallpointError ALREADY_RUNNING, so that this command ends and lets go of them
 */
async function leavePorts(dataDirectory: string): Promise<void> {
  if (!(await isAnswered(controlSocketPath(dataDirectory), 'only if it answers'))) return;
  const what = `A gateway has started on ${dataDirectory}: its ports are left to it`;
  throw new CallpointError('ALREADY_RUNNING', `${what}. Run this again to ask it what it hears.`);
}

function isNobodyThere(cause: unknown): boolean {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(code ?? '');
}

function searchesFor(
  options: DiscoverOptions,
  settings: GatewaySettings | undefined,
  isRunning: boolean,
): readonly NamedSearch[] {
  const { modbus, adapters = [] } = options;
  const ofSite = settings === undefined ? [] : isRunning ? brokerSearches(settings) : searchesOf(settings);
  const hasRadio = isRunning || ofSite.some(({ driver }) => driver === 'ble');
  const extra = machineSearches({
    ...(modbus === undefined ? {} : { modbus }),
    adapters: adapters.length > 0 ? adapters : hasRadio ? [] : kernelAdapters(),
  });
  return [...ofSite, ...extra];
}

function chosen(searches: readonly NamedSearch[], only: readonly string[]): readonly NamedSearch[] {
  return searches.filter(({ input, driver }) => isChosen(only, input, driver));
}

function isChosen(only: readonly string[], input: string, driver: string): boolean {
  return only.length === 0 || only.includes(input) || only.includes(driver);
}

/** @throws CallpointError USAGE if there is nothing to listen on by these names */
function checkChoice(only: readonly string[], settings: GatewaySettings | undefined): void {
  const inputs = settings?.inputs ?? [];
  const kinds = ['button-bus', 'ble', 'firmata', 'gpio', 'modbus', 'mqtt'];
  const wrong = only.find((name) => !kinds.includes(name) && inputs.every(({ id }) => id !== name));
  if (wrong === undefined) return;
  const known = [...inputs.map(({ id }) => id), ...kinds].join(', ');
  throw new CallpointError('USAGE', `There is no input ${wrong}: --input takes ${known}.`);
}

interface HeardOn {
  readonly input: ListenedInput;
  readonly strangers: readonly Stranger[];
}

async function heardOn({ input, driver, search }: NamedSearch): Promise<HeardOn> {
  const { isListening, detail } = search.state();
  const { strangers, leftOut } = await search.strangers();
  const state = isListening ? 'listening' : 'notListening';
  return { input: { input, driver, state, detail, left_out: leftOut }, strangers };
}

/** What the command hears itself replaces the gateway's word about the same input. */
function together(
  only: readonly string[],
  asked: DiscoveryDocument | undefined,
  own: readonly HeardOn[],
): DiscoveryDocument {
  const ids = own.map(({ input }) => input.input);
  const theirs = (asked?.inputs ?? []).filter(
    ({ input, driver }) => !ids.includes(input) && isChosen(only, input, driver),
  );
  const names = theirs.map(({ input }) => input);
  return {
    at: new Date().toISOString(),
    listener: asked === undefined ? 'command' : 'gateway',
    inputs: [...theirs, ...own.map(({ input }) => input)],
    strangers: [
      ...(asked?.strangers ?? []).filter(({ input }) => names.includes(input)),
      ...own.flatMap(({ strangers }) => strangers),
    ],
  };
}
