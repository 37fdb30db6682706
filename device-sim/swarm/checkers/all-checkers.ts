import { AlarmsAreTriedInTime } from './alarms-are-tried-in-time.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import { CommandsAreObeyedOnce } from './commands-are-obeyed-once.ts';
import { DrillsEnd } from './drills-end.ts';
import { DrillsStayDrills } from './drills-stay-drills.ts';
import { EndFollowsAlarm } from './end-follows-alarm.ts';
import { NoAlertWithoutAPress } from './no-alert-without-a-press.ts';
import { NoHandIsMissed } from './no-hand-is-missed.ts';
import { NoPressIsLost } from './no-press-is-lost.ts';
import { NotConfirmedInTime } from './not-confirmed-in-time.ts';
import { OneAlertEach } from './one-alert-each.ts';
import { QueuesAreBounded } from './queues-are-bounded.ts';
import { SurvivesARestart } from './survives-a-restart.ts';
import { TriedInTime } from './tried-in-time.ts';
import { TroublesTold } from './troubles-told.ts';
import { WallsShowWhatIsTrue } from './walls-show-what-is-true.ts';

/** Every promise that a life is checked for. */
export function allCheckers(deps: CheckerDeps): readonly Checker[] {
  return [
    new NoPressIsLost(deps),
    new NoHandIsMissed(deps),
    new NoAlertWithoutAPress(deps),
    new NotConfirmedInTime(deps),
    new DrillsStayDrills(deps),
    new DrillsEnd(deps),
    new OneAlertEach(deps),
    new WallsShowWhatIsTrue(deps),
    new TriedInTime(deps),
    new AlarmsAreTriedInTime(deps),
    new EndFollowsAlarm(deps),
    new SurvivesARestart(deps),
    new TroublesTold(deps),
    new QueuesAreBounded(deps),
    new CommandsAreObeyedOnce(deps),
  ];
}
