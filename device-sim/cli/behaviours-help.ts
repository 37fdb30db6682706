import { MANNERS } from '../mqtt/manners.ts';

/**
 * What `sim behave --help` says of the ways in which far ends behave. Names that differ in one part
 * are written as a shell writes them: `poll{403,404}` is `poll403` and `poll404`.
 */
interface Group {
  readonly of: string;
  readonly ways: readonly (readonly [names: string, words: string])[];
}

const TIMES = '{Once,Twice,Always}';

export const BEHAVIOUR_GROUPS: readonly Group[] = [
  {
    of: 'Every far end',
    ways: [
      ['normal', 'answers as it should'],
      ['refuse', 'turns everything away: nobody listens there, the modem says no, the radio station rejects'],
      ['hang', 'takes what comes, shows nothing, says nothing'],
      ['late', 'shows what comes and answers 5 s later'],
      ['loseAnswers', 'shows what comes, and its answers are lost'],
      ['drip', 'shows what comes, begins an answer and never ends it, a byte a second'],
    ],
  },
  {
    of: 'The devices and bridges of an MQTT input, served by sim serve (mqtt)',
    ways: Object.entries(MANNERS),
  },
  {
    of: 'A DC-09 receiver',
    ways: [
      ['nakSiaDcs, nakAdmCid', 'answers NAK to messages of this format; its clock is right'],
      ['nak, duh', 'answers NAK, with its right time, or DUH to everything'],
      ['bareNak', 'answers "NAK" alone to everything, as some do to an unknown account'],
      ['silentToNull', 'never answers NULL; takes the rest'],
      ['oddSpelling', 'takes what comes; each answer is written as some other receiver writes it'],
      ['wrongAccount', 'takes what comes and answers for another account'],
      ['clock{Ahead,Behind}{60,3600}', 'its clock is off by so many seconds'],
      ['closeAfterAck', 'closes the connection after each answer'],
      ['firstFrameOnly', 'answers the first message of a connection, and reads no other'],
      ['oneConnection', 'accepts several connections, and reads one at a time'],
    ],
  },
  {
    of: 'A radio station (radio)',
    ways: [
      ['missFirst', 'does not hear the first copy of each message'],
      ['rejFirst', 'rejects the first copy of each message, and takes the second'],
      ['replyAck', 'acknowledges with a reply-ack, ack0045}A1'],
      ['shortNumber', 'writes the number without its leading zeros, ack45, with CR and LF behind it'],
      ['ackByIgate', 'its acknowledgements come from the internet by the igate N0GATE-10'],
      ['ackEvery30s', 'acknowledges copies of one message at most every 30 s'],
      ['commandMode', 'its TNC is switched off and on, and is in command mode until KISS ON and RESTART'],
    ],
  },
  {
    of: 'A SIP receiver (sip)',
    ways: [
      ['refuse{302,403,404,405,408,415,486,500,503,600}', 'refuses everything with this status'],
      ['retryAfter', 'refuses with 503 and Retry-After: 60'],
      ['relayed', 'takes what comes and answers 202: it is not at the receiver yet'],
      ['failPolls', 'answers OPTIONS with 503, and the first sending of each message with 503'],
      ['refuseMessages', 'answers OPTIONS with 200, and every message with 403'],
      ['progress', 'answers 183 three times, and then twice with 200'],
    ],
  },
  {
    of: 'A SIP receiver that asks for credentials (the path has user:)',
    ways: [
      ['proxyThenServer', 'asks as a proxy (407), and then as the server behind it (401)'],
      ['oneTimeNonces', 'each nonce is good for one request'],
      ['nextNonce', 'each nonce is good for one request, and the answer names the next one'],
      ['staleNonces', 'calls each answer stale'],
      ['md5Sess, sha256Sess, sha512Sess, noQop', 'asks in this form of Digest'],
      ['unknownAlgorithm, basic', 'asks in a way that can not be answered'],
    ],
  },
  {
    of: 'An HTTPS server (cap, webhook)',
    ways: [
      ['refuse{400,401,403,404,410,413,422,429,500,503}', 'refuses messages and polls with this status'],
      ['poll{403,404,405,501,503}', 'takes messages, and answers polls with this status'],
      ['failPolls', 'answers polls with 403, and the first sending of each message with 503'],
      ['retryAfter', 'refuses with 503 and Retry-After: 60'],
      ['relayed', 'takes what comes and answers 202, as relays do'],
      ['errorIn200', 'shows nothing, and says in a 200 that the delivery failed'],
      ['capError, capAck', "answers 200 with CAP's own Error or Ack (cap only)"],
      ['redirect{302,307}', 'sends everything to /moved, and takes it there'],
      ['redirectHttp', 'sends everything to http, where nothing is encrypted'],
      ['http2Only', 'offers HTTP/2 and nothing else (https only)'],
    ],
  },
  {
    of: 'An HTTPS server that asks for credentials (the path has auth: digest)',
    ways: [
      ['oneTimeNonces', 'each nonce is good for one request'],
      ['nextNonce', 'each nonce is good for one request, and the answer names the next one'],
      ['newNonces', 'forgets, once, the nonces that it gave'],
      ['md5Sess, sha256Sess', 'asks in this form of Digest'],
    ],
  },
  {
    of: 'A proxy (the path has proxy:)',
    ways: [['proxy{403,502}, proxyHang', 'connects nobody through: it refuses with this status, or says nothing']],
  },
  {
    of: 'A modem (sms)',
    ways: [
      [`cms{38,42,50,305,331,500,513}${TIMES}`, 'refuses messages with +CMS ERROR and this number'],
      ['failPolls', 'says that it is in no network, and refuses the first sending of each message'],
      ['blanks', 'writes +CREG : 0 , 1'],
      ['nul', 'ends lines with LF alone, with NUL between letters'],
      ['noise', 'sends noise and boot messages before each line'],
      ['echoStays', 'echoes, whatever ATE0 says'],
      ['chatter', 'says unsolicited lines between all others'],
      ['cfun{0,4}', 'its radio is off until AT+CFUN=1'],
      ['cfun4Stays', 'its radio is off, and it refuses AT+CFUN=1'],
      ['pinWanted', 'its SIM card asks for the PIN in keys.yaml'],
      ['pinRefused', 'its SIM card asks for another PIN'],
      ['noSim, noNetwork', 'has no SIM card; is in no network'],
    ],
  },
  {
    of: 'A paging server (snpp)',
    ways: [
      [`{page,mess,send}{421,503,550,552,554,780}${TIMES}`, 'refuses this command with this code'],
      ['queued', 'answers SEND with 960, as a two-way system does'],
    ],
  },
  {
    of: 'A pager terminal (tap)',
    ways: [
      ['noId', 'sends no ID='],
      ['oddParity', 'sends with odd parity in bit 7'],
      ['chatter', 'sends lines of its own before each answer'],
      [`queueFull${TIMES}`, 'refuses blocks with 512 and NAK'],
      [`nak${TIMES}`, 'finds blocks damaged: 514 and NAK'],
      [`rs511${TIMES}, rs512${TIMES}, rsBare${TIMES}`, 'refuses pages with RS, and this code or none'],
      ['takenBack', 'accepts pages, and takes them back at the end of the call'],
      ['hangsUp512', 'ends the call with 512 instead of accepting a page'],
    ],
  },
];

