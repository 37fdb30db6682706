import { quantiles } from '../rig/quantiles.ts';
import type { Loops } from './loops.ts';
import { ProcessFigures, type Sample } from './samples.ts';
import type { Parts } from './stand.ts';

const TOLD_EVERY_MS = 60_000;

/** Takes a sample at a fixed interval and prints the latest one every minute. */
export class Sampler {
  readonly samples: Sample[] = [];
  /** Times from fair presses to their first byte at a receiver, ms. */
  readonly latencies: number[] = [];
  readonly #parts: Parts;
  readonly #process: ProcessFigures;
  readonly #beganMs = performance.now();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#process = new ProcessFigures(parts.gateway.pid, parts.site.data);
  }

  /** Time since the run began. */
  get seconds(): number {
    return (performance.now() - this.#beganMs) / 1000;
  }

  begin(loops: Loops, everyS: number, progress: (line: string) => void): void {
    loops.start(async (pause) => {
      for (let due = everyS; ; due += everyS) {
        await pause(Math.max(0, (due - this.seconds) * 1000));
        this.#take();
      }
    });
    loops.start(async (pause) => {
      for (;;) {
        await pause(TOLD_EVERY_MS);
        progress(this.#words());
      }
    });
  }

  #take(): void {
    const { ledger, probe } = this.#parts;
    const latencies = ledger.takeLatencies();
    this.latencies.push(...latencies);
    this.samples.push({
      atS: this.seconds,
      ...this.#process.read(),
      isolates: Object.fromEntries(probe.latest),
      firstByteMs: quantiles(latencies),
      openAlerts: ledger.open().length,
      unsettled: ledger.unsettled.length,
    });
  }

  #words(): string {
    const last = this.samples.at(-1);
    if (last === undefined) return 'no sample yet';
    const { main } = last.isolates;
    return [
      `${fixed(this.seconds / 60, 0).padStart(3)} min`,
      `${fixed(last.residentMb)} + ${fixed(last.childResidentMb)} MB`,
      `heap ${fixed(main?.heap.used)}`,
      `${last.descriptors} fd`,
      `disk ${fixed(last.diskMb)} MB`,
      `loop p99 ${fixed(main?.p99Ms)} max ${fixed(main?.maxMs)} ms`,
      `first byte p50 ${fixed(last.firstByteMs.p50)} ms`,
      `CPU ${fixed(last.cpuPercent, 0)} %`,
      `${this.#parts.ledger.presses.length} presses, ${last.unsettled} not acknowledged, ${last.openAlerts} open`,
    ].join('  ');
  }
}

function fixed(value: number | undefined, digits = 1): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}
