import { z } from 'zod';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { unknownName } from '../known-names.ts';
import { type Dc09Place, dc09Address, dc09Place, startDc09FarEnds } from './dc09-far-end.ts';
import { type FarEnd, type FarEndMeans, Unplayable } from './far-end.ts';
import { startHttpsFarEnd } from './https-far-end.ts';
import { startRadioFarEnd } from './radio-far-end.ts';
import { startSipFarEnd } from './sip-far-end.ts';
import type { SimulatedPath, SimulatedSite } from './site-file.ts';
import { startSmsFarEnd } from './sms-far-end.ts';
import { startSnppFarEnd } from './snpp-far-end.ts';
import { startTapFarEnd } from './tap-far-end.ts';

/** The counterparts of a site's paths. */
export interface FarEnds {
  readonly all: readonly FarEnd[];
  readonly unplayed: readonly UnplayedPath[];
  /** @throws RangeError naming the paths there are */
  of(path: string): FarEnd;
  close(): Promise<void>;
}

interface UnplayedPath {
  readonly path: string;
  readonly driver: string;
  /** The reason as text. */
  readonly why: string;
}

interface FarEndOptions extends FarEndMeans {
  /**
   * Ids of the paths to serve. Default: all.
   * @throws RangeError if an id is unknown
   */
  readonly paths?: readonly string[];
}

type Starter = (path: SimulatedPath, means: FarEndMeans) => Promise<FarEnd> | FarEnd;

const STARTERS: Readonly<Record<string, Starter>> = {
  radio: startRadioFarEnd,
  tap: startTapFarEnd,
  snpp: startSnppFarEnd,
  cap: startHttpsFarEnd,
  webhook: startHttpsFarEnd,
  sip: startSipFarEnd,
  sms: startSmsFarEnd,
};

/**
 * Starts a counterpart at the far end of each path, at the address in the configuration. It uses
 * only loopback addresses and pseudo-terminals.
 * @throws CallpointError PORT_TAKEN, CONFIG_INVALID; RangeError
 */
export async function startFarEnds(site: SimulatedSite, options: FarEndOptions = {}): Promise<FarEnds> {
  const wanted = options.paths ?? site.paths.map(({ id }) => id);
  for (const id of wanted)
    if (!site.paths.some((path) => path.id === id))
      throw unknown(
        id,
        site.paths.map((path) => path.id),
      );
  const all: FarEnd[] = [];
  const unplayed: UnplayedPath[] = [];
  const close = async () => {
    await Promise.all(all.map((end) => end.close()));
  };
  for (const group of groupsOf(site.paths.filter(({ id }) => wanted.includes(id)))) {
    try {
      all.push(...(await startGroup(group, options)));
    } catch (error) {
      const why = whyUnplayed(error);
      if (why === undefined) {
        await close();
        throw problem(group, error);
      }
      unplayed.push(...group.map(({ id, driver }) => ({ path: id, driver, why })));
    }
  }
  const of = (path: string) => {
    const end = all.find((each) => each.path === path);
    if (end === undefined)
      throw unknown(
        path,
        all.map((each) => each.path),
      );
    return end;
  };
  return { all, unplayed, of, close };
}

/** Groups DC-09 paths to one receiver. Every other path is alone. */
function groupsOf(paths: readonly SimulatedPath[]): SimulatedPath[][] {
  const groups = new Map<string, SimulatedPath[]>();
  for (const path of paths) {
    const key = path.driver.startsWith('dc09-') ? dc09Address(path) : `path ${path.id}`;
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()];
}

async function startGroup(group: readonly SimulatedPath[], means: FarEndMeans): Promise<readonly FarEnd[]> {
  const [path, ...more] = group;
  if (path === undefined) return [];
  if (path.driver.startsWith('dc09-')) {
    const places: readonly [Dc09Place, ...Dc09Place[]] = [dc09Place(path), ...more.map(dc09Place)];
    return startDc09FarEnds(places, means);
  }
  const start = STARTERS[path.driver];
  if (start === undefined) throw new Unplayable(`nothing simulates the driver ${path.driver}`);
  return [await start(path, means)];
}

function whyUnplayed(error: unknown): string | undefined {
  if (error instanceof Unplayable) return error.message;
  if (!(error instanceof z.ZodError)) return undefined;
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? 'it'} is missing or wrong: run "callpoint check"`;
}

function problem(group: readonly SimulatedPath[], cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause)) return cause;
  const names = group.map(({ id }) => id).join(', ');
  if (cause.code === 'EADDRINUSE') {
    return new CallpointError(
      'PORT_TAKEN',
      `The port of path ${names} is used by another program, or by another path of this site`,
      {
        cause,
      },
    );
  }
  if (cause.code !== 'EACCES') return cause;
  return new CallpointError('PORT_TAKEN', `The port of path ${names} can't be had: ${messageOf(cause)}`, { cause });
}

function unknown(path: string, known: readonly string[]): RangeError {
  return unknownName(`no path "${path}" is served for this site`, path, known, 'it has no paths');
}
