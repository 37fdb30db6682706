import type * as z from 'zod';
import type { Dc09Account, Dc09Settings, Dc09UdpSettings } from '../../paths/dc09/settings.ts';
import { choice, flag, number, someOf, text, whole } from '../fields/fields.ts';
import { required, seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { checkHost, checkInClear, checkLocalAddress, networkAndHost } from './check-host.ts';
import { FAST_PATH, type PathConfig, type PathSources } from './path-config.ts';
import { host, localAddress, type PathDefaults, pathSchema, tls } from './path-fields.ts';

const hex = (min: number, max: number, example: string, about: string) =>
  text(
    new RegExp(`^[0-9A-F]{${min},${max}}$`),
    `${min} to ${max} hex digits, capitals, in quotes, such as "${example}"`,
    about,
  );

const formats = someOf(
  choice(['SIA-DCS', 'ADM-CID'], 'Message format.'),
  'a list of at least one of: SIA-DCS, ADM-CID',
  'Tried in order; the next one if the receiver can’t process a message.',
).default(['SIA-DCS', 'ADM-CID']);

const accountFields = {
  localAddress,
  account: hex(3, 16, '1234', 'Account from the monitoring centre.'),
  prefix: hex(1, 6, '0', 'Account prefix (L field); 0 when the centre names none.').default('0'),
  receiver: hex(1, 6, '0', 'Receiver number (R field); 0 when the centre names none.').default('0'),
  area: whole(
    0,
    99,
    1,
    'Area (ri in SIA-DCS, partition in ADM-CID) of every message; 0: none. Default: that of the device or its building.',
  ).optional(),
  encrypted: flag('AES with the key in keys.yaml. Default true.').default(true),
  formats,
  timestamp: flag('Time stamps on plain messages too; encrypted ones always have them.').default(true),
};

const usual: PathDefaults = {
  answerTimeoutSeconds: 4,
  answerTimeoutMost: 20,
  supervision: { mode: 'auto', intervalSeconds: 20, testIntervalSeconds: 900 },
};

const POLL_HINT = 'if this receiver answers events but no polls (DC-09 NULL), set supervision: { mode: test }';

const tcpPath = pathSchema(
  'dc09-tcp',
  'dc09-tcp: SIA DC-09 over TCP or TLS to a monitoring centre.',
  {
    host,
    port: whole(1, 65_535, 7700, 'TCP port of the receiver.'),
    ...accountFields,
    connections: whole(1, 16, 4, 'Parallel connections; one frame is under way on each.').default(4),
    connectTimeoutSeconds: number(0.1, 60, 3, 'Longest wait for a connection.').default(3),
    tls: tls.optional().describe('Wraps the connection in TLS; without it, bare TCP.'),
  },
  usual,
);

const RESEND_MS = 1000;

const udpPath = pathSchema(
  'dc09-udp',
  'dc09-udp: SIA DC-09 over UDP to a monitoring centre.',
  {
    host,
    port: whole(1, 65_535, 7700, 'UDP port of the receiver.'),
    ...accountFields,
    inFlight: whole(1, 16, 4, 'Messages under way at once, each from a port of its own.').default(4),
    resendMilliseconds: whole(
      100,
      10_000,
      RESEND_MS,
      'A message without an answer is sent again after this long, until the answer comes or answerTimeoutSeconds are over.',
    ).default(RESEND_MS),
  },
  usual,
);

type WrittenTcp = z.output<typeof tcpPath>;
type WrittenUdp = z.output<typeof udpPath>;

/** Both drivers locate, name and key their receivers alike. */
const common = {
  receiver: networkAndHost,
  secret: (view: View) => (view.flag('encrypted') === false ? undefined : 'key'),
} as const;

function account(written: WrittenTcp | WrittenUdp, { keys }: PathSources): Dc09Account {
  const { id, host, port, localAddress, account, prefix, receiver, area, formats, timestamp } = written;
  return {
    ...{ id, host, port, account, prefix, receiver, formats, timestamp },
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(area === undefined ? {} : { area }),
    ...(written.encrypted ? { key: required(keys.paths.get(id), `key of path ${id}`) } : {}),
  };
}

export const dc09Tcp: PathConfig<WrittenTcp, Dc09Settings> = {
  ...common,
  path: tcpPath,
  check(view) {
    checkHost(view);
    checkLocalAddress(view);
    if (view.flag('encrypted') !== false || view.has('tls')) return;
    checkInClear(
      view,
      'encrypted',
      'agree on a key with the centre and write encrypted: true, or on TLS and write tls: { ca: centre.pem }',
    );
  },
  latinOnly: true,
  traits: ({ connections, formats }) => ({
    ...FAST_PATH,
    parallel: connections,
    formats: formats.length,
    pollHint: POLL_HINT,
  }),
  settings(written, sources) {
    const { driver, connections, connectTimeoutSeconds } = written;
    const own = { driver, ...account(written, sources), connections, connectTimeoutMs: seconds(connectTimeoutSeconds) };
    if (written.tls === undefined) return own;
    const { serverName } = written.tls;
    return { ...own, tls: { ...sources.tls.get(written.id), ...(serverName === undefined ? {} : { serverName }) } };
  },
};

export const dc09Udp: PathConfig<WrittenUdp, Dc09UdpSettings> = {
  ...common,
  path: udpPath,
  check(view) {
    checkHost(view);
    checkLocalAddress(view);
    if (view.flag('encrypted') === false)
      checkInClear(view, 'encrypted', 'agree on a key with the centre and write encrypted: true');
    checkResend(view);
  },
  latinOnly: true,
  traits: ({ inFlight, formats }) => ({
    ...FAST_PATH,
    parallel: inFlight,
    formats: formats.length,
    pollHint: POLL_HINT,
  }),
  settings(written, sources) {
    const { driver, inFlight, resendMilliseconds } = written;
    return { driver, ...account(written, sources), inFlight, resendMs: resendMilliseconds };
  },
};

/** A lost datagram that is not repeated costs a whole attempt. */
function checkResend(view: View): void {
  const resendMs = view.number('resendMilliseconds') ?? RESEND_MS;
  const answerSeconds = view.number('answerTimeoutSeconds') ?? usual.answerTimeoutSeconds;
  if (resendMs < seconds(answerSeconds)) return;
  view.warn(
    view.has('resendMilliseconds') ? 'resendMilliseconds' : 'answerTimeoutSeconds',
    `a lost message is not sent again within the ${answerSeconds} s it is waited for`,
    `write resendMilliseconds: ${Math.max(100, Math.floor(seconds(answerSeconds) / 4))}`,
  );
}
