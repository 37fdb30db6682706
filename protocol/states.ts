/** Known state of a point: a door contact, a bolt, a tamper switch. */
export type PointState = 'open' | 'closed' | 'locked' | 'unlocked' | 'tampered' | 'ok' | 'unknown';

/**
 * `secured`: closed and locked. `closed`: closed, and it is unknown whether it is locked. `forced`:
 * opened while locked. `heldOpen`: open for longer than allowed. `unknown` never counts as secured.
 */
export type DoorState = 'secured' | 'closed' | 'closedUnlocked' | 'open' | 'forced' | 'heldOpen' | 'unknown';

/**
 * `unsupervised`: the device gives no sign of life between events, so its loss would not be
 * detected.
 */
export type Supervised = 'unknown' | 'ok' | 'missing' | 'unsupervised';

/** State of a path or an input, as last proven. */
export type LinkState = 'unknown' | 'up' | 'down';

export type AlertState = 'raised' | 'sent' | 'acknowledged' | 'resolved' | 'cancelled';

/**
 * How bad a trouble is, in the words of ITU-T X.733 §8.1.2.3. `critical`: presses or alerts may not
 * get through, or one did not. `major`: one device does not do its work. `minor`: all of it still
 * works.
 */
export type TroubleSeverity = 'critical' | 'major' | 'minor';
