import '../../protocol/clocks.ts';

/** Tests state the times of both clocks as plain numbers. */
declare module '../../protocol/clocks.ts' {
  interface PlainTimes {
    readonly inTests: true;
  }
}
