import type { Checker, CheckerDeps } from './checker.ts';
import { DrillsStayDrills } from './drills-stay-drills.ts';
import { NoAlertWithoutAPress } from './no-alert-without-a-press.ts';
import { NoHandIsMissed } from './no-hand-is-missed.ts';
import { NoPressIsLost } from './no-press-is-lost.ts';
import { NotConfirmedInTime } from './not-confirmed-in-time.ts';

/** Every promise that a life is checked for. */
export function allCheckers(deps: CheckerDeps): readonly Checker[] {
  return [
    new NoPressIsLost(deps),
    new NoHandIsMissed(deps),
    new NoAlertWithoutAPress(deps),
    new NotConfirmedInTime(deps),
    new DrillsStayDrills(deps),
  ];
}
