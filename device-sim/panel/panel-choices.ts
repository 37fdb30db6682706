import { aboutBehaviour } from '../cli/behaviours-help.ts';
import { MANNERS } from '../mqtt/manners.ts';
import { FAR_END_BEHAVIOURS, type FarEnd } from '../site/far-end.ts';
import type { SimulatedSite } from '../site/site-file.ts';
import type { Overlay } from './panel-ui.ts';

const HOW = 'How does it behave: ';

export const HELP: Overlay = {
  title: 'Keys',
  selected: 0,
  items: [
    { name: 'Up, Down', about: 'select a device; PgUp, PgDn, Home and End go further' },
    { name: 'Tab', about: 'go to the wires, to the far ends and back; Up and Down scroll there' },
    { name: 'p, Enter', about: 'press the first button of the device; 1 to 9 press the others' },
    { name: 'l', about: 'a long press of the first button' },
    { name: 'h', about: 'hold the first button, and release it' },
    { name: 'd', about: 'open the door, and close it' },
    { name: 'k', about: 'unlock the door, and lock it' },
    { name: 'c', about: "cut the cable of the device's input, and mend it; a bridge or radio loses its connection" },
    {
      name: 'j',
      about: "jam the device's input with noise: bytes on a line, a transmitter beside a radio; and end it",
    },
    { name: 'b', about: 'make a far end or the devices of an MQTT input misbehave, or behave as they should' },
    { name: 'q, Ctrl-C', about: 'end everything that this command has started' },
    { name: 'LED', about: 'what the wall shows: heard by the gateway, sent, accepted (green), not confirmed (red)' },
    { name: 'ms', about: 'time from the press to the first byte of its alert at the far end' },
  ],
};

/** Everything that can misbehave. */
export function whoMisbehaves(ends: readonly FarEnd[], { inputs }: SimulatedSite): Overlay {
  const bridges = inputs.filter(({ driver }) => driver === 'mqtt');
  return {
    title: 'Who misbehaves',
    typed: '',
    selected: 0,
    items: [
      ...ends.map(({ path, what }) => ({ name: path, about: what })),
      ...bridges.map(({ id }) => ({ name: id, about: 'its MQTT devices and bridges' })),
    ],
  };
}

/** The ways of one of them. */
export function howItBehaves(name: string, end: FarEnd | undefined): Overlay {
  const items =
    end === undefined
      ? Object.entries(MANNERS).map(([manner, about]) => ({ name: manner, about }))
      : [...FAR_END_BEHAVIOURS, ...end.ownBehaviours].map((how) => ({
          name: how,
          about: aboutBehaviour(end.driver, how),
        }));
  return { title: HOW + name, typed: '', selected: 0, items };
}

/** Whose ways were listed under this title. */
export function whoseWays(title: string): string | undefined {
  return title.startsWith(HOW) ? title.slice(HOW.length) : undefined;
}