const COLUMNS = 80;
const WORDS_AT = 20;

/** For a terminal of 80 columns. */
export function behavioursHelp(): string {
  const groups = BEHAVIOUR_GROUPS.map(({ of, ways }) => [`${of}:`, ...ways.flatMap(wayLines)].join('\n'));
  return `\n${[...groups, EPILOGUE].join('\n\n')}`;
}

const EPILOGUE = `Names in braces are alternatives: cfun{0,4} is cfun0 or cfun4.
A word that is none of these is answered with all that this path does.`;

function wayLines([names, words]: readonly [names: string, words: string]): string[] {
  const [first = '', ...more] = wrapped(words, COLUMNS - WORDS_AT).map((line) => ' '.repeat(WORDS_AT) + line);
  const head = wrapped(names, COLUMNS - 2).map((line) => `  ${line}`);
  const last = head.at(-1) ?? '';
  if (last.length > WORDS_AT - 2) return [...head, first, ...more];
  return [...head.slice(0, -1), last + first.slice(last.length), ...more];
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** What a far end of this driver does, for a person; empty if nothing is said of it. */
export function aboutBehaviour(driver: string, how: string): string {
  const kind = driver.startsWith('dc09') ? 'DC-09' : driver;
  const ofKind = BEHAVIOUR_GROUPS.filter(({ of }) => of.includes(kind));
  for (const { ways } of [...ofKind, ...BEHAVIOUR_GROUPS]) {
    for (const [names, words] of ways) if (behaviourNames(names).includes(how)) return words;
  }
  return '';
}

/** `poll{403,404}, nul` is `poll403`, `poll404` and `nul`. */
function behaviourNames(names: string): string[] {
  return names.split(/, (?![^{]*})/).flatMap(withoutBraces);
}

function withoutBraces(name: string): string[] {
  const [, before = '', choices = '', after = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(name) ?? [];
  return choices === '' ? [name] : choices.split(',').flatMap((choice) => withoutBraces(before + choice + after));
}
