import * as z from 'zod';
import { messageAirTime } from '../../../protocol/radio/air-time.ts';
import { TEXT_MAX } from '../../../protocol/radio/aprs-message.ts';
import type { RadioSettings, SerialTncSettings, TcpTncSettings } from '../../paths/radio/settings.ts';
import { expected, list, mapping, number, text, whole } from '../fields/fields.ts';
import { required, seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { checkHost, checkOpenTnc } from './check-host.ts';
import type { PathConfig } from './path-config.ts';
import { host, pathSchema } from './path-fields.ts';

const CALLSIGN = /^[A-Z0-9]{1,6}(-(\d|1[0-5]))?$/;

const callsign = (example: string, about: string) =>
  text(CALLSIGN, `1 to 6 of A-Z and 0-9, and if need be a number from 0 to 15, such as ${example}`, about);

/**
 * In a model of a 1200 Bd channel with the usual parameters, 99 of 100 acknowledgements came within
 * 3.8 s.
 */
const ANSWER_SECONDS = 4;
/**
 * Digipeaters drop a frame that they have repeated within 28 to 30 s (APRS Protocol Reference
 * 1.0.1, chapter 14; direwolf, Kantronics and APRS-IS alike). 2 s more: the TNC may have held the
 * first copy longer than it holds the second.
 */
const REPEAT_SECONDS = 32;
/** Doubled from 4 s: 4, 8, 16, 24. */
const ATTEMPT_TIMEOUT_MS_MAX = 24_000;
/** Shortest text a receiver shows: Kenwood's TH-D7 has 45 characters. */
const TEXT_MIN = 40;

const milliseconds = (usual: number, about: string) => whole(0, 2550, usual, about).default(usual);

const tnc = mapping(
  {
    port: z
      .union([z.string(), z.int()], expected('a serial port such as /dev/serial/by-id/…, or with host a TCP port'))
      .describe('Serial port of the TNC, by its stable name: /dev/serial/by-id/…; with host: its TCP port.'),
    baudRate: whole(300, 1_000_000, 9600, 'Bits a second on the serial port.').optional(),
    host: host.describe('Where a TNC on TCP runs, such as 127.0.0.1 for direwolf on this machine.').optional(),
    init: list(
      text(
        /^[ -~]{1,80}$/,
        'a command of at most 80 plain characters, such as KISS ON',
        'A command, as for a terminal.',
      ),
      'KISS ON',
      'Commands that bring a TNC from command mode into KISS mode, such as [KISS ON, RESTART]. Default none.',
    )
      .max(10, expected('at most 10 commands'))
      .default([]),
  },
  '{ port: /dev/serial/by-id/…, baudRate: 9600 } or { host: 127.0.0.1, port: 8001 }',
).describe('The modem (TNC), in KISS mode: on a serial port, or on TCP.');

const airTime = mapping(
  {
    secondsPerMinute: number(1, 60, 20, 'Longest sending time in any minute; a first alarm may exceed it.').default(20),
    repeats: whole(1, 100, 3, 'Sends of one message in a row without an acknowledgement; then it rests.').default(3),
    restSeconds: number(0, 3600, 60, 'How long it rests.').default(60),
  },
  '{ secondsPerMinute: 20, repeats: 3, restSeconds: 60 }',
)
  .prefault({})
  .describe('How much of the channel the gateway may use. Licences limit it: in the US see 47 CFR 90.235.');

const path = pathSchema(
  'radio',
  'radio: APRS messages over packet radio, acknowledged by the receiving station.',
  {
    tnc,
    kissPort: whole(0, 15, 0, 'Radio port of the TNC.').default(0),
    callsign: callsign('W1AW-9', 'Our call sign, as licensed.'),
    receiver: callsign('W1AW-1', 'Call sign of the receiving station.'),
    destination: callsign('APZCPT', 'Names the sending software on the air; APZ… is for experiments.').default(
      'APZCPT',
    ),
    digipeaters: list(
      callsign('WIDE1-1', 'Call sign or alias of a station that repeats us.'),
      'WIDE1-1',
      'Stations that repeat our frames, in order, at most 8. Default none.',
    )
      .max(8, expected('at most 8 call signs'))
      .default([]),
    igates: list(
      callsign('W2XYZ-10', 'Call sign of an igate.'),
      'W2XYZ-10',
      'Igates that carry the receiver’s answers from the internet. Anyone who can write there can then forge them. Default none.',
    )
      .max(8, expected('at most 8 call signs'))
      .default([]),
    textCharacters: whole(
      TEXT_MIN,
      TEXT_MAX,
      TEXT_MAX,
      'Longest text that the receiver shows: 45 for a TH-D7, 64 for a TM-D700. Default 67.',
    ).default(TEXT_MAX),
    bitsPerSecond: whole(300, 1_000_000, 1200, 'Speed on the air.').default(1200),
    txDelayMilliseconds: milliseconds(300, 'From key-up to the first bit (KISS TXDELAY).'),
    txTailMilliseconds: milliseconds(100, 'From the last bit to the end of the transmission (KISS TXtail).'),
    slotMilliseconds: milliseconds(100, 'Time between two tries at a free channel (KISS slottime).'),
    persistence: whole(0, 255, 63, 'P of KISS: each try takes the free channel with (P + 1) / 256.').default(63),
    airTime,
  },
  {
    answerTimeoutSeconds: ANSWER_SECONDS,
    answerTimeoutMost: 120,
    // A TNC in KISS mode does not report what happened to a frame: only an acknowledged message
    // proves the TNC and the channel.
    supervision: { mode: 'test', intervalSeconds: 900, testIntervalSeconds: 900 },
  },
);

type Written = z.output<typeof path>;

export const radio: PathConfig<Written, RadioSettings> = {
  path,
  check(view, ports) {
    const tnc = view.child('tnc');
    checkTnc(tnc);
    if (!tnc.has('host')) ports.add(tnc, 'port', tnc.text('port'));
    checkCallsigns(view);
    checkAnswerTime(view);
  },
  receiver(view) {
    const receiver = view.text('receiver');
    return receiver === undefined ? undefined : `radio ${withSsid(receiver)}`;
  },
  // APRS acknowledgements can carry no proof: see the settings of the driver.
  secret: () => undefined,
  latinOnly: true,
  traits: (written) => ({
    formats: 1,
    // An alarm need not wait for the acknowledgement of another message. With longer waits, more
    // messages wait at once.
    parallel: written.digipeaters.length > 0 ? 4 : 2,
    takesUpdates: false,
    yields: true,
    ...attemptTimes(written),
    retryMs: 250,
    retryMsMax: 2_000,
    digest: { characters: written.textCharacters },
    airTime: airTimeOf(written),
  }),
  settings({ driver, id, tnc, kissPort, callsign, receiver, destination, digipeaters, igates, ...written }) {
    return {
      driver,
      id,
      tnc: tncSettings(tnc, id),
      tncInit: tnc.init,
      kissPort,
      callsign,
      receiver,
      destination,
      digipeaters,
      igates,
      textCharacters: written.textCharacters,
      txDelayMs: written.txDelayMilliseconds,
      slotMs: written.slotMilliseconds,
      txTailMs: written.txTailMilliseconds,
      persistence: written.persistence,
    };
  },
};

/**
 * An attempt listens until the next one begins: an acknowledgement in a gap between two would be
 * noticed only by the next. Through digipeaters a repeat is of use only after their duplicate
 * filters have forgotten the first copy. The repeat is not disguised as another frame to pass them:
 * a changed number or text would be shown once more at the receiver, filters do not agree on which
 * parts of a frame they compare, and licences limit the repeats, so each has to count.
 */
function attemptTimes({ digipeaters, answerTimeoutSeconds }: Written) {
  const writtenMs = seconds(answerTimeoutSeconds);
  if (digipeaters.length === 0) return { attemptTimeoutMsMax: Math.max(ATTEMPT_TIMEOUT_MS_MAX, writtenMs) };
  const listensMs = Math.max(seconds(REPEAT_SECONDS), writtenMs);
  return { attemptTimeoutMs: listensMs, attemptTimeoutMsMax: listensMs };
}

function airTimeOf(written: Written) {
  const { bitsPerSecond, txDelayMilliseconds: txDelayMs, txTailMilliseconds: txTailMs, digipeaters } = written;
  const { messageMs, characterMs } = messageAirTime({ bitsPerSecond, txDelayMs, txTailMs }, digipeaters.length);
  const { secondsPerMinute, repeats, restSeconds } = written.airTime;
  return {
    messageMs: Math.ceil(messageMs),
    characterMs,
    budgetMs: seconds(secondsPerMinute),
    windowMs: 60_000,
    repeatsMax: repeats,
    restMs: seconds(restSeconds),
  };
}

function tncSettings({ host, port, baudRate = 9600 }: Written['tnc'], id: string): SerialTncSettings | TcpTncSettings {
  if (host === undefined) return { port: String(port), baudRate };
  return { host, port: required(typeof port === 'number' ? port : undefined, `TCP port of the TNC of path ${id}`) };
}

function checkTnc(tnc: View): void {
  const port = tnc.number('port');
  const isTcpPort = port !== undefined && port >= 1 && port <= 65_535;
  if (tnc.has('host')) {
    checkHost(tnc);
    checkOpenTnc(tnc);
    if (tnc.text('port') !== undefined && !isTcpPort) {
      tnc.wrong('port', 'a TNC with a host has a TCP port', 'write a whole number without quotes, such as 8001');
    }
    if (tnc.has('baudRate')) tnc.wrong('baudRate', 'a TNC on TCP has no baud rate', 'remove it, or remove host');
  } else if (port !== undefined) {
    tnc.wrong('port', `${port} is not a serial port`, 'write /dev/serial/by-id/…, or host beside it for a TNC on TCP');
  }
}

function checkCallsigns(view: View): void {
  const own = view.text('callsign');
  const receiver = view.text('receiver');
  if (own !== undefined && receiver !== undefined && withSsid(own) === withSsid(receiver)) {
    view.wrong(
      'receiver',
      'this is our own call sign',
      "write the receiving station's, or another number behind the -",
    );
  }
  if (own !== undefined && /^N[O0]CALL/.test(own)) {
    view.warn(
      'callsign',
      `${own} is a placeholder: nobody may transmit under it`,
      'write the call sign of your licence',
    );
  }
}

function withSsid(callsign: string): string {
  return callsign.includes('-') ? callsign : `${callsign}-0`;
}

/**
 * An attempt that ends before an acknowledgement can arrive waits in vain, and the repeat would
 * collide with the acknowledgement. Digipeaters would drop the repeat.
 */
function checkAnswerTime(view: View): void {
  const or = (key: string, usual: number) => view.number(key) ?? usual;
  const air = {
    bitsPerSecond: or('bitsPerSecond', 1200),
    txDelayMs: or('txDelayMilliseconds', 300),
    txTailMs: or('txTailMilliseconds', 100),
  };
  const hops = view.items('digipeaters').keys().length;
  const { messageMs, characterMs, ackMs } = messageAirTime(air, hops);
  const characters = or('textCharacters', TEXT_MAX);
  const needed = ((hops + 1) * (messageMs + characters * characterMs + ackMs)) / 1000;
  const isWritten = view.has('answerTimeoutSeconds');
  const waits = or('answerTimeoutSeconds', hops > 0 ? REPEAT_SECONDS : ANSWER_SECONDS);
  if (hops > 0 && isWritten && waits < REPEAT_SECONDS) {
    view.warn(
      'answerTimeoutSeconds',
      `with digipeaters an answer is waited for ${REPEAT_SECONDS} s: they drop what they have repeated within 30 s`,
      `write answerTimeoutSeconds: ${REPEAT_SECONDS} or more, or remove it`,
    );
    return;
  }
  if (waits >= needed) return;
  view.warn(
    isWritten ? 'answerTimeoutSeconds' : undefined,
    `message and acknowledgement take ${needed.toFixed(1)} s on the air`,
    `write answerTimeoutSeconds: ${Math.ceil(needed * 1.5)}`,
  );
}
