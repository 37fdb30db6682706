import type * as z from 'zod';
import type { SmsSettings } from '../../paths/sms/settings.ts';
import { flag, someOf, text, whole } from '../fields/fields.ts';
import { required } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import type { PathConfig } from './path-config.ts';
import { pathSchema } from './path-fields.ts';

/** E.164: a country code and at most 15 digits in all. */
const NUMBER = 'a number with its country code, in quotes, such as "+15551234567"';

const path = pathSchema(
  'sms',
  'sms: text messages by a GSM or LTE modem on a serial port. Never the only path: nobody promises when a message arrives.',
  {
    port: text(
      /^\S{1,255}$/,
      'the device file of the serial port, such as /dev/serial/by-id/…',
      'Serial port of the modem.',
    ),
    baudRate: whole(300, 4_000_000, 115_200, 'Default 115200.').default(115_200),
    recipients: someOf(
      text(/^\+[1-9]\d{5,14}$/, NUMBER, 'Number with its country code.'),
      `a list of at least one number: ["+15551234567"]`,
      'Who gets each message.',
    ),
    init: someOf(
      text(
        /^AT[!-~](?:[ -~]{0,197}[!-~])?$/i,
        'an AT command of printable ASCII, such as AT+CGSMS=1',
        'Command sent before everything else at each setup of the modem.',
      ),
      'a list of AT commands: [AT+CGSMS=1]',
      'Commands that this modem needs. A poll reports a refused one; messages are still sent.',
    ).optional(),
    pin: flag('The SIM card asks for a PIN, which is in keys.yaml under paths:. Default false.').default(false),
  },
  {
    answerTimeoutSeconds: 60,
    answerTimeoutMost: 120,
    supervision: { mode: 'null', intervalSeconds: 300, testIntervalSeconds: 86_400 },
  },
);

export const sms: PathConfig<z.output<typeof path>, SmsSettings> = {
  path,
  check(view, ports) {
    ports.add(view, 'port', view.text('port'));
    checkRecipients(view);
    checkInit(view);
    if (view.child('supervision').text('mode') === 'test') {
      const message = 'each test event is a text message to everybody named here';
      view.child('supervision').warn('mode', message, 'write mode: null, which asks the modem and costs nothing');
    }
  },
  // Two modems that reach the same people share little that can fail.
  receiver: () => undefined,
  secret: (view) => (view.flag('pin') === true ? 'text' : undefined),
  handsOver: () => true,
  traits: () => ({
    parallel: 1,
    formats: 1,
    attemptTimeoutMsMax: 120_000,
    retryMs: 5_000,
    retryMsMax: 120_000,
    takesUpdates: false,
    // A message that the modem is sending can't be called back: the next one would only wait behind
    // it.
    yields: false,
    digest: { characters: 160 },
  }),
  settings({ driver, id, port, baudRate, recipients, init, pin }, { keys }) {
    const own = { driver, id, port, baudRate, recipients, ...(init === undefined ? {} : { init }) };
    return pin ? { ...own, pin: required(keys.pathSecrets.get(id), `PIN of path ${id}`) } : own;
  },
};

function checkRecipients(path: View): void {
  const numbers = path.items('recipients');
  const seen = new Set<string>();
  for (const place of numbers.keys()) {
    const number = numbers.text(place);
    if (number === undefined) continue;
    if (seen.has(number)) numbers.wrong(place, `${number} stands here twice`, 'remove one of them');
    seen.add(number);
  }
}

/** Commands that would do harm, and what to write instead. */
const NO_INIT: readonly (readonly [RegExp, string, string])[] = [
  [/\+CPIN\s*=/i, 'the PIN does not belong here: anybody may read it', 'write pin: true, and the PIN into keys.yaml'],
  [/^AT\s*D/i, 'this would make a call', 'remove it'],
  [/\+CMG[SWC]\s*=|\+CMSS\s*=/i, 'this would begin a message', 'remove it: recipients: get the messages'],
  [/\+CFUN\s*=\s*[04]\b/i, 'this switches the radio off', 'remove it'],
  [
    /\+CFUN\s*=\s*\d+\s*,\s*1|\+(CRESET|CPOF|QPOWD|CPOWD|QRST)\b|\^RESET|#REBOOT/i,
    'this restarts the modem whenever it is set up, without end',
    'remove it',
  ],
  [/&W/i, 'this wears out the memory of the modem: it is sent again and again', 'send it once by hand'],
  [/\+IPR\s*=/i, 'this changes the speed of the port', 'set it in the modem once, and write it as baudRate:'],
];

function checkInit(path: View): void {
  const commands = path.items('init');
  for (const place of commands.keys()) {
    const command = commands.text(place) ?? '';
    for (const [pattern, message, hint] of NO_INIT) if (pattern.test(command)) commands.wrong(place, message, hint);
  }
}
