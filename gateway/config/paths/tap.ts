import * as z from 'zod';
import { INFORMATION_CHARACTERS_MAX } from '../../../protocol/paging/tap-block.ts';
import type { TapSerialLine, TapSettings, TapTcpLine } from '../../paths/tap/settings.ts';
import { choice, expected, flag, mapping, number, whole } from '../fields/fields.ts';
import { required, seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { checkHost, checkInClear, checkPasswordInClear } from './check-host.ts';
import { checkPagers, pagerFields, pagerTraits } from './pager-fields.ts';
import type { PathConfig } from './path-config.ts';
import { host, pathSchema } from './path-fields.ts';

const terminal = mapping(
  {
    port: z
      .union([z.string(), z.int()], expected('a serial port such as /dev/serial/by-id/…, or with host a TCP port'))
      .describe('Serial port of the terminal, by its stable name: /dev/serial/by-id/…; with host: its TCP port.'),
    baudRate: whole(300, 115_200, 9600, 'Bits a second on the serial port. Default 9600.').optional(),
    framing: choice(
      ['7E1', '7O1', '7N1', '7N2', '7E2', '7O2', '8N1', '8E1', '8O1', '8N2'],
      'Data bits, parity and stop bits of the serial port. Default 7E1, as TAP says; many terminals want 8N1.',
    ).optional(),
    host: host.describe('Where a terminal on TCP is reached.').optional(),
    connectTimeoutSeconds: number(0.1, 60, 5, 'Longest wait for the TCP connection. Default 5.').optional(),
  },
  '{ port: /dev/serial/by-id/…, baudRate: 9600 } or { host: 10.0.0.7, port: 2001 }',
).describe('The paging terminal: on a serial port, or on TCP.');

const path = pathSchema(
  'tap',
  'tap: pages through a paging terminal that speaks TAP 1.8 (IXO). A page taken proves nothing about its reader.',
  {
    terminal,
    ...pagerFields,
    password: flag('The terminal asks for a log-on password; it is in keys.yaml. Default false.').default(false),
    idPrompt: flag(
      'The terminal asks for the log-on with ID=. False: the gateway sends it unasked. Default true.',
    ).default(true),
    oneBlock: flag('The terminal accepts one block for each page: longer messages are cut. Default false.').default(
      false,
    ),
    transactionsPerCall: whole(1, 100, 100, 'Largest number of pagers in one call, if the terminal limits it.').default(
      100,
    ),
  },
  {
    answerTimeoutSeconds: 90,
    answerTimeoutMost: 300,
    // The poll is a call of its own, and the line may be shared.
    supervision: { mode: 'null', intervalSeconds: 900, testIntervalSeconds: 86_400 },
  },
);

const TUNNEL = 'lead it through a tunnel, or use snpp with tls';

type Written = z.output<typeof path>;

export const tap: PathConfig<Written, TapSettings> = {
  path,
  check(view, ports) {
    const terminal = view.child('terminal');
    checkTerminal(terminal);
    if (view.flag('password') === true) checkPasswordInClear(view, 'password', terminal.text('host'), TUNNEL);
    if (!terminal.has('host')) ports.add(terminal, 'port', terminal.text('port'));
    checkPagers(view);
    checkOneBlock(view);
  },
  receiver(view) {
    const terminal = view.child('terminal');
    return terminal.has('host') ? `${terminal.text('host')?.toLowerCase()} ${terminal.text('port')}` : undefined;
  },
  secret: (view) => (view.flag('password') === true ? 'text' : undefined),
  handsOver: () => true,
  latinOnly: true,
  traits: ({ characters }) => pagerTraits(characters),
  settings(written, { keys }) {
    const { driver, id, terminal, pagers, characters, password, idPrompt, oneBlock, transactionsPerCall } = written;
    const line = lineOf(terminal, id);
    const own = { driver, id, line, pagers, characters, idPrompt, oneBlock, transactionsPerCall };
    return password ? { ...own, password: required(keys.pathSecrets.get(id), `password of path ${id}`) } : own;
  },
};

function lineOf({ host, port, ...more }: Written['terminal'], id: string): TapSerialLine | TapTcpLine {
  const { baudRate = 9600, framing = '7E1', connectTimeoutSeconds = 5 } = more;
  if (host === undefined) return { type: 'serial', port: String(port), baudRate, framing };
  const tcpPort = required(typeof port === 'number' ? port : undefined, `TCP port of the terminal of path ${id}`);
  return { type: 'tcp', host, port: tcpPort, connectTimeoutMs: seconds(connectTimeoutSeconds) };
}

function checkTerminal(terminal: View): void {
  const port = terminal.number('port');
  if (!terminal.has('host')) {
    if (port !== undefined) {
      const hint = 'write /dev/serial/by-id/…, or host beside it for a terminal on TCP';
      terminal.wrong('port', `${port} is not a serial port`, hint);
    }
    return;
  }
  checkHost(terminal);
  checkInClear(terminal, 'host', TUNNEL);
  if (terminal.text('port') !== undefined && (port === undefined || port < 1 || port > 65_535)) {
    terminal.wrong(
      'port',
      'a terminal with a host has a TCP port',
      'write a whole number without quotes, such as 2001',
    );
  }
  for (const key of ['baudRate', 'framing']) {
    if (terminal.has(key)) terminal.wrong(key, `a terminal on TCP has no ${key}`, 'remove it, or remove host');
  }
}

/** Pager id and message share the block, each ended by CR. */
function checkOneBlock(view: View): void {
  if (view.flag('oneBlock') !== true) return;
  const pagers = view.items('pagers');
  const longest = Math.max(0, ...pagers.keys().map((place) => pagers.text(place)?.length ?? 0));
  const most = INFORMATION_CHARACTERS_MAX - 2 - longest;
  if ((view.number('characters') ?? 0) <= most) return;
  view.wrong('characters', 'so long a message does not fit one block', `write at most ${most}, or oneBlock: false`);
}
