import { LONG_AGO_MS, type WallMs } from '../../../protocol/clocks.ts';
import type { LinkState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { pathDocument } from '../documents.ts';
import type { Troubles, TroubleText } from '../troubles/troubles.ts';

/**
 * The state of a working path is published this often, so that `last_proven_at` is never much out
 * of date.
 */
const REFRESH_MS = 60_000;

/** The state of one path, as it is published and as it is reported as a trouble. */
export class PathState {
  readonly #path: string;
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #depth: () => number;
  #is: LinkState = 'unknown';
  #detail = 'not proven yet';
  #lastProvenWallMs: WallMs | undefined;
  #lastCanaryWallMs: WallMs | undefined;
  #rttMs: number | undefined;
  #publishedMs = LONG_AGO_MS;

  /** @param depth how many reports wait for the path */
  constructor(path: string, context: Context, troubles: Troubles, depth: () => number) {
    this.#path = path;
    this.#context = context;
    this.#troubles = troubles;
    this.#depth = depth;
  }

  get is(): LinkState {
    return this.#is;
  }

  /**
   * The far end answered.
   *
   * @param upDetail the detail to publish if the path is now up; `undefined`: this answer is not
   * enough
   */
  proven(rttMs: number, upDetail: string | undefined): void {
    const first = this.#lastProvenWallMs === undefined;
    this.#lastProvenWallMs = this.#context.now.wallMs;
    this.#rttMs = rttMs;
    if (upDetail !== undefined && this.#is !== 'up') {
      this.#become('up', upDetail);
      this.#troubles.restore('pathDown', this.#path);
    } else if (upDetail !== undefined && this.#detail !== upDetail) this.reword(upDetail);
    else if (first || this.#context.now.monoMs - this.#publishedMs >= REFRESH_MS) this.publish();
  }

  down(detail: string): void {
    const wasUnknown = this.#is === 'unknown';
    this.#become('down', detail);
    const said = this.#downText();
    this.#troubles.raise('pathDown', this.#path, said);
    // The trouble may have stood as "not proven". The text of a flapping path is not changed each
    // time.
    if (wasUnknown) this.#troubles.reword('pathDown', this.#path, said);
  }

  /** Neither up nor down: a standing trouble stays. */
  unknown(detail: string): void {
    if (this.#is !== 'unknown' || this.#detail !== detail) this.#become('unknown', detail);
  }

  /** The state has been unknown for long. */
  tellUnknown(): void {
    const said = { text: `Path ${this.#path} is not proven`, detail: this.#detail };
    this.#troubles.raiseOrReword('pathDown', this.#path, said);
  }

  /** The state stays the same for a new reason. */
  reword(detail: string): void {
    if (this.#detail === detail) return;
    this.#detail = detail;
    if (this.#is === 'down') this.#troubles.reword('pathDown', this.#path, this.#downText());
    this.publish();
  }

  canaryAcknowledged(): void {
    this.#lastCanaryWallMs = this.#context.now.wallMs;
    this.publish();
  }

  /** Ends a trouble of an earlier run that was read late and is known to be over. */
  restoreTroubles(): void {
    if (this.#is === 'up') this.#troubles.restore('pathDown', this.#path);
  }

  publish(): void {
    this.#publishedMs = this.#context.now.monoMs;
    const document = pathDocument(this.#path, {
      state: this.#is,
      lastProvenWallMs: this.#lastProvenWallMs,
      lastCanaryWallMs: this.#lastCanaryWallMs,
      rttMs: this.#rttMs,
      queued: this.#depth(),
      detail: this.#detail,
    });
    this.#context.publish({ kind: 'path', document });
  }

  #become(state: LinkState, detail: string): void {
    this.#is = state;
    this.#detail = detail;
    const fields = { path: this.#path, detail };
    this.#context.log(state === 'up' ? 'info' : 'error', `path.${state}`, fields);
    this.publish();
  }

  #downText(): TroubleText {
    return { text: `Path ${this.#path} down`, detail: this.#detail };
  }
}
