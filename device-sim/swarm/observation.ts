import type { Effect } from '../../gateway/core/effect.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import type { Site } from '../../gateway/core/site.ts';
import type { LifeEvent } from './life/life-shape.ts';

/** What can be seen of the world from outside: by people, at the wires, at the far ends. */
export type Observation =
  | { readonly type: 'input'; readonly input: CoreInput }
  | { readonly type: 'effect'; readonly effect: Effect }
  | { readonly type: 'event'; readonly event: LifeEvent }
  /**
   * Somebody pressed a button. `alert`: the id that its wire gives the press. `sure`: of a wire
   * that numbers nothing: a gateway that runs hears it.
   */
  | {
      readonly type: 'pressed';
      readonly device: string;
      readonly button: number;
      readonly alert?: string;
      readonly sure?: boolean;
    }
  | { readonly type: 'released'; readonly device: string; readonly button: number }
  /** The press was lost with its device, before the gateway could hear it. */
  | { readonly type: 'pressGone'; readonly alert: string; readonly why: string }
  /** Two nodes use its numbers, or it has lost them: what it says proves nothing of its presses. */
  | { readonly type: 'numbersLost'; readonly device: string }
  /** The wall shows what the gateway answered. */
  | { readonly type: 'wall'; readonly device: string; readonly alert: string; readonly status: string }
  | {
      readonly type: 'displayed';
      readonly path: string;
      /** Report id. */
      readonly report: string;
      readonly text: string;
      /** The desk says that it is a drill or a test. */
      readonly isExercise: boolean;
    }
  | { readonly type: 'answered'; readonly path: string; readonly how: string }
  /**
   * `isBlind`: the disk has not answered, and the records of earlier runs come later. `torn`: the
   * end of the last write was not whole.
   */
  | {
      readonly type: 'up';
      readonly site: Site;
      readonly session: number;
      readonly isBlind: boolean;
      readonly torn: boolean;
    }
  | { readonly type: 'reloaded'; readonly site: Site }
  /** Something is in the way of a changed configuration. */
  | { readonly type: 'reloadRefused'; readonly why: string }
  /** The gateway ended. Records that were not on the medium are gone. */
  | { readonly type: 'down'; readonly how: 'kill' | 'powerCut' | 'stop' }
  | { readonly type: 'stalled'; readonly forMs: number }
  /** Records are on the medium. `place`: of their directory among those of the journal. */
  | { readonly type: 'written'; readonly place: number }
  /** From now on nothing goes wrong any more. */
  | { readonly type: 'clear' };

export interface Observer {
  see(observation: Observation, nowMs: number): void;
}
