import { Ports } from '../fields/ports.ts';
import type { View } from '../read/view.ts';
import { checkAreas } from './check-areas.ts';
import { checkDevices } from './check-devices.ts';
import { checkDoors } from './check-doors.ts';
import { checkInputs } from './check-inputs.ts';
import { checkKinds } from './check-kinds.ts';
import { checkLatin } from './check-latin.ts';
import { checkMqtt } from './check-mqtt.ts';
import { checkPaths } from './check-paths.ts';
import { checkPlaces } from './check-places.ts';
import { checkCanary, checkPlan } from './check-plan.ts';

/**
 * Checks everything that spans several fields of `site.yaml`, as far as the file can be understood.
 */
export function checkSiteFile(site: View): void {
  const places = checkPlaces(site);
  const kinds = checkKinds(site);
  const ports = new Ports();
  checkDevices(site, places, kinds, checkInputs(site, ports));
  checkAreas(site);
  checkDoors(site, places);
  checkPlan(site, kinds, checkPaths(site, ports));
  checkCanary(site);
  checkLatin(site);
  checkDeadlines(site);
  checkMqtt(site.child('mqtt'));
  const journal = site.child('journal');
  const second = journal.text('secondDirectory');
  if (second !== undefined && second === (journal.text('directory') ?? 'journal')) {
    journal.wrong(
      'secondDirectory',
      'the second directory is the first',
      'name one on another disk, or remove the line',
    );
  }
}

function checkDeadlines(site: View): void {
  const deadlines = site.child('deadlines');
  const next = deadlines.number('nextPathSeconds') ?? 3;
  const notConfirmed = deadlines.number('notConfirmedSeconds') ?? 10;
  if (next >= notConfirmed) {
    const key = deadlines.has('nextPathSeconds') ? 'nextPathSeconds' : 'notConfirmedSeconds';
    const message = `the next path would start after ${next} s, not before NOT CONFIRMED at ${notConfirmed} s`;
    deadlines.wrong(key, message, 'make nextPathSeconds smaller than notConfirmedSeconds, such as 3 and 10');
  }
}
