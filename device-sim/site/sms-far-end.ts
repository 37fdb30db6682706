import { z } from 'zod';
import type { PseudoTerminal } from '../pty/pseudo-terminal.ts';
import type { ModemBehaviour } from '../sms/behaviour.ts';
import { SmsModem } from '../sms/sms-modem.ts';
import { layCable } from './cable.ts';
import { type FarEnd, type FarEndBehaviour, farEnd, LATE_MS } from './far-end.ts';
import { monotonicMs, Screen } from './screen.ts';
import { type SimulatedPath, secretText } from './site-file.ts';
import { text } from './site-shape.ts';

const shape = z.object({ port: text.optional(), pin: z.boolean().default(false) });

/** A delay beyond every time-out. */
const NEVER_MS = 24 * 60 * 60_000;
const BEHAVIOURS: Readonly<Record<FarEndBehaviour, ModemBehaviour>> = {
  normal: { type: 'normal' },
  // 38 means network out of order (3GPP TS 27.005 §3.2.5, TS 24.011 Annex E-2).
  refuse: { type: 'error', error: 'CMS 38', times: Number.POSITIVE_INFINITY },
  hang: { type: 'silent' },
  late: { type: 'resultLate', ms: LATE_MS, deaf: true },
  loseAnswers: { type: 'resultLate', ms: NEVER_MS, deaf: true },
  drip: { type: 'silent' },
};

const TIMES = { Once: 1, Twice: 2, Always: Number.POSITIVE_INFINITY } as const;
const ERRORS = [38, 42, 50, 305, 331, 500, 513];
/** A PIN that differs from the one in keys.yaml. */
const OTHER_PIN = '87654321';

const OWN: Readonly<Record<string, ModemBehaviour>> = {
  ...Object.fromEntries(
    ERRORS.flatMap((code) =>
      Object.entries(TIMES).map(([name, times]) => [
        `cms${code}${name}`,
        { type: 'error', error: `CMS ${code}`, times } as const,
      ]),
    ),
  ),
  blanks: { type: 'spelling', how: 'blanks' },
  nul: { type: 'spelling', how: 'nul' },
  noise: { type: 'spelling', how: 'noise' },
  echoStays: { type: 'echoStays' },
  chatter: { type: 'chatter' },
  cfun0: { type: 'radioOff', functionality: 0, allows: true },
  cfun4: { type: 'radioOff', functionality: 4, allows: true },
  cfun4Stays: { type: 'radioOff', functionality: 4, allows: false },
  pinRefused: { type: 'wantsPin', pin: OTHER_PIN },
  noSim: { type: 'noSim' },
  noNetwork: { type: 'noNetwork' },
  failPolls: { type: 'failPolls', first: 'CMS 38' },
};

/** Restarts the modem with this state, so that the gateway sets it up again. */
function become(modem: SmsModem, behaviour: ModemBehaviour): void {
  modem.behave(behaviour);
  modem.restart('RDY');
}

/**
 * A modem at the end of a serial cable, and the phones that get its messages.
 * @throws Unplayable, ZodError
 */
export function startSmsFarEnd(path: SimulatedPath): FarEnd {
  const { port, pin } = shape.parse(path.written);
  const cable = layCable(port);
  const modem = new SmsModem(pin ? { sim: { pin: secretText(path) } } : {});
  return farEnd({
    path: path.id,
    driver: path.driver,
    what: `SMS modem on ${port}`,
    screen: screenOf(modem, cable),
    behave: (how) => modem.behave(BEHAVIOURS[how]),
    own: {
      ...Object.fromEntries(Object.entries(OWN).map(([name, how]) => [name, () => become(modem, how)])),
      pinWanted: () => become(modem, { type: 'wantsPin', pin: pin ? secretText(path) : OTHER_PIN }),
    },
    close: () => {
      modem.detach();
      cable.close();
    },
  });
}

/**
 * Plugs the modem in between two listeners on the cable. One notes when bytes came, the other
 * checks their effect.
 */
function screenOf(modem: SmsModem, cable: PseudoTerminal): Screen {
  const screen = new Screen();
  const seen = new Map<string, number>();
  let commands = 0;
  let chunkMs = 0;
  let messageMs = 0;
  cable.onData(() => {
    chunkMs = monotonicMs();
  });
  modem.attach(cable);
  cable.onData(() => {
    const begun = modem.commands.slice(commands).some((command) => command.startsWith('AT+CMGS'));
    commands = modem.commands.length;
    if (begun) messageMs = chunkMs;
    for (const { number, text, times } of modem.desk.messages) {
      const key = `${number} ${text}`;
      for (let count = seen.get(key) ?? 0; count < times; count++) {
        screen.take(key, { text, to: number, firstMs: messageMs });
      }
      seen.set(key, times);
    }
  });
  return screen;
}
