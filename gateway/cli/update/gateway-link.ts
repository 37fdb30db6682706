import { realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { messageOf } from '../../../protocol/errors.ts';
import type { StatusDocument } from '../../../protocol/status-document.ts';
import { askGateway, askQuestion } from '../../control/ask-gateway.ts';
import { processOwner } from '../../journal/process-owner.ts';
import type { ReleaseName } from '../../update/release-layout.ts';
import type { GatewayAnswer, TrialGateway } from '../../update/run-trial.ts';

/** A gateway that hangs does not hold up the look at it, ms. */
const STATUS_MS = 3_000;
const ANSWER_MS = 8_000;

/** The gateway on a data directory, as the trial of an update sees it. */
export class GatewayLink implements TrialGateway {
  readonly #data: string;
  readonly #releases: string;
  readonly #by: string;

  /** @param releases the directory of `a` and `b` */
  constructor(data: string, releases: string, by: string) {
    this.#data = data;
    this.#releases = realpathSync(releases);
    this.#by = by;
  }

  async status(): Promise<StatusDocument | undefined> {
    try {
      return await askQuestion(this.#data, 'status', STATUS_MS);
    } catch {
      // Stopped, starting or hanging: `isAlive` tells these apart.
      return undefined;
    }
  }

  async isAlive(): Promise<boolean> {
    return (await this.#process()) !== undefined;
  }

  stopForUpdate(): Promise<GatewayAnswer> {
    return this.#ask({ command: 'stopForUpdate' });
  }

  pressCanary(): Promise<GatewayAnswer> {
    return this.#ask({ command: 'canary', reason: 'after an update' });
  }

  async kill(): Promise<void> {
    const pid = await this.#process();
    if (pid === undefined) return;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }

  runs({ release }: StatusDocument, name: ReleaseName): boolean {
    if (name !== 'packaged') return release === join(this.#releases, name);
    return release === undefined || !release.startsWith(`${this.#releases}${sep}`);
  }

  async #ask(command: { readonly command: string; readonly reason?: string }): Promise<GatewayAnswer> {
    try {
      return await askGateway(this.#data, { ...command, by: this.#by }, ANSWER_MS);
    } catch (error) {
      return { ok: false, text: messageOf(error) };
    }
  }

  /** The gateway's user writes the lock, so it may name its own processes only. */
  async #process(): Promise<number | undefined> {
    const lock = await readFile(join(this.#data, 'gateway.lock'), 'utf8').catch(() => '');
    const pid = /^pid (\d+) /.exec(lock)?.[1];
    if (pid === undefined || !processOwner('update').isAlive(lock)) return undefined;
    const owner = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
    return owner === statSync(this.#data).uid ? Number(pid) : undefined;
  }
}
