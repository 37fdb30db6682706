import { CallpointError } from '../../protocol/errors.ts';
import { SIM_COMMAND } from '../command-name.ts';
import type { FarEnds } from '../site/far-ends.ts';
import { describeShown, onShown, shownEvent } from './describe-shown.ts';
import type { Say } from './output.ts';

/**
 * Says which far ends there are, and then what happens at each.
 * @throws CallpointError CONFIG_INVALID if there are none
 */
export function tellFarEnds(file: string, ends: FarEnds, say: Say): (path: string, how: string) => void {
  const width = Math.max(0, ...[...ends.all, ...ends.unplayed].map(({ path }) => path.length));
  const line = (path: string, text: string) => `${path.padEnd(width)}  ${text}`;
  for (const { path, driver, what } of ends.all) say(line(path, what), { event: 'simulated', path, driver, what });
  for (const { path, driver, why } of ends.unplayed) {
    say(line(path, `not simulated (${driver}): ${why}`), { event: 'notSimulated', path, driver, why });
  }
  const [first] = ends.all;
  if (first === undefined) throw new CallpointError('CONFIG_INVALID', `${file}: no path can be simulated here`);
  onShown(ends.all, (paths, shown) => say(line(paths.join(', '), describeShown(shown)), shownEvent(paths, shown)));
  say(`Make one misbehave:  ${SIM_COMMAND} behave ${first.path} hang --site ${file}`, {
    event: 'serving',
    paths: ends.all.map(({ path }) => path),
  });
  return (path, how) => say(line(path, `behaves: ${how}`), { event: 'behaves', path, how });
}
