import type { Identity, NotUnderstood, UnknownSignal } from '../signal.ts';
import type { Device } from '../site.ts';
import type { DeviceFault } from './device-fault.ts';
import type { LimitedNotice } from './limited-notices.ts';
import { shown } from './shown-value.ts';

const PRESS_GAP_MS = 60_000;
const REFUSED_GAP_MS = 60_000;
const OTHER_GAP_MS = 3_600_000;

const WHY: Readonly<Record<UnknownSignal['reason'], string>> = {
  notEnrolled: 'address is not enrolled',
  notAuthentic: 'its key does not fit',
  notEncrypted: 'it has a key but spoke without it',
};

const NO_KEY = 'it is encrypted, and the configuration has no key of it';

/**
 * A frame that proves nothing about its sender. It is never an alert, and never dropped silently:
 * it is reported with all that is known.
 *
 * @param device the one that has the sender's address
 */
export function unknownSender(signal: UnknownSignal, device?: Device): LimitedNotice {
  const isPress = signal.says === 'press';
  const what = isPress ? 'Press from unknown device' : `Unknown device heard (${signal.says})`;
  const claims = device === undefined ? '' : `, which claims to be ${placeOf(device)}`;
  return {
    type: isPress ? 'unknownPress' : 'unknownDevice',
    subject: `${signal.input}.${signal.address}`,
    text: `${what}${claims}: input ${signal.input}, address ${signal.address}, ${whyOf(signal, device)}`,
    detail: senderOf(signal, device),
    gapMs: isPress ? PRESS_GAP_MS : OTHER_GAP_MS,
    ...(device === undefined ? {} : { place: device }),
  };
}

/** A message with the address of an enrolled device that may be a press, and fails its proof. */
export function unprovenPress(signal: UnknownSignal, device: Device): LimitedNotice {
  const what = signal.says === 'press' ? 'Press' : 'Message that may be a press';
  return {
    type: 'unknownPress',
    subject: `${signal.input}.${signal.address}`,
    text: `${what}, not accepted, claims to be ${placeOf(device)}: ${whyOf(signal, device)}`,
    detail: `${senderOf(signal, device)}; ${mend(signal, device)}`,
    gapMs: PRESS_GAP_MS,
    place: device,
  };
}

/** What is wrong with a device whose messages fail their proof, and what mends it. */
export function unprovenDevice(signal: UnknownSignal, device: Device): DeviceFault {
  // Without the numbers, which differ from message to message.
  const { identity: _, ...sender } = signal;
  const detail = `${senderOf(sender, device)}; ${mend(signal, device)}`;
  return { cause: `its messages are not accepted: ${whyOf(signal, device)}`, detail };
}

/** What is wrong with a device whose counter began anew, and what mends it. */
export function staleDevice(device: Device, identity: Identity): DeviceFault {
  const cause = 'its messages are not accepted: a recording, or its battery was changed';
  return { cause, detail: `they have old numbers, ${numbers(identity)}; ${enrol(device)}` };
}

function senderOf({ input, address, serial, reason, identity }: UnknownSignal, device?: Device): string {
  const its = serial === undefined ? '' : `, serial ${serial}`;
  const counted = identity === undefined ? '' : `, ${numbers(identity)}`;
  return `input ${input}, address ${address}${its}, ${whyOf({ reason }, device)}${counted}`;
}

function whyOf({ reason }: Pick<UnknownSignal, 'reason'>, device: Device | undefined): string {
  return lacksKey(reason, device) ? NO_KEY : WHY[reason];
}

/** The tag is encrypted, and the configuration says that it is not. */
function lacksKey(reason: UnknownSignal['reason'], device: Device | undefined): boolean {
  return reason === 'notAuthentic' && device !== undefined && device.keyFingerprint === undefined;
}

function mend({ reason }: UnknownSignal, device: Device): string {
  const { id } = device;
  const key = `write its key into keys.yaml under ${id} and reload the configuration`;
  if (lacksKey(reason, device)) return `remove encrypted: false of ${id}, ${key}`;
  return reason === 'notEncrypted' ? `switch its encryption on again, then ${key}` : key;
}

function enrol({ id }: Device): string {
  return `at the device, run: callpoint enrol ${id} --reason "new battery", then press it`;
}

function placeOf({ id, location }: Device): string {
  return `${id}, ${location.text}`;
}

