import { choice, flag, id, mapping, number, someOf, text, whole } from './fields.ts';

const hex = (min: number, max: number, example: string, about: string) =>
  text(
    new RegExp(`^[0-9A-F]{${min},${max}}$`),
    `${min} to ${max} hex digits, capitals, in quotes, such as "${example}"`,
    about,
  );

const supervision = mapping(
  {
    mode: choice(
      ['auto', 'null', 'test', 'off'],
      'auto: NULL polls until the receiver refuses one, then test events.',
    ).default('auto'),
    intervalSeconds: number(5, 86_400, 20, 'Between two proofs that the path works; at least 5.').default(20),
    testIntervalSeconds: number(60, 86_400, 900, 'Between test events once auto has fallen back to them.').default(900),
    downAfter: whole(1, 100, 2, 'Failures in a row before the path is down.').default(2),
    upAfter: whole(1, 100, 2, 'Successes in a row before it is up again.').default(2),
  },
  '{ mode: auto, intervalSeconds: 20 }',
);

/** What stands under `paths:`. */
export const path = mapping(
  {
    id: id('Name of the path, for example central.'),
    driver: choice(['dc09-tcp'], 'dc09-tcp: SIA DC-09 over TCP to a monitoring centre.'),
    host: text(
      /^[A-Za-z0-9._-]{1,253}$|^[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$/,
      'a host name or address alone, such as 10.0.0.5',
      'Name or address.',
    ),
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
    answerTimeoutSeconds: number(0.1, 20, 4, 'Longest wait for the first answer; doubles up to 20 s.').default(4),
    supervision: supervision.prefault({}).describe('How the path is proved while nothing happens.'),
  },
  '{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234" }',
);
