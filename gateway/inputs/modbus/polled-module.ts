import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { ContactState, SignalBody } from '../../core/signal.ts';
import { InputMap, type InputSpan } from '../modbus-input-map.ts';
import type { WiredContact } from '../wired-contact.ts';
import {
  damagedWords,
  exceptionWords,
  invertedWords,
  lateWords,
  otherLengthWords,
  strangeRegisterWords,
} from './fault-words.ts';
import type { Polled } from './polling-order.ts';
import { RecentPolls } from './recent-polls.ts';
import type { ModbusModule } from './settings.ts';

/** A module that missed so many polls in a row is asked once in `LOST_POLL_MS` only. */
const LOST_AFTER = 3;
const LOST_POLL_MS = 1_000;
/** Every contact is reported again this often, so that a lost change heals. */
const REREAD_MS = 10_000;
const ALIVE_MS = 1_000;
/** What comes unasked so soon after silence is an answer that was missed then. */
const LATE_MS = 2 * LOST_POLL_MS;
/** A module that refuses so many polls in a row shows nothing of its inputs. */
const UNREAD_AFTER = 3;
/** A fault that comes and goes is reported no more often. */
const FAULT_MS = 1_000;

interface Contact {
  readonly wired: WiredContact;
  /** Place of its inputs within an answer. */
  readonly at: number;
  readonly cutAt: number | undefined;
  /** State as last reported; `undefined`: report it again. */
  state: ContactState | undefined;
}

/** One module on the line: what is asked of it, and what its answers say. */
export class PolledModule implements Polled {
  readonly device: string;
  /** 1…247 */
  readonly address: number;
  readonly span: InputSpan;
  missed = 0;
  dueMs = LONG_AGO_MS;

  readonly #map: InputMap;
  readonly #contacts: readonly Contact[];
  readonly #buttons: readonly Contact[];
  readonly #answerMs: number;
  readonly #tell: (body: SignalBody, capturedMs: MonoMs) => void;
  readonly #damage = new RecentPolls();
  readonly #lateness = new RecentPolls();
  #unread = true;
  #rereadMs = LONG_AGO_MS;
  #aliveMs = -Infinity;
  /** When last nothing came in time. */
  #silentMs = -Infinity;
  #exception = '';
  /** Exceptions in a row. */
  #refused = 0;
  #inverted = false;
  #strange = '';
  #otherLength = '';
  #damaged = '';
  #reportedFault: string | undefined;
  #reportedFaultMs = -Infinity;

