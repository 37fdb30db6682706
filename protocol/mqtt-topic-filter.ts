/**
 * MQTT topic filters (MQTT 3.1.1 §4.7): `+` is one level, `#` at the end any number of levels,
 * including the parent level.
 */

const FILTER_LENGTH_MAX = 512;
/** The broker library accepts no more levels. */
const LEVELS_MAX = 100;
/** Topics of the gateway, and of brokers. */
const RESERVED = ['callpoint/v1/#', '$SYS/#'];

/**
 * Returns true if `granted` also matches every topic that `filter` matches. A topic is a filter
 * without wildcards.
 */
export function covers(granted: string, filter: string): boolean {
  const wide = granted.split('/');
  const narrow = filter.split('/');
  for (const [at, level] of wide.entries()) {
    if (level === '#') return startsAlike(wide[0], narrow[0]);
    const other = narrow[at];
    if (other === undefined || other === '#' || (level !== '+' && level !== other)) return false;
  }
  return wide.length === narrow.length && startsAlike(wide[0], narrow[0]);
}

/** Returns true if there is a topic that both filters match. */
export function overlaps(one: string, other: string): boolean {
  const a = one.split('/');
  const b = other.split('/');
  if (!startsAlike(a[0], b[0]) || !startsAlike(b[0], a[0])) return false;
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    if (a[at] === '#' || b[at] === '#') return true;
    if (a[at] === undefined || b[at] === undefined) return false;
    if (a[at] !== b[at] && a[at] !== '+' && b[at] !== '+') return false;
  }
  return true;
}

export function isTopic(text: string): boolean {
  return isFilter(text) && !/[+#]/.test(text);
}

/** Returns the reason why devices may not have these topics; `undefined` if they may. */
export function faultOfGrant(filter: string, homeAssistantPrefix?: string): string | undefined {
  if (!isFilter(filter)) return `${JSON.stringify(filter)} is not a topic filter; write one such as zigbee2mqtt/#`;
  const homeAssistant = homeAssistantPrefix === undefined ? [] : [`${homeAssistantPrefix}/#`];
  const reserved = [...RESERVED, ...homeAssistant].find((tree) => overlaps(filter, tree));
  return reserved === undefined ? undefined : `${filter} reaches into ${reserved}, where no device may speak`;
}

export function isFilter(text: string): boolean {
  if (text === '' || text.length > FILTER_LENGTH_MAX || text.includes('\0')) return false;
  const levels = text.split('/');
  return (
    levels.length <= LEVELS_MAX &&
    levels.every((level, at) => {
      if (level === '#') return at === levels.length - 1;
      return level === '+' || !/[+#]/.test(level);
    })
  );
}

/** A wildcard in the first level does not match topics that begin with `$` [MQTT-4.7.2-1]. */
function startsAlike(wide: string | undefined, narrow: string | undefined): boolean {
  return !(wide === '#' || wide === '+') || narrow?.startsWith('$') !== true;
}
