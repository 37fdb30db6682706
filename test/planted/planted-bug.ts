import type { SourcePatch } from '../rig/source-patch.ts';

/** A mistake that a programmer could make, planted in the sources of one bundle. */
export interface PlantedBug extends SourcePatch {
  /** What is wrong, and which promise that breaks. */
  readonly wrong: string;
}
