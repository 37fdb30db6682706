import type { NodeBoard, NodeContacts } from '../../../protocol/node-service/node-answers.ts';
import type { ShownNode } from './node-dialogue.ts';

/** A node as `--json` shows it. */
export function nodeDocument({ board, bauds, state, settings }: ShownNode, contacts: NodeContacts): object {
  return {
    board: boardDocument(board),
    bauds,
    state: {
      settings: state.settings,
      epoch: state.epoch ?? null,
      supply_millivolts: state.supplyMillivolts ?? null,
      battery_millivolts: state.batteryMillivolts ?? null,
    },
    settings: Object.fromEntries([...settings].map(([name, value]) => [name.replaceAll('-', '_'), value])),
    contacts: { cover_on: contacts.isCoverOn, buttons: contacts.buttons, points: contacts.points },
  };
}

export function boardDocument({ name, protocol, firmware, buttonsMax, pointsMax }: NodeBoard): object {
  return { name, protocol, firmware, buttons_max: buttonsMax, points_max: pointsMax };
}
