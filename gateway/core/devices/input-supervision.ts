import { after, LONG_AGO_MS, later, type MonoMs } from '../../../protocol/clocks.ts';
import type { LinkState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { inputDocument } from '../documents.ts';
import type { InputCounters, InputHealth } from '../signal.ts';
import type { Troubles, TroubleText } from '../troubles/troubles.ts';

/** A driver reports the health of its input well within this time of its start. */
const FIRST_HEALTH_MS = 30_000;
/** Its document is published this often while frames come: a display sees that the input lives. */
const REFRESH_MS = 60_000;
/**
 * A driver notices within this time that its line is dead, even on a connection that keeps still.
 */
const NOTICED_MS = 120_000;
const UNHEARD = 'nothing heard of it yet';

/** What is heard through an input: a device, or the bridge of devices. */
export interface HeardThrough {
  inputChanged(up: boolean): void;
  /** A reload opens the input anew. */
  inputReopened?(): void;
  /** Of a bridge: what it says of itself. */
  readonly bridge?: { readonly topic: string; readonly state: LinkState };
}

/**
 * One input (a serial port, …) as its driver sees it, and the devices that are heard through it.
 */
export class InputSupervision {
  readonly #input: string;
  #heard: readonly HeardThrough[];
  readonly #context: Context;
  readonly #troubles: Troubles;
  #state: LinkState = 'unknown';
  #detail = 'not opened yet';
  #upMs = LONG_AGO_MS;
  #heardMs = LONG_AGO_MS;
  #beforeMs = LONG_AGO_MS;
  /** A reload has started its driver anew, and that has reported nothing yet. */
  #isReopening = false;
  /** Outputs of this input, by configuration id. */
  #outputs: readonly string[];
  /** Why each of those outputs can't be switched; as last reported. */
  #outputFaults: ReadonlyMap<string, string> = new Map();
  #counters: InputCounters = { framesHeard: 0, framesRejected: 0, bytesRead: 0 };
  #publishedMs: MonoMs = LONG_AGO_MS;
  #publishedFrames = 0;

  constructor(input: string, heard: readonly HeardThrough[], context: Context, troubles: Troubles) {
    this.#input = input;
    this.#heard = heard;
    this.#context = context;
    this.#troubles = troubles;
    this.#outputs = outputsOf(input, context);
  }

  /** When it came up last. */
  get upMs(): MonoMs {
    return this.#upMs;
  }

  /** It was last known to work then, before it came up last; long ago: not in this run. */
  get beforeMs(): MonoMs {
    return this.#beforeMs;
  }

  /** An earlier run heard it until then. */
  recover(heardMs: MonoMs): void {
    this.#beforeMs = heardMs;
  }

  start(): void {
    this.publish();
    this.#awaitHealth();
  }

  /** A reload has changed what is heard through the input, or its outputs. */
  adopt(heard: readonly HeardThrough[]): void {
    const before = new Set(this.#heard);
    this.#heard = heard;
    this.#outputs = outputsOf(this.#input, this.#context);
    if (this.#state === 'unknown') return;
    for (const each of heard) if (!before.has(each)) each.inputChanged(this.#state === 'up');
  }

  /** A reload starts its driver anew. That is no trouble, unless the driver reports one. */
  reopen(): void {
    this.#isReopening = true;
    for (const each of this.#heard) each.inputReopened?.();
    this.#awaitHealth();
  }

  #awaitHealth(): void {
    const dueMs = after(this.#context.now.monoMs, FIRST_HEALTH_MS);
    this.#context.timers.set({ type: 'inputDue', input: this.#input }, dueMs);
  }

  /** The driver has reported nothing since the start: unknown is not well. */
  firstHealthDue(): void {
    if (this.#state !== 'unknown' && !this.#isReopening) return;
    this.health({ input: this.#input, state: 'down', detail: UNHEARD });
  }

  health(health: InputHealth): void {
    this.#setState(health);
    // While the input is down that is the trouble, and nothing new is known of its outputs.
    if (health.state === 'up') this.#setOutputFaults(health.outputFaults ?? []);
  }

  #setState(health: InputHealth): void {
    if (!this.#isReopening && health.state === this.#state && health.detail === this.#detail) return;
    const changed = this.#isReopening || health.state !== this.#state;
    this.#isReopening = false;
    this.#state = health.state;
    this.#detail = health.detail;
    this.publish();
    const up = health.state === 'up';
    if (!changed) {
      if (!up) this.#troubles.reword('inputDown', this.#input, this.#downText());
      return;
    }
    this.#context.log(up ? 'info' : 'warn', `input.${health.state}`, { input: this.#input, detail: health.detail });
    if (up) this.#upMs = this.#context.now.monoMs;
    else this.#beforeMs = later(this.#heardMs, after(this.#context.now.monoMs, -NOTICED_MS));
    for (const each of this.#heard) each.inputChanged(up);
    if (up) this.#troubles.restore('inputDown', this.#input);
    else {
      this.#troubles.raiseOrReword('inputDown', this.#input, this.#downText());
    }
  }

  #setOutputFaults(faults: NonNullable<InputHealth['outputFaults']>): void {
    this.#outputFaults = new Map(faults.map(({ output, detail }) => [output, detail]));
    for (const output of this.#outputs) {
      const detail = this.#outputFaults.get(output);
      if (detail === undefined) this.#troubles.restore('outputFault', output);
      else {
        const said = { text: `Output ${output} can’t be switched`, detail };
        this.#troubles.raiseOrReword('outputFault', output, said);
      }
    }
  }

  #downText(): TroubleText {
    return { text: `Input ${this.#input} down`, detail: this.#detail };
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    if (this.#state !== 'up') return;
    this.#troubles.restore('inputDown', this.#input);
    for (const output of this.#outputs) {
      if (!this.#outputFaults.has(output)) this.#troubles.restore('outputFault', output);
    }
  }

  /** A signal came through, so an input whose driver has reported nothing works. */
  heard(): void {
    this.#heardMs = this.#context.now.monoMs;
    if (this.#state === 'up' && !this.#isReopening) return;
    if (this.#isReopening || this.#state === 'unknown' || this.#detail === UNHEARD) {
      this.health({ input: this.#input, state: 'up', detail: 'signals heard' });
    }
  }

  counters(counters: InputCounters): void {
    const changed = counters.framesRejected !== this.#counters.framesRejected;
    this.#counters = counters;
    const isOld = this.#context.now.monoMs - this.#publishedMs >= REFRESH_MS;
    if (changed || (isOld && counters.framesHeard !== this.#publishedFrames)) this.publish();
  }

  get #bridges(): readonly NonNullable<HeardThrough['bridge']>[] {
    return this.#heard.flatMap(({ bridge }) => bridge ?? []);
  }

  publish(): void {
    this.#publishedMs = this.#context.now.monoMs;
    this.#publishedFrames = this.#counters.framesHeard;
    const known = { state: this.#state, detail: this.#detail };
    const document = inputDocument(this.#input, known, this.#counters, this.#bridges);
    this.#context.publish({ kind: 'input', document });
  }
}

function outputsOf(input: string, { site }: Context): readonly string[] {
  return site.outputs.filter((output) => output.input === input).map(({ id }) => id);
}
