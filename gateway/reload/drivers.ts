import type { InputSettings, PathSettings } from '../config/settings.ts';
import { known } from '../core/invariant.ts';
import type { InputDriver, InputSink } from '../inputs/input-driver.ts';
import type { PathDriver, PathSink } from '../paths/path-driver.ts';
import { type Gated, gatedInput, gatedPath } from './gate.ts';
import { LatePath } from './late-path.ts';

interface DriversDeps {
  input(settings: InputSettings, sink: InputSink): InputDriver;
  path(settings: PathSettings, sink: PathSink): PathDriver;
  readonly inputSink: InputSink;
  readonly pathSink: PathSink;
  /** A driver that takes longer to stop is left behind. Default 3,000 ms. */
  readonly stopMs?: number;
}

const STOP_MS = 3_000;
/** Their ports can be open once only. */
const HAVE_PORTS: ReadonlySet<PathSettings['driver']> = new Set<PathSettings['driver']>(['radio', 'sms', 'tap']);

/** The drivers that run, and how a reload exchanges some of them one by one. */
export class Drivers {
  readonly inputs = new Map<string, InputDriver>();
  readonly paths = new Map<string, PathDriver>();
  readonly #deps: DriversDeps;
  readonly #inputKinds = new Map<string, InputSettings['driver']>();
  readonly #gates = new Map<InputDriver | PathDriver, Pick<Gated<unknown>, 'close'>>();
  readonly #haveStarted = new Set<PathDriver>();

  constructor(deps: DriversDeps) {
    this.#deps = deps;
  }

  /** @param opened its input is up */
  addInput(settings: InputSettings, opened: () => void = () => undefined): InputDriver {
    const { sink, close } = gatedInput(this.#deps.inputSink, opened);
    const driver = this.#deps.input(settings, sink);
    this.inputs.set(settings.id, driver);
    this.#inputKinds.set(settings.id, settings.driver);
    this.#gates.set(driver, { close });
    return driver;
  }

  get openInputs(): Pick<InputSettings, 'id' | 'driver'>[] {
    return [...this.#inputKinds].map(([id, driver]) => ({ id, driver })).filter(({ id }) => this.isRunning(id));
  }

  /** False for an input that was stopped and not made anew. */
  isRunning(input: string): boolean {
    const driver = this.inputs.get(input);
    return driver !== undefined && this.#gates.has(driver);
  }

  /** Started by the caller, except one that has to wait for a port. */
  addPath(settings: PathSettings, portsFree?: Promise<unknown>): PathDriver {
    const { sink, close } = gatedPath(this.#deps.pathSink);
    const made = this.#deps.path(settings, sink);
    const driver = portsFree === undefined || !HAVE_PORTS.has(settings.driver) ? made : new LatePath(made);
    this.paths.set(settings.id, driver);
    this.#gates.set(driver, { close });
    if (driver === made) return driver;
    this.#haveStarted.add(driver);
    void portsFree?.then(() => this.paths.get(settings.id) === driver && driver.start());
    return driver;
  }

  startPath(driver: PathDriver): void {
    if (!this.#haveStarted.delete(driver)) driver.start();
  }

  /** What the driver says until it has stopped still counts. */
  async stopInput(id: string): Promise<void> {
    const driver = known(this.inputs, id, 'input');
    await this.#atMost(driver.stop());
    this.#closeGate(driver);
  }

  /** What the driver says from now on belongs to attempts that are gone. */
  removePath(id: string): Promise<void> {
    const driver = known(this.paths, id, 'path');
    this.#closeGate(driver);
    this.paths.delete(id);
    return this.#atMost(driver.stop());
  }

  #closeGate(driver: InputDriver | PathDriver): void {
    this.#gates.get(driver)?.close();
    this.#gates.delete(driver);
  }

  async #atMost(stopping: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#deps.stopMs ?? STOP_MS);
    });
    // A driver that fails to stop is left behind like one that hangs.
    await Promise.race([stopping.catch(() => undefined), late]);
    clearTimeout(timer);
  }
}
