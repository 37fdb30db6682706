import { after, earlier, type MonoMs } from '../../../protocol/clocks.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Context } from '../context.ts';
import type { Exercise } from '../report.ts';
import type { Button, Device } from '../site.ts';
import type { WalkTests } from '../walk-test/walk-tests.ts';
import { walkTestSettings } from '../walk-test-settings.ts';
import type { Drills } from './drills.ts';

interface ExercisesDeps {
  readonly drills: Pick<Drills, 'covers' | 'coversFrom'>;
  readonly walkTests: Pick<WalkTests, 'covers' | 'isTest' | 'noteUse'>;
  /** How old a press of the device may be that is heard now; `undefined`: it is fresh. */
  ageSecondsMax(device: string): number | undefined;
}

/**
 * Decides whether a press is an exercise: of a drill or of a walk test. The exercise must cover the
 * whole use of the button. In doubt the press is real.
 */
export class Exercises {
  readonly #context: Pick<Context, 'site' | 'now'>;
  readonly #deps: ExercisesDeps;

  constructor(context: Pick<Context, 'site' | 'now'>, deps: ExercisesDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /**
   * What a use of this button is that begins now, as far as its beginning tells. The site refuses a
   * walk test and a drill of one place. Should the configuration bring them together, it is a
   * drill: that tells the receivers more.
   */
  ofBeginning(device: Device, button: Button, capturedMs: MonoMs): Exercise | undefined {
    const { drills, walkTests } = this.#deps;
    if (drills.coversFrom(device, this.#earliestMs(device, capturedMs))) return 'drill';
    return walkTests.isTest(device, button, capturedMs) ? 'test' : undefined;
  }

  /** The press may have waited for its line, or for a gateway that stood still. */
  #earliestMs({ id }: Device, capturedMs: MonoMs): MonoMs {
    const ageSeconds = this.#deps.ageSecondsMax(id) ?? 0;
    return earlier(capturedMs, after(this.#context.now.monoMs, -ageSeconds * 1000));
  }

  /** A use of this button has begun. */
  noteUse(device: Device, button: Button, capturedMs: MonoMs): void {
    this.#deps.walkTests.noteUse(device, button, capturedMs);
  }

  /** What a use of the button that began as `began` is, now that its pattern is known. */
  of(device: Device, pattern: PressPattern, began: Exercise | undefined): Exercise | undefined {
    const { drills, walkTests } = this.#deps;
    const { site } = this.#context;
    if (began === 'drill') return drills.covers(device) && !site.drillOverride.has(pattern) ? began : undefined;
    if (began !== 'test' || walkTestSettings(site).realPatterns.has(pattern)) return undefined;
    return walkTests.covers(device) ? began : undefined;
  }
}
