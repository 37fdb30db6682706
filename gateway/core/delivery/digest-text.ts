import { invariant } from '../invariant.ts';
import { exerciseMark } from '../make-report.ts';
import type { Report } from '../report.ts';
import type { Delivery } from './delivery.ts';

/**
 * Groups alarms that may share a report: one kind, one building, and all real or all of one
 * exercise. `undefined`: goes by itself.
 */
export function digestGroup({ class: reportClass, alert, exercise }: Report): string | undefined {
  if (reportClass !== 'alarm' || alert === undefined) return undefined;
  return `${exercise ?? 'live'} ${alert.kind} ${alert.building}`;
}

interface DigestText {
  readonly text: string;
  /** The deliveries whose rooms the text names. */
  readonly members: readonly Delivery[];
}

/**
 * "Intruder A: 12 more, Rm 101, 102, 104 ...": the number of waiting alarms in the group, then the
 * rooms of the oldest, as many as fit.
 *
 * @param waiting all of one group, oldest first, at least one
 * @param characters longest text
 */
export function digestText(waiting: readonly Delivery[], characters: number): DigestText {
  const head = headOf(waiting);
  const rooms = new Map<string, Delivery[]>();
  for (const delivery of waiting) {
    const room = roomOf(delivery.report);
    const others = rooms.get(room);
    if (others === undefined) rooms.set(room, [delivery]);
    else others.push(delivery);
  }
  const named: string[] = [];
  const members: Delivery[] = [];
  for (const [room, deliveries] of rooms) {
    const isLast = named.length + 1 === rooms.size;
    const text = `${head}${[...named, room].join(', ')}${isLast ? '' : ' ...'}`;
    // A room whose name alone is too long is still sent, cut by the driver. No room is left out.
    if (text.length > characters && named.length > 0) break;
    named.push(room);
    members.push(...deliveries);
  }
  const more = named.length < rooms.size ? ' ...' : '';
  return { text: `${head}${named.join(', ')}${more}`, members };
}

function headOf(waiting: readonly Delivery[]): string {
  const [first] = waiting;
  invariant(first !== undefined, 'a digest is made of no report');
  const { alert, exercise } = first.report;
  return `${exerciseMark(exercise)}${alert?.kindName} ${alert?.building}: ${waiting.length} more, Rm `;
}

function roomOf({ alert }: Report): string {
  return alert?.room || alert?.device || '?';
}
