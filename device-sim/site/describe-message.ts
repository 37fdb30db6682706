import type { Message } from '../../protocol/button-bus/message.ts';

/** What the site calls a node's buttons and points. */
interface NodeNames {
  readonly buttons: ReadonlyMap<string, number>;
  readonly points: ReadonlyMap<string, number>;
}

/** A message of the button bus, for a person. */
export function describeMessage(message: Message, { buttons, points: pointNames }: NodeNames): string {
  switch (message.type) {
    case 'press':
      return `press of ${nameOf(message.button, buttons)}${message.pattern === 'long' ? ', long' : ''}`;
    case 'release':
      return `release of ${nameOf(message.button, buttons)} after ${message.heldMs} ms`;
    case 'point':
      return `${nameOf(message.point, pointNames)} ${message.active ? 'active' : 'normal'}`;
    case 'heartbeat': {
      const { points, tamper, lowBattery, silentMode } = message;
      const marks = [tamper ? 'tamper' : '', lowBattery ? 'low battery' : '', silentMode ? 'silent' : ''];
      const levels = points.map((isActive) => (isActive ? 1 : 0)).join('');
      return ['heartbeat', `points ${levels || '-'}`, ...marks.filter((mark) => mark !== '')].join(', ');
    }
    case 'hello':
      return `hello, serial ${message.serial}, firmware ${message.firmware}`;
    case 'ack':
      return `ack of ${message.counter}: ${ACKS[message.status]}`;
    case 'poll':
      return 'poll';
    case 'silent':
      return message.silent ? 'silent mode on' : 'silent mode off';
  }
}

function nameOf(number: number, names: ReadonlyMap<string, number>): string {
  return [...names].find(([, each]) => each === number)?.[0] ?? `number ${number}`;
}

const ACKS = { heard: 'heard', sent: 'sent', accepted: 'accepted', notConfirmed: 'not confirmed' } as const;
