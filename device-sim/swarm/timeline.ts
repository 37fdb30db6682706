import type { Effect } from '../../gateway/core/effect.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import type { Observation, Observer } from './observation.ts';

const KEPT = 400;

/** The last moments of a life, for a person: who sent what, when, and what the core decided. */
export class Timeline implements Observer {
  readonly #lines: { readonly atMs: number; readonly text: string }[] = [];
  #isFrozen = false;

  see(observation: Observation, nowMs: number): void {
    if (this.#isFrozen) return;
    const text = lineOf(observation);
    if (text === undefined) return;
    this.#lines.push({ atMs: nowMs, text });
    if (this.#lines.length > 2 * KEPT) this.#lines.splice(0, KEPT);
  }

  /** Nothing after this moment is kept. */
  freeze(): void {
    this.#isFrozen = true;
  }

  lines(count: number): string[] {
    return this.#lines.slice(-count).map(({ atMs, text }) => `${timeOf(atMs)}  ${text}`);
  }
}

/** Hours, minutes, seconds and milliseconds since the life began. */
export function timeOf(ms: number): string {
  const whole = Math.floor(ms);
  const part = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const [hours, minutes, seconds] = [whole / 3_600_000, (whole / 60_000) % 60, (whole / 1_000) % 60].map(Math.floor);
  return `${part(hours ?? 0)}:${part(minutes ?? 0)}:${part(seconds ?? 0)}.${part(whole % 1_000, 3)}`;
}

function lineOf(observation: Observation): string | undefined {
  switch (observation.type) {
    case 'input':
      return inputLine(observation.input);
    case 'effect':
      return effectLine(observation.effect);
    case 'event':
      return `EVENT    ${JSON.stringify(observation.event)}`;
    case 'pressed':
      return `press    ${observation.device} button ${observation.button}: ${observation.alert ?? 'without a number'}`;
    case 'released':
      return undefined;
    case 'pressGone':
      return `press    ${observation.alert} is lost: ${observation.why}`;
    case 'numbersLost':
      return `device   ${observation.device}: its numbers prove nothing any more`;
    case 'wall':
      return `wall     ${observation.device} shows ${observation.status} for ${observation.alert}`;
    case 'displayed':
      return `desk     ${observation.path} displays ${observation.report}: ${observation.text}`;
    case 'answered':
      return undefined;
    case 'up':
      return `GATEWAY  is up, session ${observation.session}`;
    case 'reloaded':
      return 'GATEWAY  has taken another configuration up';
    case 'reloadRefused':
      return `GATEWAY  does not take the other configuration up: ${observation.why}`;
    case 'down':
      return `GATEWAY  ended: ${observation.how}`;
    case 'written':
      return undefined;
    case 'stalled':
      return `GATEWAY  stands still for ${observation.forMs} ms`;
    case 'clear':
      return 'CLEAR    nothing goes wrong any more';
  }
}

/** What the core was given; nothing for what comes all the time. */
function inputLine(input: CoreInput): string | undefined {
  switch (input.type) {
    case 'tick':
    case 'sent':
    case 'durable':
    case 'published':
      return undefined;
    case 'signal': {
      const { device, identity, body } = input.signal;
      if (body.type === 'heartbeat') return undefined;
      const number = identity === undefined ? '' : ` ${identity.epoch}.${identity.counter}`;
      return `heard    ${device}${number}: ${JSON.stringify(body)}`;
    }
    case 'outcome':
      return `answer   ${input.path} #${input.attempt}: ${JSON.stringify(input.outcome)}`;
    case 'lateRecords':
      return `input    lateRecords: ${input.records.length}`;
    case 'reload':
      return 'input    reload';
    default:
      return `input    ${JSON.stringify(input)}`;
  }
}

function effectLine(effect: Effect): string | undefined {
  switch (effect.type) {
    case 'send': {
      const { path, attempt, report, sequence, format } = effect.attempt;
      const about = report === undefined ? 'poll' : `${report.class} ${report.id} "${report.text}"`;
      return `  send   ${path} #${attempt} sequence ${sequence} format ${format}: ${about}`;
    }
    case 'abandon':
      return `  drop   ${effect.path} #${effect.attempt}`;
    case 'answer':
      return `  answer ${effect.device} ${effect.identity.epoch}.${effect.identity.counter}: ${effect.status}`;
    case 'log':
      return `  log    ${effect.event} ${JSON.stringify(effect.fields)}`;
    case 'journal':
      return `  record ${effect.number} ${JSON.stringify(effect.entry.record)}`.slice(0, 240);
    case 'publish':
    case 'internal':
      return undefined;
    default:
      return `  ${effect.type} ${JSON.stringify(effect)}`;
  }
}
