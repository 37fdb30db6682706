import { AlarmsAreTriedInTime } from './alarms-are-tried-in-time.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import { CommandsAreObeyedOnce } from './commands-are-obeyed-once.ts';
import { DrillsStayDrills } from './drills-stay-drills.ts';
import { LossesAreToldOnce } from './losses-are-told-once.ts';
import { NoAlertWithoutAPress } from './no-alert-without-a-press.ts';
import { NoHandIsMissed } from './no-hand-is-missed.ts';
import { NoPressIsLost } from './no-press-is-lost.ts';
import { NotConfirmedInTime } from './not-confirmed-in-time.ts';
import { QueuesAreBounded } from './queues-are-bounded.ts';

/** Every promise that a life is checked for. */
export function allCheckers(deps: CheckerDeps): readonly Checker[] {
  return [
    new NoPressIsLost(deps),
    new NoHandIsMissed(deps),
    new NoAlertWithoutAPress(deps),
    new NotConfirmedInTime(deps),
    new DrillsStayDrills(deps),
    new AlarmsAreTriedInTime(deps),
    new LossesAreToldOnce(deps),
    new QueuesAreBounded(deps),
    new CommandsAreObeyedOnce(deps),
  ];
}
