import type * as z from 'zod';
import type { SipSettings } from '../../paths/sip/settings.ts';
import { choice, number, text, whole } from '../fields/fields.ts';
import { required, seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { checkHost, checkInClear, checkLocalAddress, networkAndHost } from './check-host.ts';
import { FAST_PATH, type PathConfig } from './path-config.ts';
import { host, localAddress, pathSchema, tls } from './path-fields.ts';

const SIP_HOST = '(?:[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])';
const SIP_URI = `sips?:(?:[A-Za-z0-9_.+~-]{1,64}@)?${SIP_HOST}(?::\\d{1,5})?(?:;[A-Za-z0-9=._-]{1,64}){0,4}`;
const SERVICE = 'urn:service:(?:test\\.)?sos(?:\\.[a-z-]{1,63}){0,3}';

const path = pathSchema(
  'sip',
  'sip: SIP MESSAGE with CAP and the location (RFC 8876) over TCP or TLS.',
  {
    target: text(
      new RegExp(`^(?:${SIP_URI}|${SERVICE})$`),
      'a SIP URI such as sip:alarms@centre.net, or urn:service:sos',
      'The target: the receiver’s SIP URI, or urn:service:sos; drills and tests then call urn:service:test.sos.',
    ),
    host,
    port: whole(1, 65_535, 5061, 'Port of the proxy or receiver; default: 5061 with TLS, 5060 without.').optional(),
    transport: choice(
      ['tls', 'tcp'],
      'tls, or tcp in clear. Never UDP: these messages do not fit its packets (RFC 3261).',
    ).default('tls'),
    tls: tls.optional().describe('Certificates beyond the default ones.'),
    localAddress,
    from: text(
      /^sips?:[A-Za-z0-9_.+~-]{1,64}@[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/,
      'a SIP URI with a user, such as sip:gw-1@northfield.example',
      'Our own SIP URI: the name the far end knows you by. Keep it.',
    ),
    user: text(
      /^[!#-[\]-~]{1,64}$/,
      'a user name without spaces and quotes',
      'User name if the far end asks for one; the password is in keys.yaml.',
    ).optional(),
    language: text(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language such as en-US', 'Language of the texts.').default(
      'en-US',
    ),
    transactions: whole(1, 32, 8, 'Messages under way at once, on one connection.').default(8),
    connectTimeoutSeconds: number(0.1, 60, 3, 'Longest wait for a connection, TLS included.').default(3),
  },
  {
    answerTimeoutSeconds: 4,
    // RFC 3261 §17.1.2.2: timer F of a transaction.
    answerTimeoutMost: 32,
    supervision: { mode: 'null', intervalSeconds: 30, testIntervalSeconds: 900 },
  },
);

export const sip: PathConfig<z.output<typeof path>, SipSettings> = {
  path,
  check(view) {
    checkHost(view);
    checkLocalAddress(view);
    checkTransport(view);
    checkTarget(view);
  },
  receiver: networkAndHost,
  secret: (view) => (view.has('user') ? 'text' : undefined),
  traits: ({ transactions }) => ({
    ...FAST_PATH,
    parallel: transactions,
    // With the location, and without it for a receiver that can't read it.
    formats: 2,
    attemptTimeoutMsMax: 32_000,
    takesUpdates: true,
  }),
  settings(written, { keys, tls: pem, places }) {
    const { driver, id, target, host, transport, from, user, localAddress, language, transactions } = written;
    const serverName = written.tls?.serverName;
    const inTls = { tls: { ...pem.get(id), ...(serverName === undefined ? {} : { serverName }) } };
    return {
      ...{ driver, id, target, host, from, language, transactions, places },
      port: written.port ?? (transport === 'tls' ? 5061 : 5060),
      connectTimeoutMs: seconds(written.connectTimeoutSeconds),
      ...(transport === 'tls' ? inTls : {}),
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(user === undefined
        ? {}
        : { account: { user, password: required(keys.pathSecrets.get(id), `password of path ${id}`) } }),
    };
  },
};

function checkTransport(view: View): void {
  if (view.text('transport') !== 'tcp') return;
  if (view.has('tls')) view.wrong('tls', 'tls: means nothing to transport: tcp', 'write transport: tls, or remove it');
  if (view.text('target')?.startsWith('sips:') === true) {
    view.wrong('transport', 'a sips: URI is not to be called in clear', 'write transport: tls');
  }
  checkInClear(view, 'transport', 'write transport: tls');
}

function checkTarget(view: View): void {
  if (view.text('target')?.startsWith('urn:service:test.') !== true) return;
  view.warn(
    'target',
    'this service takes every alert for a test',
    'write urn:service:sos once the far end agrees; drills and tests never go there',
  );
}