  /** @param answerMs longest wait for an answer, for the words of a fault */
  constructor(module: ModbusModule, answerMs: number, tell: (body: SignalBody, capturedMs: MonoMs) => void) {
    this.device = module.device;
    this.address = module.address;
    this.#answerMs = answerMs;
    this.#tell = tell;
    const pins = module.contacts
      .flatMap(({ pin, cutPin }) => (cutPin === undefined ? [pin] : [pin, cutPin]))
      .map(Number);
    this.#map = new InputMap(module, pins);
    this.span = this.#map.span;
    const { firstInput } = this.#map;
    this.#contacts = module.contacts.map((wired) => ({
      wired,
      at: Number(wired.pin) - firstInput,
      cutAt: wired.cutPin === undefined ? undefined : Number(wired.cutPin) - firstInput,
      state: undefined,
    }));
    this.#buttons = this.#contacts.filter(({ wired }) => wired.of === 'button');
  }

  /** The line was opened: whatever was known may have changed meanwhile. */
  lineOpened(): void {
    this.#unread = true;
    this.missed = 0;
    this.#silentMs = -Infinity;
  }

  /** `values`: the bits or registers of the span. */
  read(values: readonly (boolean | number)[], capturedMs: MonoMs): void {
    const inputs = this.#map.inputsOf(values);
    const again = this.#unread || this.missed > 0 || this.#refused > 0 || capturedMs >= this.#rereadMs;
    if (again) this.#rereadMs = after(capturedMs, REREAD_MS);
    for (const contact of this.#contacts) {
      const state = stateOf(contact, inputs);
      if (state === contact.state && !again) continue;
      contact.state = state;
      const { of, number } = contact.wired;
      this.#tell({ type: 'contact', of, number, state }, capturedMs);
    }
    this.#checkWiring();
    this.#checkRegisters(values);
    this.#exception = '';
    this.#refused = 0;
    this.#otherLength = '';
    this.#unread = false;
    this.#answered(capturedMs);
  }

  readException(exception: number, capturedMs: MonoMs): void {
    this.#exception = exceptionWords(exception, this.span);
    this.#refused += 1;
    if (this.#isUnread) this.missed = 0;
    else this.#answered(capturedMs);
  }

  /**
   * @param heard something came, but no answer: the module is there, and is not asked less often
   */
  notAnswered(heard: boolean, nowMs: MonoMs): void {
    this.missed += 1;
    if (!heard) this.#silentMs = nowMs;
    // A late answer to this poll must not arrive while the next one waits: nothing distinguishes it
    // from that one's answer.
    const pauseMs = this.missed >= LOST_AFTER ? LOST_POLL_MS : this.#answerMs;
    this.dueMs = after(nowMs, heard ? 0 : pauseMs);
    this.#tell({ type: 'noAnswer' }, nowMs);
  }

  /** It sent a whole answer with another number of bytes than asked for. */
  answeredOtherLength(dataBytes: number): void {
    this.#otherLength = otherLengthWords(dataBytes, this.span);
  }

  /** The poll is over, and the line was silent after it. `silent`: nothing came at all. */
  settle(damaged: boolean, silent: boolean, others: 'well' | 'damaged' | 'none', nowMs: MonoMs): void {
    this.#lateness.note(false);
    if (!silent) this.#damage.note(damaged);
    if (!this.#damage.isFrequent) this.#damaged = '';
    else if (this.#damaged === '') this.#damaged = damagedWords(this.address, others);
    this.#tellFault(nowMs);
  }

  /**
   * An answer of this module came when none was waited for: behind time, or a second one by another
   * with its address.
   */
  answeredUnasked(nowMs: MonoMs): void {
    if (this.wasSilent(nowMs)) this.#lateness.amend();
    else this.#damage.amend();
    this.#tellFault(nowMs);
  }

  /** It was silent a short while ago: what comes of it unasked may be late. */
  wasSilent(nowMs: MonoMs): boolean {
    return nowMs - this.#silentMs < LATE_MS;
  }

  get answersAreWell(): boolean {
    return this.#damage.isRare;
  }

  /**
   * It is there, and its contacts may be in any state: that is no sign of a device that is well.
   */
  get #isUnread(): boolean {
    return this.#refused >= UNREAD_AFTER && this.#contacts.length > 0;
  }

  #answered(capturedMs: MonoMs): void {
    this.missed = 0;
    if (capturedMs - this.#aliveMs < ALIVE_MS) return;
    this.#aliveMs = capturedMs;
    this.#tell({ type: 'alive' }, capturedMs);
  }

  /**
   * Nobody presses all buttons at the very moment the line is first read; once one was seen at
   * rest, all pressed is an alarm only.
   */
  #checkWiring(): void {
    const allActive = this.#buttons.length >= 2 && this.#buttons.every(({ state }) => state === 'active');
    this.#inverted = allActive && (this.#unread || this.#inverted);
  }

  #checkRegisters(values: readonly (boolean | number)[]): void {
    const used = this.#contacts.flatMap(({ at, cutAt }) => (cutAt === undefined ? [at] : [at, cutAt]));
    const register = this.#map.strangeRegister(values, used);
    this.#strange = register === undefined ? '' : strangeRegisterWords(register);
  }

  #tellFault(nowMs: MonoMs): void {
    const detail = [
      this.#exception,
      this.#inverted ? invertedWords(this.device) : '',
      this.#strange,
      this.#otherLength,
      this.#damaged,
      this.#lateness.isFrequent ? lateWords(this.#answerMs) : '',
    ]
      .filter((words) => words !== '')
      .join('; ');
    const unread = this.#isUnread ? this.#contacts.map(({ wired: { of, number } }) => ({ of, number })) : undefined;
    const fault = detail === '' ? {} : { detail, ...(unread && { unread }) };
    const report = JSON.stringify(fault);
    // A fault of an earlier run may stand. Only an answer shows that it is over.
    if (this.#reportedFault === undefined && detail === '' && this.#unread) return;
    if (report === this.#reportedFault || nowMs - this.#reportedFaultMs < FAULT_MS) return;
    this.#reportedFault = report;
    this.#reportedFaultMs = nowMs;
    this.#tell({ type: 'fault', ...fault }, nowMs);
  }
}

function stateOf({ wired, at, cutAt }: Contact, inputs: readonly boolean[]): ContactState {
  const on = inputs[at] === true;
  if (wired.contact === 'normallyClosed') return on ? 'normal' : 'active';
  if (on) return 'active';
  return cutAt !== undefined && inputs[cutAt] === true ? 'cut' : 'normal';
}
