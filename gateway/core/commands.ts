import { after } from '../../protocol/clocks.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { WalkTestCommand } from '../../protocol/walk-test-command.ts';
import type { AlertBook } from './alerts/alert-book.ts';
import type { CanaryTest } from './alerts/canary-test.ts';
import type { Drills } from './alerts/drills.ts';
import { CommandAnswers } from './command-answers.ts';
import type { Context } from './context.ts';
import type { DeviceSupervision } from './devices/device-supervision.ts';
import type { CommandAnswer } from './effect.ts';
import { known } from './invariant.ts';
import type { Device } from './site.ts';
import type { OutputTest } from './walk-test/output-test.ts';
import type { WalkTests } from './walk-test/walk-tests.ts';

interface CommandsDeps {
  readonly alerts: Pick<AlertBook, 'close'>;
  readonly devices: ReadonlyMap<string, DeviceSupervision>;
  readonly drills: Pick<Drills, 'start' | 'stop'>;
  readonly walkTest: {
    readonly tests: Pick<WalkTests, 'start' | 'stop'>;
    readonly outputs: Pick<OutputTest, 'take'>;
  };
  readonly canary: Pick<CanaryTest, 'pressNow'> | undefined;
}

/** A command of an operator. */
export class Commands {
  readonly answers: CommandAnswers;
  readonly #context: Context;
  readonly #deps: CommandsDeps;

  constructor(context: Context, deps: CommandsDeps) {
    this.#context = context;
    this.#deps = deps;
    this.answers = new CommandAnswers(context);
  }

  /** `ticket`: the caller waits for the answer that carries it. */
  take(command: GatewayCommand, ticket?: number): void {
    const { lastRecord } = this.#context;
    const { ok, text } = this.#carryOut(command);
    if (!ok) this.#context.log('warn', 'command.refused', { command: command.command, by: command.by, why: text });
    if (ticket !== undefined) this.answers.give(ticket, { ok, text }, lastRecord);
  }

  enrolmentOver(device: string): void {
    known(this.#deps.devices, device, 'device').numbering.endEnrolment();
    this.#context.log('info', 'enrolment.over', { device });
  }

  #carryOut(command: GatewayCommand): CommandAnswer {
    const { alerts, drills, canary } = this.#deps;
    const { by, reason } = command;
    switch (command.command) {
      case 'resolve':
      case 'cancel': {
        const state = command.command === 'resolve' ? 'resolved' : 'cancelled';
        if (alerts.close(command.alert, state, by, reason)) return { ok: true, text: `${command.alert} ${state}` };
        return { ok: false, text: `there is no open alert ${command.alert}` };
      }
      case 'enrol':
        return this.#enrol(command.device, command.minutes, { by, reason });
      case 'drill':
        return command.action === 'start' ? drills.start(command) : drills.stop(command);
      case 'walk-test':
        return this.#walkTest(command);
      case 'canary':
        return canary?.pressNow() ?? { ok: false, text: 'this site has no canary; add canary: to site.yaml' };
    }
  }

  #walkTest(command: WalkTestCommand): CommandAnswer {
    const { tests, outputs } = this.#deps.walkTest;
    if (command.action === 'start') return tests.start(command);
    return command.action === 'stop' ? tests.stop(command) : outputs.take(command);
  }

  /**
   * For some minutes the device may restart its counter. Before and after, a lower counter is a
   * recording.
   */
  #enrol(device: string, minutes: number, who: { readonly by: string; readonly reason: string }): CommandAnswer {
    const supervision = this.#deps.devices.get(device);
    if (supervision === undefined) return { ok: false, text: `there is no device ${device}` };
    if (!supervision.device.counterOnly) return { ok: false, text: `${device} ${whyNoEnrolment(supervision.device)}` };
    supervision.numbering.beginEnrolment();
    const { timers, now } = this.#context;
    timers.set({ type: 'enrolmentEnd', device }, after(now.monoMs, minutes * 60_000));
    this.#context.log('warn', 'enrolment.open', { device, minutes, ...who });
    return { ok: true, text: `${device} may begin its counter anew within ${minutes} min` };
  }
}

function whyNoEnrolment({ id, keyFingerprint }: Device): string {
  return keyFingerprint === undefined
    ? 'sends no counter that could begin anew, so there is nothing to enrol: it is heard as it is'
    : `counts its own starts, so a restart needs no enrolment. A node that was replaced or has lost its memory needs a new key: callpoint devices replace ${id}`;
}
