import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { SmsModem, type SmsModemSettings } from '../../device-sim/sms/sms-modem.ts';
import type { Attempt, Outcome } from '../../gateway/core/report.ts';
import type { PathDriver } from '../../gateway/paths/path-driver.ts';
import { createSmsDriver } from '../../gateway/paths/sms/driver.ts';
import type { SmsSettings } from '../../gateway/paths/sms/settings.ts';
import type { SmsTimes } from '../../gateway/paths/sms/times.ts';
import { baseReport } from './dc09-rig.ts';

export const ONE = '+15551234567';
export const TWO = '+15557654321';
export const handedOver = { type: 'handedOver' };

/**
 * Times for tests about a time-out, which are short, and for all others, which suit a busy machine.
 */
export const QUICK: SmsTimes = {
  answerMs: 400,
  pinMs: 400,
  initMs: 400,
  switchOnMs: 400,
  simMs: 10,
  promptMs: 400,
  centreMs: 400,
  secondMs: 150,
  roundMs: 10,
  bringUpMs: 30,
};

export interface SmsRigSettings {
  readonly modem?: SmsModemSettings;
  readonly settings?: Partial<SmsSettings>;
  readonly times?: Partial<SmsTimes>;
  /** Default true. */
  readonly plugged?: boolean;
}

/** Makes a driver on a link to a pseudo-terminal with a simulated modem behind it. */
export class SmsRig {
  readonly modem: SmsModem;
  readonly driver: PathDriver;
  readonly sent: number[] = [];
  readonly outcomes = new Map<number, Outcome>();
  readonly settings: SmsSettings;
  readonly #directory = mkdtempSync(join(tmpdir(), 'callpoint-sms-'));
  readonly #port = join(this.#directory, 'modem');
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();
  #pty: PseudoTerminal | undefined;
  #next = 1_000;
  outcomeCount = 0;

  constructor(rig: SmsRigSettings = {}) {
    this.modem = new SmsModem({ ...rig.modem, unplug: () => this.unplug() });
    this.settings = {
      driver: 'sms',
      id: 'sms',
      port: this.#port,
      baudRate: 115_200,
      recipients: [ONE],
      ...rig.settings,
    };
    const sink = {
      sent: (_path: string, attempt: number) => void this.sent.push(attempt),
      outcome: (_path: string, attempt: number, outcome: Outcome) => {
        this.outcomeCount += 1;
        this.outcomes.set(attempt, outcome);
        this.#waiting.get(attempt)?.(outcome);
      },
    };
    this.driver = createSmsDriver(this.settings, sink, { ...QUICK, ...rig.times });
    if (rig.plugged !== false) this.plug();
    this.driver.start();
  }

  /** Resolves when the modem is set up and idle. */
  static async ready(rig: SmsRigSettings = {}): Promise<SmsRig> {
    const started = new SmsRig(rig);
    await started.modem.until(() => started.modem.commands.at(-1)?.startsWith('AT+CSMP') === true);
    return started;
  }

  plug(): void {
    this.#pty?.close();
    this.#pty = openPseudoTerminal();
    this.#pty.link(this.#port);
    this.modem.attach(this.#pty);
  }

  unplug(): void {
    this.modem.detach();
    this.#pty?.close();
  }

  /** Sends a report and waits for the outcome. The report's id follows the sequence. */
  send(extra: Partial<Attempt> = {}): Promise<Outcome> {
    const attempt = extra.attempt ?? this.#next++;
    this.driver.send(smsAttempt(attempt, extra));
    return this.outcome(attempt);
  }

  poll(): Promise<Outcome> {
    const attempt = this.#next++;
    this.driver.send({ attempt, path: 'sms', sequence: 0, clockOffsetMs: 0, format: 0 });
    return this.outcome(attempt);
  }

  outcome(attempt: number): Promise<Outcome> {
    const known = this.outcomes.get(attempt);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.#waiting.set(attempt, resolve));
  }

  async close(): Promise<void> {
    await this.driver.stop();
    this.modem.detach();
    this.#pty?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Returns one report for each sequence number, each with its own text. */
export function smsAttempt(attempt: number, extra: Partial<Attempt> = {}): Attempt {
  const sequence = extra.sequence ?? attempt;
  const report = { ...baseReport, id: `wb-101.5.${sequence}`, text: `Intruder, Rm ${sequence}` };
  return { attempt, path: 'sms', sequence, clockOffsetMs: 0, format: 0, report, ...extra };
}
