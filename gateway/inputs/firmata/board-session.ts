import type { Firmata } from 'firmata-io';
import type { MonoMs } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import type { WiredContact } from '../wired-contact.ts';
import { BoardContacts, portOf, type TellContact } from './board-contacts.ts';
import { type ContactPlan, type DigitalPlan, planContact } from './board-pins.ts';
import type { BoardSwitches } from './board-switches.ts';
import { BoardTransport, type BytesOut } from './board-transport.ts';
import { FIRMWARE_BYTES_MIN, Handshake, REPORT_FIRMWARE } from './handshake.ts';
import { HeldReports } from './held-reports.ts';
import type { Libraries } from './libraries.ts';
import { ANALOG_REPORT, DIGITAL_REPORT, END_SYSEX, REPORT_VERSION, START_SYSEX } from './message-scanner.ts';
import type { FirmataSettings } from './settings.ts';

const PIN_STATE_QUERY = 0x6d;
const PIN_STATE_RESPONSE = 0x6e;
const SET_PIN_MODE = 0xf4;
/** Of a report's command byte. */
const KIND = 0xf0;
const INDEX = 0x0f;
/** A digital report has seven pins in its first data byte and the eighth in its second. */
const HIGHEST_PIN = 1;

/**
 * Between a pull-up's switching on and the first look at the pin: long cables charge within this
 * time.
 */
const SETTLE_MS = 50;
const TELL_AGAIN_MS = 10_000;
const LOST_AFTER_POLLS = 3;
/** Garbage makes the levels be read anew this much later, once for all of it. */
const RECHECK_MS = 10;

interface SessionEvents {
  /** The board is set up: its contacts follow. */
  ready(): void;
  contact: TellContact;
  /** `faults` of the session changed. */
  faultsChanged(): void;
  /** The board has forgotten how it was set up. */
  restarted(): void;
  /** It does not answer yet. */
  silent(): void;
  /** It does not answer any more, or will not begin to. */
  lost(): void;
}

/** What is wrong with a pin. */
interface BoardFault {
  readonly device: string;
  readonly detail: string;
}

/** One board from its first answer until it is lost or has restarted. */
export class BoardSession {
  readonly #settings: FirmataSettings;
  readonly #events: SessionEvents;
  readonly #switches: BoardSwitches;
  readonly #transport: BoardTransport;
  readonly #io: Firmata;
  readonly #handshake: Handshake;
  #contacts: BoardContacts | undefined;
  #digital: readonly DigitalPlan[] = [];
  readonly #switchedOn = new Map<string, boolean>();
  readonly #pinFaults: BoardFault[] = [];
  #silentPins: readonly WiredContact[] = [];
  #timers: NodeJS.Timeout[] = [];
  #recheck: NodeJS.Timeout | undefined;
  readonly #held = new HeldReports((message, capturedMs) => this.#portReport(message, capturedMs));
  #listening = false;
  #answered = true;
  #unansweredPolls = 0;
  #checkIndex = 0;

