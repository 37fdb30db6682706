import type * as z from 'zod';
import type { Dc09Settings } from '../../paths/dc09/settings.ts';
import { required, seconds } from '../drivers/driver-config.ts';
import { choice, flag, number, someOf, text, whole } from '../fields.ts';
import { checkHost, checkInClear, hostAndPort } from './check-host.ts';
import { FAST_PATH, type PathConfig } from './path-config.ts';
import { host, pathSchema } from './path-fields.ts';

const hex = (min: number, max: number, example: string, about: string) =>
  text(
    new RegExp(`^[0-9A-F]{${min},${max}}$`),
    `${min} to ${max} hex digits, capitals, in quotes, such as "${example}"`,
    about,
  );

const path = pathSchema(
  'dc09-tcp',
  'dc09-tcp: SIA DC-09 over TCP to a monitoring centre.',
  {
    host,
    port: whole(1, 65_535, 7700, 'TCP port of the receiver.'),
    account: hex(3, 16, '1234', 'Account the monitoring centre gave you.'),
    prefix: hex(1, 6, '0', 'Account prefix (L field); 0 when the centre names none.').default('0'),
    receiver: hex(1, 6, '0', 'Receiver number (R field); 0 when the centre names none.').default('0'),
    encrypted: flag('AES with the key in keys.yaml. Default true.').default(true),
    connections: whole(1, 16, 4, 'Parallel connections; one frame is under way on each.').default(4),
    formats: someOf(
      choice(['SIA-DCS', 'ADM-CID'], 'Message format.'),
      'a list of at least one of: SIA-DCS, ADM-CID',
      'Tried in order; the next one when the receiver does not understand.',
    ).default(['SIA-DCS', 'ADM-CID']),
    timestamp: flag('Time stamps on plain messages too; encrypted ones always have them.').default(true),
    connectTimeoutSeconds: number(0.1, 60, 3, 'Longest wait for a connection.').default(3),
  },
  {
    answerTimeoutSeconds: 4,
    answerTimeoutMost: 20,
    supervision: { mode: 'auto', intervalSeconds: 20, testIntervalSeconds: 900 },
  },
);

export const dc09Tcp: PathConfig<z.output<typeof path>, Dc09Settings> = {
  path,
  check(view) {
    checkHost(view);
    if (view.flag('encrypted') === false)
      checkInClear(view, 'encrypted', 'agree on a key with the centre and write encrypted: true');
  },
  receiver: hostAndPort,
  secret: (view) => (view.flag('encrypted') === false ? undefined : 'key'),
  facts: ({ connections, formats }) => ({ ...FAST_PATH, parallel: connections, formats: formats.length }),
  settings(written, { keys }) {
    const { driver, id, host, port, account, prefix, receiver, formats, connections, timestamp } = written;
    const own = { driver, id, host, port, account, prefix, receiver, formats, connections, timestamp };
    const connectTimeoutMs = seconds(written.connectTimeoutSeconds);
    if (!written.encrypted) return { ...own, connectTimeoutMs };
    return { ...own, connectTimeoutMs, key: required(keys.paths.get(id), `key of path ${id}`) };
  },
};
