import type { Device, Path, Site } from '../../gateway/core/site.ts';
import { MINUTE, school } from './school.ts';
import { device, inTurn, path } from './site.ts';
import type { World } from './world.ts';

/** What may be edited. */
export interface SiteEdits {
  readonly paths: readonly Path[];
  /**
   * A path that comes and goes. A report that only this path had is not taken back when it is gone.
   */
  readonly comesAndGoes?: Path;
}

type Below = (limit: number) => number;

/** Edits the site at random a few times within the next seconds, and reloads it. */
export function reloadSometimes(world: World, edits: SiteEdits, below: Below): void {
  for (let time = below(4); time > 0; time--) {
    world.clock.after(world.random() * 5000, () => {
      const inputs = below(4) === 0 ? ['bus-1'] : [];
      const paths = below(4) === 0 ? [edits.paths[below(edits.paths.length)]?.id ?? ''] : [];
      if (world.reload(edited(edits, below), { inputs, paths }).length === 0) world.reloads += 1;
    });
  }
}

/** Back to the site that it began with, as soon as nothing is in the way. */
export function endReloads(world: World, { paths }: SiteEdits): void {
  for (let tries = 0; world.core === undefined || world.reload(school(paths)).length > 0; tries++) {
    if (tries > 600) throw new Error('the reload is refused for ever');
    world.run(MINUTE / 60);
  }
}

/** Presses of every node remain alerts, whatever is edited. */
function edited({ paths, comesAndGoes }: SiteEdits, below: Below): Site {
  const often = (): boolean => below(3) === 0;
  const carriers = [...paths, ...(comesAndGoes !== undefined && often() ? [comesAndGoes] : [])].map((each) =>
    often() ? { ...each, parallel: 1 + below(4), attemptTimeoutMs: 3000 + 500 * below(4) } : each,
  );
  const base = school(carriers);
  const devices = [...base.devices.values()].map((each) => editedDevice(each, below));
  const more = Array.from({ length: below(3) }, (_, at) => device(201 + at, { heartbeatMs: 3_600_000 }));
  const door = { id: 'door-101', name: 'Rm 101', building: 'A', zone: 1, area: 0 };
  return {
    ...base,
    name: `Simulated school ${below(9)}`,
    devices: new Map([...devices, ...more].map((each) => [each.id, each])),
    doors: often() ? [{ ...door, contact: { device: 'wb-101', point: 0 } }] : [],
    plan: inTurn(often() ? carriers.toReversed() : carriers, 2000 + 500 * below(4)),
    deadlines: { ...base.deadlines, notConfirmedMs: 8000 + 1000 * below(4) },
  };
}

/** Some get another name, some another heartbeat: those begin anew. */
function editedDevice(each: Device, below: Below): Device {
  const how = below(6);
  if (how === 0) return { ...each, location: { ...each.location, text: `Annex, Rm ${each.location.room}` } };
  return how === 1 ? { ...each, missedHeartbeats: 4 } : each;
}

/** A radio path beside the others. */
export const RADIO = path('radio', { parallel: 1 });