  /** @param justStarted the board is known to be running: it is asked at once */
  constructor(
    libraries: Libraries,
    settings: FirmataSettings,
    switches: BoardSwitches,
    out: BytesOut,
    justStarted: boolean,
    events: SessionEvents,
  ) {
    this.#settings = settings;
    this.#switches = switches;
    this.#events = events;
    this.#transport = new BoardTransport(out);
    this.#io = new libraries.Firmata(this.#transport, {
      // Most boards restart when the port is opened, and then speak first.
      reportVersionTimeout: justStarted ? 0 : 200,
      samplingInterval: settings.samplingMs,
    });
    this.#io.once('ready', () => this.#setUp());
    this.#handshake = new Handshake(this.#transport, this.#io, {
      late: () => events.silent(),
      failed: () => events.lost(),
    });
    this.#transport.emit('open');
  }

  /** Of a board that is set up: "StandardFirmata 2.5". */
  get firmware(): string {
    return this.#handshake.firmware;
  }

  /** Faults of the pins of contacts. */
  get faults(): readonly BoardFault[] {
    const silent = this.#silentPins.map(({ device, pin }) => ({ device, detail: `pin ${pin} is never reported` }));
    return [...this.#pinFaults, ...silent];
  }

  /** Why outputs can't be switched, by configuration id. */
  get outputFaults(): ReadonlyMap<string, string> {
    return this.#switches.faults;
  }

  /** @param message whole; lent for the call only */
  message(message: Uint8Array, capturedMs: MonoMs): void {
    if (this.#contacts === undefined) {
      this.#handshake.message(message);
      return;
    }
    const command = message[0] ?? 0;
    if (command === REPORT_VERSION) this.#answered = true;
    else if (command === START_SYSEX) this.#sysex(message);
    else if (this.#listening) this.#report(this.#contacts, message, capturedMs);
  }

  /**
   * Bytes came that are no message: a report may have been among them, or have been made up of
   * them.
   */
  garbled(): void {
    if (!this.#listening) return;
    this.#recheck ??= setTimeout(() => {
      this.#recheck = undefined;
      this.#ask();
    }, RECHECK_MS);
  }

  output(output: string, on: boolean): void {
    this.#switchedOn.set(output, on);
    const faultsBefore = this.#switches.faults.size;
    this.#switches.set(output, on);
    if (this.#switches.faults.size > faultsBefore) this.#events.faultsChanged();
  }

  close(): void {
    this.#handshake.stop();
    clearTimeout(this.#recheck);
    this.#held.drop();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#transport.close();
    this.#io.removeAllListeners();
  }

  #report(contacts: BoardContacts, message: Uint8Array, capturedMs: MonoMs): void {
    const [command = 0, , high = 0] = message;
    if ((command & KIND) === ANALOG_REPORT) {
      this.#transport.emit('data', message);
      contacts.channelReported(command & INDEX, capturedMs);
    } else if ((command & KIND) === DIGITAL_REPORT && high <= HIGHEST_PIN) this.#held.report(message, capturedMs);
  }

  #portReport(message: Uint8Array, capturedMs: MonoMs): void {
    this.#transport.emit('data', message);
    this.#contacts?.portReported((message[0] ?? 0) & INDEX, capturedMs);
  }

  #sysex(message: Uint8Array): void {
    if (message[1] === REPORT_FIRMWARE && message.length >= FIRMWARE_BYTES_MIN) this.#events.restarted();
    else if (message[1] === PIN_STATE_RESPONSE) this.#pinState(message[2], message[3]);
  }

  /** A board that restarted unheard has its pins in other modes. */
  #pinState(pin: number | undefined, mode: number | undefined): void {
    const plan = this.#digital.find((digital) => digital.pin === pin);
    if (plan === undefined) return;
    this.#answered = true;
    if (mode === this.#modeOf(plan.contact)) this.#held.confirmed();
    else this.#events.restarted();
  }

  #setUp(): void {
    this.#handshake.stop();
    const { contacts, samplingMs, pollMs } = this.#settings;
    const plans = contacts.flatMap((contact) => this.#planned(contact));
    this.#digital = plans.flatMap((plan) => (plan.type === 'digital' ? [plan] : []));
    this.#contacts = new BoardContacts(plans, this.#io, (contact, state, capturedMs) =>
      this.#events.contact(contact, state, capturedMs),
    );
    for (const plan of plans) this.#setInputMode(plan);
    this.#switches.attach(this.#io);
    this.#timers = [
      setTimeout(() => this.#listen(plans), Math.max(SETTLE_MS, samplingMs)),
      setInterval(() => this.#poll(), pollMs),
      setInterval(() => this.#tellAgain(), TELL_AGAIN_MS),
    ];
    this.#events.ready();
  }

  #planned(contact: WiredContact): ContactPlan[] {
    try {
      return [planContact(contact, this.#io)];
    } catch (error) {
      this.#pinFaults.push({
        device: contact.device,
        detail: messageOf(error),
      });
      return [];
    }
  }

  #modeOf(contact: WiredContact): number {
    return contact.pull === 'up' ? this.#io.MODES.PULLUP : this.#io.MODES.INPUT;
  }

  #setInputMode(plan: ContactPlan): void {
    if (plan.type === 'loop') {
      this.#io.pinMode(plan.channel, this.#io.MODES.ANALOG);
      // firmata-io only notes it, and a board that did not restart may have the pin in another
      // mode.
      this.#transport.write(Uint8Array.of(SET_PIN_MODE, plan.pin, this.#io.MODES.ANALOG));
      return;
    }
    for (const pin of plan.cutPin === undefined ? [plan.pin] : [plan.pin, plan.cutPin]) {
      this.#io.pinMode(pin, this.#modeOf(plan.contact));
      this.#transport.keepInput(pin);
    }
  }

  #listen(plans: readonly ContactPlan[]): void {
    this.#listening = true;
    for (const plan of plans) if (plan.type === 'loop') this.#io.reportAnalogPin(plan.channel, 1);
    this.#ask();
  }

  /** StandardFirmata answers this with the levels at once, whether they have changed or not. */
  #askForLevels(): void {
    const pins = this.#digital.flatMap(({ pin, cutPin }) => (cutPin === undefined ? [pin] : [pin, cutPin]));
    const onePinAPort = new Map(pins.map((pin) => [portOf(pin), pin]));
    for (const pin of onePinAPort.values()) this.#io.reportDigitalPin(pin, 1);
  }

  #poll(): void {
    if (!this.#listening || this.#contacts === undefined) return;
    this.#unansweredPolls = this.#answered ? 0 : this.#unansweredPolls + 1;
    if (this.#unansweredPolls >= LOST_AFTER_POLLS) {
      this.#events.lost();
      return;
    }
    for (const channel of this.#contacts.missingChannels) this.#io.reportAnalogPin(channel, 1);
    this.#contacts.polled();
    this.#noticeSilentPins(this.#contacts);
    this.#answered = false;
    this.#ask();
  }

  #noticeSilentPins(contacts: BoardContacts): void {
    const silent = contacts.silent;
    if (silent.length === this.#silentPins.length && silent.every((contact) => this.#silentPins.includes(contact)))
      return;
    this.#silentPins = silent;
    this.#events.faultsChanged();
  }

  #ask(): void {
    this.#transport.write(Uint8Array.of(REPORT_VERSION));
    const plan = this.#digital[this.#checkIndex % Math.max(1, this.#digital.length)];
    this.#checkIndex += 1;
    if (plan === undefined) return;
    this.#held.asked();
    this.#askForLevels();
    this.#transport.write(Uint8Array.of(START_SYSEX, PIN_STATE_QUERY, plan.pin, END_SYSEX));
  }

  /** Contacts as their devices' sign of life; outputs because nothing on this wire is checked. */
  #tellAgain(): void {
    this.#contacts?.tellAgain();
    this.#ask();
    for (const [output, on] of this.#switchedOn) this.output(output, on);
  }
}
