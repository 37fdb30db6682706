import { join } from 'node:path';
import type { ReleaseDisk } from './release-disk.ts';
import { INSTALLED_NAME, isReleaseName, isSlot, PROGRAM, type ReleaseName, type Slot } from './release-layout.ts';
import { type CensusItem, readTrial, type Trial, trialText } from './trial-file.ts';

/** What became of the last update. It is written before it is carried out. */
export interface Decision {
  /** Of the trial. */
  readonly id: string;
  /** `refused`: the gateway did not stop for it, or it was interrupted before that. */
  readonly result: 'confirmed' | 'returned' | 'refused';
  readonly at: string;
  readonly version: string;
  readonly from: ReleaseName;
  readonly fromVersion: string;
  /** Why it was returned, for a person. */
  readonly reasons: readonly string[];
  /** What was well before and is not any more. */
  readonly lost: readonly CensusItem[];
  /** What a person has to know besides. */
  readonly notes: readonly string[];
  /** A person asked for it. */
  readonly byHand?: string;
  /** Who has seen that it was returned. */
  readonly seenBy?: string;
}

const CURRENT = 'current';
const TRIAL = 'trial';
const STARTS = 'starts';
const DECISION = 'last-update';
const RETURN_WANTED = 'return-wanted';
const STAGING = 'staging';
const REPLACED = 'replaced';

/**
 * The releases on disk. Each method leaves, at any instant of a power cut, one whole release that
 * `launch` starts:
 *
 * - a release gets its name `a` or `b` after all of it is on the medium;
 * - only a release that is not current, and that no trial needs, is replaced;
 * - `trial` is on the medium before `current` is switched, and goes only after the decision is
 *   there and `current` says what was decided.
 */
export class ReleaseStore {
  readonly directory: string;
  readonly #disk: ReleaseDisk;

  constructor(directory: string, disk: ReleaseDisk) {
    this.directory = directory;
    this.#disk = disk;
  }

  /** As `launch` chooses. */
  async current(): Promise<ReleaseName> {
    const name = await this.#disk.readLink(this.#path(CURRENT));
    return isSlot(name) && (await this.holds(name)) ? name : 'packaged';
  }

  async holds(slot: Slot): Promise<boolean> {
    return await this.#disk.isThere(join(this.#path(slot), PROGRAM));
  }

  /** Of a release that an update brought: its manifest and who signed it, as JSON. */
  async installed(slot: Slot): Promise<string | undefined> {
    return await this.#disk.readText(join(this.#path(slot), INSTALLED_NAME));
  }

  async trial(): Promise<Trial | undefined> {
    const text = await this.#disk.readText(this.#path(TRIAL));
    return text === undefined ? undefined : readTrial(text);
  }

  /** There is a file of that name, whatever is in it. */
  async hasTrialFile(): Promise<boolean> {
    return await this.#disk.isThere(this.#path(TRIAL));
  }

  /** How often the release on trial was started. */
  async starts({ id }: Trial): Promise<number> {
    const text = (await this.#disk.readText(this.#path(STARTS))) ?? '';
    return text.split('\n').filter((line) => line === id).length;
  }

  /**
   * Puts a release in the directory that is not current. Nothing uses it yet.
   *
   * @param fill writes the release's files, and throws if they are not right
   */
  async prepare(fill: (directory: string, disk: ReleaseDisk) => Promise<void>): Promise<Slot> {
    const spare: Slot = (await this.current()) === 'a' ? 'b' : 'a';
    const staging = this.#path(STAGING);
    await this.discard();
    await this.#disk.makeDirectory(staging);
    await fill(staging, this.#disk);
    await this.#disk.syncTree(staging);
    if (await this.#disk.isThere(this.#path(spare))) {
      await this.#disk.rename(this.#path(spare), this.#path(REPLACED));
      await this.#sync();
    }
    await this.#disk.rename(staging, this.#path(spare));
    await this.#sync();
    await this.#disk.remove(this.#path(REPLACED));
    return spare;
  }

  /** Removes what an interrupted update has left. */
  async discard(): Promise<void> {
    await this.#disk.remove(this.#path(STAGING));
    await this.#disk.remove(this.#path(REPLACED));
  }

  /** From here on, starts of the new release are counted. */
  async begin(trial: Trial): Promise<void> {
    await this.#disk.remove(this.#path(STARTS));
    await this.#disk.remove(this.#path(RETURN_WANTED));
    await this.#replace(TRIAL, trialText(trial));
    await this.use(trial.to);
  }

  /** The next start takes this release. */
  async use(release: ReleaseName): Promise<void> {
    if (release === 'packaged') await this.#disk.remove(this.#path(CURRENT));
    else {
      const fresh = this.#path(`${CURRENT}.new`);
      await this.#disk.remove(fresh);
      await this.#disk.makeLink(release, fresh);
      await this.#disk.rename(fresh, this.#path(CURRENT));
    }
    await this.#sync();
  }

  async decision(): Promise<Decision | undefined> {
    const text = await this.#disk.readText(this.#path(DECISION));
    try {
      const read = text === undefined ? undefined : (JSON.parse(text) as Partial<Decision> | null);
      return isDecision(read) ? read : undefined;
    } catch {
      return undefined;
    }
  }

  /** A power cut after this changes nothing about what becomes of the update. */
  async decide(decision: Decision): Promise<void> {
    await this.#replace(DECISION, `${JSON.stringify(decision, undefined, 2)}\n`);
  }

  /** The last step: the decision is carried out. */
  async end(): Promise<void> {
    await this.#disk.remove(this.#path(TRIAL));
    await this.#sync();
    await this.#disk.remove(this.#path(STARTS));
    await this.#disk.remove(this.#path(RETURN_WANTED));
  }

  /** A person asks for the release before, while another process watches the trial. */
  async wantReturn({ id }: Trial, by: string): Promise<void> {
    await this.#replace(RETURN_WANTED, `${id} ${by}`);
  }

  /** @returns who asked */
  async returnWanted({ id }: Trial): Promise<string | undefined> {
    const text = (await this.#disk.readText(this.#path(RETURN_WANTED))) ?? '';
    return text.startsWith(`${id} `) ? text.slice(id.length + 1) : undefined;
  }

  async #replace(name: string, text: string): Promise<void> {
    const fresh = this.#path(`${name}.new`);
    await this.#disk.remove(fresh);
    await this.#disk.write(fresh, Buffer.from(text));
    await this.#disk.syncTree(fresh);
    await this.#disk.rename(fresh, this.#path(name));
    await this.#sync();
  }

  async #sync(): Promise<void> {
    await this.#disk.syncNames(this.directory);
  }

  #path(name: string): string {
    return join(this.directory, name);
  }
}

/** Somebody may have edited it. */
function isDecision(read: Partial<Decision> | null | undefined): read is Decision {
  const { id, result, at, version, from, fromVersion, reasons, lost, notes } = read ?? {};
  const isText = [id, result, at, version, fromVersion].every((each) => typeof each === 'string');
  return isText && isReleaseName(from) && [reasons, lost, notes].every(Array.isArray);
}

/** An update was returned by itself, and nobody has said that this was seen. */
export function isUnseen(last: Decision | undefined): boolean {
  return last?.result === 'returned' && last.byHand === undefined && last.seenBy === undefined;
}
