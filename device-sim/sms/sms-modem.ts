import { asciiToBytes, bytesToAscii } from '../../protocol/bytes.ts';
import { gsmTextOf } from '../../protocol/sms/gsm7.ts';
import type { ByteDuplex } from '../byte-duplex.ts';
import { realTime, type Scheduler } from '../nodes/scheduler.ts';
import { Watchers } from '../watchers.ts';
import type { ModemBehaviour } from './behaviour.ts';
import { PartCollector, readSubmit } from './phone.ts';
import { SimCard, type SimCardSettings } from './sim-card.ts';
import { SmsDesk } from './sms-desk.ts';
import { spelt } from './spelling.ts';

const CR = '\r';
const ESC = '\x1b';
const CTRL_Z = '\x1a';
const UNSOLICITED = ['RING', '+CMTI: "SM",3', '+CREG: 2', 'NO CARRIER', '^RSSI:17', '+CREG: 1,"1A2B","00C3"'];
const MAX_TEXT = 160;

export interface SmsModemSettings {
  readonly sim?: SimCardSettings;
  /** True if it always reports errors as text (AT+CMEE=2 style). Default false. */
  readonly wordyErrors?: boolean;
  readonly scheduler?: Scheduler;
  /** Called when a behaviour pulls the plug. */
  readonly unplug?: () => void;
}

/** The result of a command. */
type Reply = { readonly lines: readonly string[]; readonly error?: string } | 'prompt';

/**
 * A GSM modem as its serial port shows it (3GPP TS 27.005 in text mode, 27.007, V.250). Its network
 * delivers at once.
 */
export class SmsModem {
  readonly desk = new SmsDesk();
  readonly sim: SimCard;
  /** Commands it has carried out, oldest first. */
  readonly commands: string[] = [];
  readonly #settings: SmsModemSettings;
  readonly #scheduler: Scheduler;
  readonly #refusedOnce = new Set<string>();
  readonly #planned = new Set<() => void>();
  readonly #watchers = new Watchers<void>();
  #behaviour: ModemBehaviour = { type: 'normal' };
  #duplex: ByteDuplex | undefined;
  #stopListening: (() => void) | undefined;
  #echo = true;
  #errorStyle = '0';
  #textMode = false;
  #line = '';
  /** The message whose text is being entered: its number in text mode, its length in PDU mode. */
  #typing: { readonly number: string } | { readonly length: number } | undefined;
  readonly #parts = new PartCollector();
  #functionality = '1';
  /** Input that waits while the modem is busy, if the modem keeps it. */
  #isBusy = false;
  #waiting = '';
  #reference = 0;
  #chatterAt = 0;

  constructor(settings: SmsModemSettings = {}) {
    this.#settings = settings;
    this.#scheduler = settings.scheduler ?? realTime;
    this.sim = new SimCard(settings.sim);
  }

  /**
   * Plugs the modem in, which also switches it on. It has forgotten everything but the content of
   * the SIM card.
   */
  attach(duplex: ByteDuplex): void {
    this.detach();
    this.#powerUp();
    this.#duplex = duplex;
    this.#stopListening = duplex.onData((bytes) => this.#hear(bytesToAscii(bytes)));
  }

