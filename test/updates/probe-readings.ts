import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';

const PROBE = fileURLToPath(new URL('./read-probe.ts', import.meta.url));

/** When a process read from its serial port first and last, CLOCK_MONOTONIC ms. */
interface Reading {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What the probes in the gateways' processes have noted. */
export class ProbeReadings {
  readonly #directory: string;
  readonly #module: string;

  constructor(directory: string) {
    this.#directory = join(directory, 'reads');
    this.#module = join(directory, 'read-probe.mjs');
    mkdirSync(this.#directory);
    writeFileSync(this.#module, transformSync(readFileSync(PROBE, 'utf8'), { loader: 'ts', format: 'esm' }).code);
  }

  get environment(): NodeJS.ProcessEnv {
    const options = `--max-semi-space-size=8 --import=${pathToFileURL(this.#module).href}`;
    return { CALLPOINT_READ_PROBE: this.#directory, NODE_OPTIONS: options };
  }

  /** @returns `undefined` if the process has read nothing */
  of(pid: number): Reading | undefined {
    try {
      const times = readFileSync(join(this.#directory, String(pid)));
      return times.length < 16 ? undefined : { firstMs: times.readDoubleLE(0), lastMs: times.readDoubleLE(8) };
    } catch {
      // It was killed before it opened its port.
      return undefined;
    }
  }
}
