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
    pin: flag('The SIM card asks for a PIN, which stands in keys.yaml under paths:. Default false.').default(false),
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
    if (view.child('supervision').text('mode') === 'test') {
      const message = 'each test event is a text message to everybody named here';
      view.child('supervision').warn('mode', message, 'write mode: null, which asks the modem and costs nothing');
    }
  },
  // Two modems that reach the same people share little that can break.
  receiver: () => undefined,
  secret: (view) => (view.flag('pin') === true ? 'text' : undefined),
  handsOver: () => true,
  facts: () => ({
    parallel: 1,
    formats: 1,
    attemptTimeoutMaxMs: 120_000,
    retryMs: 5_000,
    retryMaxMs: 120_000,
    takesUpdates: false,
    // A message the modem is sending can't be called back: the next one would only wait behind it.
    yields: false,
    digest: { characters: 160 },
  }),
  settings({ driver, id, port, baudRate, recipients, pin }, { keys }) {
    const own = { driver, id, port, baudRate, recipients };
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