  detach(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#duplex = undefined;
    for (const callOff of this.#planned) callOff();
    this.#planned.clear();
  }

  behave(behaviour: ModemBehaviour): void {
    this.#behaviour = behaviour;
    if (behaviour.type === 'radioOff') this.#functionality = String(behaviour.functionality);
    if (behaviour.type === 'normal') {
      this.#functionality = '1';
      this.sim.reset();
    }
    if (behaviour.type === 'wantsPin') this.sim.wants(behaviour.pin);
  }

  /**
   * Restarts the modem.
   * @param says its start message, which may be empty
   */
  restart(says = ''): void {
    this.#powerUp();
    this.#duplex?.write(asciiToBytes('\x00\xff\xfe~'));
    if (says !== '') this.#say(says);
  }

  /** Resolves as soon as the condition holds. It is checked after each action of the modem. */
  until(condition: () => boolean): Promise<void> {
    return this.#watchers.until(condition);
  }

  #powerUp(): void {
    this.#echo = true;
    this.#errorStyle = '0';
    this.#textMode = false;
    this.#line = '';
    this.#typing = undefined;
    this.#isBusy = false;
    this.#waiting = '';
    this.sim.powerUp();
    for (const callOff of this.#planned) callOff();
    this.#planned.clear();
  }

  #hear(text: string): void {
    if (this.#behaviour.type === 'silent') return;
    if (this.#isBusy) this.#waiting += text;
    else
      for (const [at, key] of [...text].entries()) {
        this.#key(key);
        if (this.#isBusy) {
          this.#waiting += text.slice(at + 1);
          break;
        }
      }
    this.#watchers.tell();
  }

  #key(key: string): void {
    if (this.#typing !== undefined) this.#type(key);
    else if (key === CR) this.#command();
    else if (key !== '\n' && key !== ESC) this.#line += key;
  }

  #command(): void {
    const typed = this.#line;
    this.#line = '';
    // The modem ignores anything before AT (V.250 §5.2.1).
    const [, command] = /(AT.*)$/i.exec(typed) ?? [];
    if (this.#echo) this.#duplex?.write(asciiToBytes(`${typed}${CR}`));
    if (command === undefined) return;
    this.commands.push(command);
    const reply = this.#carryOut(command.slice(2).toUpperCase());
    if (reply === 'prompt') return;
    for (const line of reply.lines) this.#say(line);
    this.#say(reply.error === undefined ? 'OK' : this.#errorLine(reply.error));
  }

  #carryOut(command: string): Reply {
    const well: Reply = { lines: [] };
    const set = /^\+(CMEE|CMGF|CSCS|CSMP|CREG|CFUN|CGSMS)=(.*)$/.exec(command);
    if (set !== null) return this.#set(set[1] ?? '', set[2] ?? '');
    if (/^\+(CPIN|CPINR|CSIM)\b/.test(command)) return this.#ofSim(command);
    if (command.startsWith('+CMGS=')) return this.#message(command.slice('+CMGS='.length));
    if (/^E[01]/.test(command)) this.#echo = command.startsWith('E1') || this.#behaviour.type === 'echoStays';
    switch (command) {
      case '':
      case 'E0':
      case 'E0V1':
        return well;
      case '+CMEE?':
        return { lines: [`+CMEE: ${this.#errorStyle}`] };
      case '+CFUN?':
        return { lines: [`+CFUN: ${this.#functionality}`] };
      case '+CREG?':
      case '+CEREG?':
        return { lines: [`${command.slice(0, -1)}: 0,${this.#isRegistered ? 1 : 2}`] };
      case '+CSQ':
        return { lines: [this.#isRegistered ? '+CSQ: 21,99' : '+CSQ: 99,99'] };
      default:
        return { lines: [], error: 'CME 100' };
    }
  }

  get #isRegistered(): boolean {
    const { type } = this.#behaviour;
    return !['noNetwork', 'failPolls', 'noSim'].includes(type) && this.#functionality === '1' && this.sim.isOpen;
  }

  #set(name: string, value: string): Reply {
    if (name === 'CFUN') {
      if (this.#behaviour.type === 'radioOff' && !this.#behaviour.allows) return { lines: [], error: 'CME 3' };
      this.#functionality = value;
    }
    if (name === 'CMEE') this.#errorStyle = value;
    if (name === 'CMGF') this.#textMode = value === '1';
    if (name === 'CSCS' && value !== '"GSM"') return { lines: [], error: 'CME 4' };
    return { lines: [] };
  }

  #ofSim(command: string): Reply {
    if (this.#behaviour.type === 'noSim') return { lines: [], error: 'CME 10' };
    const { lines, error } = this.sim.command(command);
    return error === undefined ? { lines } : { lines, error };
  }

  /** @param to a number in quotes, or a length in PDU mode */
  #message(to: string): Reply {
    if (this.#behaviour.type === 'noSim') return { lines: [], error: 'CMS 310' };
    if (!this.sim.isOpen) return { lines: [], error: 'CMS 311' };
    const number = /^"(\+?\d{3,20})"$/.exec(to)?.[1];
    const length = /^\d{1,3}$/.test(to) ? Number(to) : undefined;
    if (this.#textMode ? number === undefined : length === undefined) {
      return { lines: [], error: this.#textMode ? 'CMS 305' : 'CMS 304' };
    }
    const late = this.#behaviour.type === 'promptLate' ? this.#behaviour.ms : 0;
    this.#after(late, () => {
      this.#typing = number === undefined ? { length: length ?? 0 } : { number };
      this.#duplex?.write(asciiToBytes('\r\n> '));
      if (this.#behaviour.type === 'unplug' && this.#behaviour.at === 'prompt') this.#unplug();
    });
    return 'prompt';
  }

  #type(key: string): void {
    if (this.#echo && key !== CTRL_Z) this.#duplex?.write(asciiToBytes(key));
    if (key === ESC) {
      this.#typing = undefined;
      this.#line = '';
      this.#say('OK');
    } else if (key === CTRL_Z) this.#typed();
    else this.#line += key;
  }

  #typed(): void {
    const [typing, line] = [this.#typing, this.#line];
    this.#line = '';
    this.#typing = undefined;
    const message =
      typing !== undefined && 'length' in typing
        ? readSubmit(line, typing.length)
        : { number: typing?.number ?? '', text: gsmTextOf(asciiToBytes(line)) };
    const behaviour = this.#behaviour;
    if (behaviour.type === 'resetAtText') {
      this.restart(behaviour.says);
      return;
    }
    const accept = () => {
      const whole = message === undefined ? undefined : this.#parts.take(message);
      if (message !== undefined && whole !== undefined) this.desk.accept(message.number, whole);
    };
    if (behaviour.type === 'unplug') {
      if (behaviour.sends) accept();
      this.#unplug();
      return;
    }
    const error = message === undefined ? 'CMS 304' : this.#refusal(message.number, message.text);
    if (error === undefined) accept();
    const answer = error === undefined ? [`+CMGS: ${this.#nextReference()}`, '', 'OK'] : [this.#errorLine(error)];
    const late = behaviour.type === 'resultLate' ? behaviour : { ms: 0, deaf: true };
    this.#after(late.ms, () => this.#answer(answer), late.deaf);
  }

  #refusal(number: string, text: string): string | undefined {
    const behaviour = this.#behaviour;
    if (behaviour.type === 'noNetwork') return 'CMS 331';
    if (behaviour.type === 'refuseNumber' && behaviour.number === number) return behaviour.error;
    if (text.length > MAX_TEXT) return 'CMS 305';
    if (behaviour.type === 'failPolls') {
      const key = `${number} ${text}`;
      if (this.#refusedOnce.has(key)) return undefined;
      this.#refusedOnce.add(key);
      return behaviour.first;
    }
    if (behaviour.type !== 'error') return undefined;
    const times = behaviour.times - 1;
    this.#behaviour = times > 0 ? { ...behaviour, times } : { type: 'normal' };
    return behaviour.error;
  }

  #answer(lines: readonly string[]): void {
    for (const line of lines) if (line !== '') this.#say(line);
    if (this.#behaviour.type === 'acceptThenVanish') this.#unplug();
    this.#watchers.tell();
  }

  #nextReference(): number {
    this.#reference = (this.#reference + 1) % 256;
    return this.#reference;
  }

  #after(ms: number, run: () => void, deaf = true): void {
    if (ms === 0) {
      run();
      return;
    }
    this.#isBusy = deaf;
    const callOff = this.#scheduler.after(ms, () => {
      this.#planned.delete(callOff);
      run();
      if (!deaf) return;
      this.#isBusy = false;
      const waiting = this.#waiting;
      this.#waiting = '';
      this.#hear(waiting);
    });
    this.#planned.add(callOff);
  }

  #unplug(): void {
    // This happens once, and after the last bytes were written: a real plug would not cut those off
    // either.
    this.#behaviour = { type: 'silent' };
    this.#scheduler.after(5, () => this.#settings.unplug?.());
  }

  #say(line: string): void {
    this.#chatter();
    const { type } = this.#behaviour;
    this.#duplex?.write(asciiToBytes(spelt(line, type === 'spelling' ? this.#behaviour.how : 'usual')));
    this.#chatter();
  }

  #chatter(): void {
    if (this.#behaviour.type !== 'chatter') return;
    this.#chatterAt = (this.#chatterAt + 1) % UNSOLICITED.length;
    this.#duplex?.write(asciiToBytes(`\r\n${UNSOLICITED[this.#chatterAt]}\r\n`));
  }

  /** @param error for example `CMS 331`, `CME 10`, `plain` */
  #errorLine(error: string): string {
    const [family, code = ''] = error.split(' ');
    if (this.#settings.wordyErrors) return `+${family} ERROR: something went wrong`;
    if (error === 'plain' || (family === 'CME' && this.#errorStyle === '0')) return 'ERROR';
    return `+${family} ERROR: ${code}`;
  }
}