/**
 * A press of an enrolled device that is not accepted, because its numbers are older than what was
 * heard. Somebody plays a recording, or the device has lost its memory: then every press of it
 * would be lost from now on.
 */
export function stalePress(input: string, device: Device, identity: Identity): LimitedNotice {
  const then = device.counterOnly ? enrol(device) : 'then give it a new key';
  return {
    type: 'stalePress',
    subject: device.id,
    text: `Press with old numbers, not accepted: ${placeOf(device)}: a recording, or the device lost its memory`,
    detail: `input ${input}, ${numbers(identity)}; ${then}`,
    gapMs: PRESS_GAP_MS,
    place: device,
  };
}

/** Where the configuration names the values of each. */
const NAMED_UNDER: Readonly<Record<NotUnderstood['of'], string>> = {
  button: 'add it under press:, or under release: if it is no press',
  counter: 'no press can be told from a repeat by it: correct counter:',
  point: 'add it under active: or normal:',
  availability: 'add it under online: or offline:',
  battery: 'add it under low: or normal:, or correct path:',
  lastSeen: 'it is no time: correct path:',
  payload: 'it is no JSON: correct topic: or the output format of the device',
};

/**
 * The device is known and says something that the configuration does not name. Of a button it may
 * be a press, and is reported as one that could not become an alert.
 */
export function notUnderstood(device: Device, { of, member, value }: NotUnderstood): LimitedNotice {
  const isPress = of === 'button';
  // Its value is what stood beside it.
  const said = of === 'counter' ? `${member} is missing or too long beside` : `${member} is`;
  const what = isPress ? 'Press not understood' : 'Message not understood';
  return {
    type: isPress ? 'pressNotUnderstood' : 'notUnderstood',
    subject: `${device.id}.${of}`,
    text: `${what}: ${placeOf(device)}`,
    detail: `${said} "${shown(value)}"; ${NAMED_UNDER[of]}`,
    gapMs: PRESS_GAP_MS,
    place: device,
  };
}

/**
 * A press with the number and content of the one before, after a pause. It is no press if the
 * device repeats its last message in beacon mode. If its battery was changed in the pause, its
 * numbers have begun anew, and it is one.
 */
export function repeatedPress(input: string, device: Device, afterMs: number): LimitedNotice {
  const seconds = Math.max(1, Math.round(afterMs / 1000));
  return {
    type: 'stalePress',
    subject: device.id,
    text: `Press heard again ${seconds} s later with the same number, not accepted: ${placeOf(device)}: if it was pressed, go there`,
    detail: `input ${input}; a device in beacon mode does that: write its heartbeatSeconds`,
    gapMs: PRESS_GAP_MS,
    place: device,
  };
}

/**
 * The time at which a bridge heard the device lies in the future. With such a clock a message that
 * is old looks new.
 */
export function bridgeAhead({ id, input, bridge }: Device, aheadMs: number): LimitedNotice {
  const whose = bridge === undefined ? `of input ${input}` : `behind ${bridge}`;
  return {
    type: 'bridgeClock',
    subject: `${input}.${bridge ?? id}`,
    text: `Clock of the bridge ${whose} is ${Math.round(aheadMs / 1000)} s ahead, as it says of ${id}`,
    detail: 'set the clock of its machine, or of this one',
    gapMs: OTHER_GAP_MS,
  };
}

/** The receiver of a path can process a report in none of the path's formats. */
export function refusedReport(path: string, text: string): LimitedNotice {
  return { type: 'pathRefuses', subject: path, text, gapMs: REFUSED_GAP_MS };
}

export function gatewayDefect(detail: string): LimitedNotice {
  const text = 'Defect in the gateway, which goes on';
  return { type: 'gatewayDefect', subject: 'gateway', text, detail, gapMs: OTHER_GAP_MS };
}

/** A press of a contact during the stall was not heard. A button bus node repeats its press. */
export function gatewayStoodStill(stoodMs: number): LimitedNotice {
  const text = `The gateway stood still for up to ${Math.round(stoodMs / 1000)} s, and may have missed what happened meanwhile`;
  return { type: 'gatewayStalled', subject: 'gateway', text, gapMs: OTHER_GAP_MS };
}

function numbers({ epoch, counter }: Identity): string {
  return `epoch ${epoch} counter ${counter}`;
}
