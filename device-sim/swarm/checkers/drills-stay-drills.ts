import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

const EXERCISE_TEXT = /^(DRILL|TEST)\b/;

/** Promise 6: a drill says so on every link, and never goes over a path for real alerts only. */
export class DrillsStayDrills implements Checker {
  readonly promise = 'drills are drills end to end';
  readonly #deps: CheckerDeps;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation): void {
    const { ledger, broken } = this.#deps;
    if (observation.type === 'effect' && observation.effect.type === 'send') {
      const { report, path } = observation.effect.attempt;
      if (report === undefined) return;
      const isLiveOnly = ledger.site?.paths.find(({ id }) => id === path)?.liveOnly === true;
      if (report.exercise !== undefined && isLiveOnly)
        broken(this.promise, `${report.id} is a ${report.exercise} and was sent on ${path}, which is live only`);
      if ((report.exercise !== undefined) !== EXERCISE_TEXT.test(report.text))
        broken(this.promise, `the text of ${report.id} does not fit: ${report.text}`);
    } else if (observation.type === 'displayed') {
      const report = ledger.reports.get(observation.report);
      const isExercise = report?.exercise !== undefined;
      if (report !== undefined && isExercise !== observation.isExercise)
        broken(
          this.promise,
          `${report.id} is ${isExercise ? '' : 'not '}an exercise, and ${observation.path} displays otherwise`,
        );
    }
  }
}
