import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayNeeds } from '../site/wire.ts';
import type { Faults } from './fault-preload.ts';

/** The same names as in `fault-preload.ts`, which acts as soon as it is loaded. */
const CONTROL_VARIABLE = 'CALLPOINT_SIM_FAULTS';
const DISK_VARIABLE = 'CALLPOINT_SIM_DISK';

/** Steps of a gateway's wall clock, and its full or slow disk. */
export class GatewayFaults {
  readonly needs: GatewayNeeds;
  readonly #control: string;
  #faults: Faults = { clockMs: 0, disk: 'normal' };

  /** @param directory of the run; the disk is the one of `data` in it */
  constructor(directory: string) {
    this.#control = join(directory, 'faults.json');
    this.#write();
    const loader = join(directory, 'load-faults.mjs');
    writeFileSync(loader, loaderText());
    // Threads that are started with arguments of their own still read this variable.
    const { NODE_OPTIONS } = process.env;
    const options = [NODE_OPTIONS, `--import ${JSON.stringify(loader)}`];
    this.needs = {
      nodeArguments: [],
      environment: {
        NODE_OPTIONS: options.filter((each) => each !== undefined).join(' '),
        [CONTROL_VARIABLE]: this.#control,
        [DISK_VARIABLE]: join(directory, 'data'),
      },
    };
  }

  /** @param clockMs what the clock is ahead of the right time */
  setClock(clockMs: number): void {
    this.#faults = { ...this.#faults, clockMs };
    this.#write();
  }

  get clockMs(): number {
    return this.#faults.clockMs;
  }

  setDisk(disk: Faults['disk']): void {
    this.#faults = { ...this.#faults, disk };
    this.#write();
  }

  /** At once as a whole: the gateway may read it now. */
  #write(): void {
    writeFileSync(`${this.#control}.new`, JSON.stringify(this.#faults));
    renameSync(`${this.#control}.new`, this.#control);
  }
}

/** The compiled module, or the source under tsx, which a thread does not inherit. */
function loaderText(): string {
  const here = import.meta.url;
  const module = (ending: string) => JSON.stringify(new URL(`./fault-preload${ending}`, here).href);
  if (!here.endsWith('.ts')) return `await import(${module('.js')});\n`;
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return `import { register } from ${tsx};\nconst off = register();\nawait import(${module('.ts')});\nawait off();\n`;
}
