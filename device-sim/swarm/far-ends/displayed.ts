import type { Report } from '../../../gateway/core/report.ts';
import type { Network } from './network.ts';

/** A far end that shows a report as it was given to the link. */
export function displayed({ deps, id }: Network, report: Report): void {
  deps.observe({
    type: 'displayed',
    path: id,
    report: report.id,
    text: report.text,
    isExercise: report.exercise !== undefined,
  });
}
