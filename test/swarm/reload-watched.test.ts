import { expect, test } from 'vitest';
import { loadSettings } from '../../device-sim/swarm/life/load-settings.ts';
import { makePaths } from '../../device-sim/swarm/make/make-paths.ts';
import { makeZigbee } from '../../device-sim/swarm/make/make-sensors.ts';
import { SiteDraft } from '../../device-sim/swarm/make/site-draft.ts';
import { Streams } from '../../device-sim/swarm/streams.ts';
import { settingsChanges } from '../../gateway/reload/settings-changes.ts';

test('the broker is asked again for the availability of a device that begins anew', () => {
  const random = new Streams(1).of('site');
  const draft = new SiteDraft(random);
  makeZigbee(draft, random);
  makePaths(draft, random);
  const files = draft.files();
  const changed = structuredClone(files);
  const { devices } = changed.site as { devices: { missedHeartbeats?: number }[] };
  const [device] = devices;
  Object.assign(device ?? {}, { missedHeartbeats: 5 });
  const steps = settingsChanges(loadSettings(files), loadSettings(changed), () => true);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  expect(step.value.updated).toEqual(['mqtt-1']);
});
