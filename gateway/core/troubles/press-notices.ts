import type { Device } from '../site.ts';
import type { LimitedNotice } from './limited-notices.ts';
import { shown } from './shown-value.ts';

const GAP_MS = 60_000;
const SELDOM_GAP_MS = 3_600_000;

/*
 * A press is in doubt. It became an alert and may be old, or it became none and may be a press. All
 * of these go to the receivers, so that somebody goes there.
 */

/**
 * The alert is there. Devices publish their last event again, so this one may have been made while
 * the gateway could not hear it.
 */
export function oldPress(device: Device, button: string): LimitedNotice {
  const why = 'it is the first since the gateway can hear the button, and may have been made before';
  return inDoubt(device, button, ['old', 'Press of unknown age'], why, GAP_MS);
}

/** The broker had kept a press that the gateway never heard. */
export function retainedPress(device: Device, button: string, value: string): LimitedNotice {
  const why = 'no alert was raised, so go there';
  const detail = `the broker had kept "${shown(value)}", and nothing says since when`;
  return { ...inDoubt(device, button, ['retained', 'Button pressed at an unknown time'], why, GAP_MS), detail };
}

/** Pressed, released and pressed within 100 ms. */
export function bouncedPress(device: Device, button: string): LimitedNotice {
  const why = 'it was released for less than 100 ms, so no further alert was raised';
  return inDoubt(device, button, ['bounced', 'Press taken for bouncing'], why, SELDOM_GAP_MS);
}

/** Nothing would tell a press from the repeats. */
export function endlessPress(device: Device, button: string): LimitedNotice {
  const why = 'it has said the same press for a minute, and a new one cannot be told from it';
  const notice = inDoubt(device, button, ['endless', 'Button repeats itself'], why, SELDOM_GAP_MS);
  return { ...notice, detail: 'if its messages have a counter, name it under counter:' };
}

/** A counter that wraps or begins anew may have come to the same number again. */
export function lateRepeat(device: Device, button: string): LimitedNotice {
  const why = 'its last event came again after a silence, with the same number, and no alert was raised';
  return inDoubt(device, button, ['repeat', 'Press taken for a repeat'], why, SELDOM_GAP_MS);
}

function inDoubt(
  device: Device,
  button: string,
  [doubt, what]: readonly [doubt: string, what: string],
  why: string,
  gapMs: number,
): LimitedNotice {
  const zone = [...device.buttons.values()].find(({ id }) => id === button)?.zone ?? device.zone;
  return {
    type: 'pressInDoubt',
    // One doubt must not keep another from being reported.
    subject: `${device.id}.${button}.${doubt}`,
    text: `${what}: ${device.id} ${button}, ${device.location.text}: ${why}`,
    gapMs,
    place: { zone, area: device.area },
  };
}
