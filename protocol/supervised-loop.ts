/**
 * The place of an end-of-line resistor in the loop. The pull-up to the supply has the resistor's
 * own value R.
 */
export type LoopWiring = 'endOfLine' | 'doubleEndOfLine';

/**
 * `active`: the contact's abnormal state, e.g. pressed. `cut`: the cable is broken. `short`: its
 * cores touch.
 */
export type LoopState = 'normal' | 'active' | 'cut' | 'short';

interface Band {
  readonly state: LoopState;
  /** Upper end of the band as a ratio of the supply. A band begins where the one before it ends. */
  readonly below: number;
}

/**
 * Limits half-way between neighbouring readings: with R everywhere a loop of 0, R, 2R, ∞ ohm reads
 * 0, 1/2, 2/3, 1 of the supply. Resistors of 5 % move 1/2 by 0.025 and 2/3 by 0.023.
 */
const BANDS: Readonly<Record<LoopWiring, readonly Band[]>> = {
  // R is across a normally open contact. A shorted cable looks like a press and counts as one.
  endOfLine: [
    { state: 'active', below: 1 / 4 },
    { state: 'normal', below: 3 / 4 },
    { state: 'cut', below: Infinity },
  ],
  // One R is in series with a normally closed contact and one is across it.
  doubleEndOfLine: [
    { state: 'short', below: 1 / 4 },
    { state: 'normal', below: 7 / 12 },
    { state: 'active', below: 5 / 6 },
    { state: 'cut', below: Infinity },
  ],
};

/**
 * Distance beyond its band, as a share of the limit, at which a state ends: noise of 5 % on a
 * reading changes nothing.
 */
const HYSTERESIS = 0.05;

/**
 * Returns the meaning of a loop's reading.
 * @param ratio measured voltage by supply voltage, 0…1; NaN counts as cut
 * @param last meaning of the reading before it; absent for the first
 */
export function loopState(wiring: LoopWiring, ratio: number, last?: LoopState): LoopState {
  let from = -Infinity;
  let state: LoopState = 'cut';
  for (const band of BANDS[wiring]) {
    if (band.state === last && ratio >= from * (1 - HYSTERESIS) && ratio < band.below * (1 + HYSTERESIS)) return last;
    if (ratio >= from && ratio < band.below) state = band.state;
    from = band.below;
  }
  return state;
}
