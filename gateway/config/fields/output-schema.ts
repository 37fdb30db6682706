import type * as z from 'zod';
import { choice, flag, id, mapping, place } from './fields.ts';

/**
 * An entry under `outputs:` for a relay or LED on an input of one driver: the common fields, and
 * how this driver reaches it.
 */
export function outputSchema<T extends z.ZodRawShape>(own: T, example: string) {
  return mapping(
    {
      id: id('Name of the output, for example trouble-relay.'),
      input: id('Input that switches it.'),
      ...own,
      type: choice(['relay', 'led'], 'relay or led.'),
      shows: choice(
        ['trouble', 'alarm', 'notConfirmed', 'lockdown', 'drill', 'canary'],
        'trouble: any trouble stands. alarm: an alert is open. notConfirmed: an open alert was not acknowledged in time. lockdown: an alert of a lockdown kind is open, for locks. drill: a drill runs. canary: for the canary press.',
      ),
      building: place('Only alerts of this building count; default: alerts of all buildings.').optional(),
      drills: flag('Alerts of drills count as well. Default true.').default(true),
      normallyEnergised: flag(
        'On while there is nothing to show, so that a loss of power shows too. Default: true for a relay that shows trouble.',
      ).optional(),
      silentKinds: flag(
        'Alerts of silent kinds count too: only for outputs that nobody in the rooms can see or hear. Default false.',
      ).default(false),
    },
    example,
  );
}

/** An output on a pin of a board. */
export function pinOutputSchema<P extends z.ZodType>(pin: P) {
  const activeLow = flag('The board switches it on at a low level. Default false.').default(false);
  return outputSchema(
    { pin, activeLow },
    '{ id: trouble-relay, input: header, pin: GPIO5, type: relay, shows: trouble }',
  );
}
