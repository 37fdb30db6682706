import type { Random } from '../../random.ts';
import { pick, wholeBetween } from '../streams.ts';
import { chance, hexKey } from './draw.ts';
import type { SiteDraft } from './site-draft.ts';

const HEARTBEATS = [300, 1800, 3600] as const;
const NODES_MAX = 3;

/** A serial line of wall nodes. */
export function makeBusInput(draft: SiteDraft, random: Random): void {
  const id = `bus-${draft.inputs.length + 1}`;
  draft.inputs.push({ id, driver: 'button-bus', port: `/dev/serial/by-id/${id}` });
  const heartbeatSeconds = pick(random, HEARTBEATS);
  for (let address = 1; address <= wholeBetween(random, 1, NODES_MAX); address++) {
    const device = `wb-${draft.devices.length + 1}`;
    draft.deviceKeys[device] = hexKey(random, 16);
    const zone = draft.zone();
    draft.devices.push({
      ...{ id: device, input: id, address, heartbeatSeconds, zone },
      location: draft.location(),
      buttons: [
        { id: 'button-1', number: 0, kind: 'intruder', zone },
        { id: 'button-2', number: 1, kind: pick(random, ['hold-up', 'medical', 'fire']), zone, longPress: 'intruder' },
      ],
      ...(chance(random, 0.5) && {
        points: [
          { id: 'door', number: 0, type: 'doorContact', zone },
          { id: 'bolt', number: 1, type: 'bolt', zone },
        ],
      }),
    });
  }
}
