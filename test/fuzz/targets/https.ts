import { readCapAnswer } from '../../../gateway/paths/cap/answer.ts';
import { pollOutcome, reportOutcome } from '../../../gateway/paths/https-answer.ts';
import { firstLineOf, shortLine } from '../../../gateway/paths/https-answer-text.ts';
import { unmet } from '../../../gateway/paths/https-expectation.ts';
import type { HttpsAnswer } from '../../../gateway/paths/https-message.ts';
import { redirectTarget } from '../../../gateway/paths/https-redirect.ts';
import { retryAfterMs } from '../../../gateway/paths/retry-after.ts';
import { CAP_NAMESPACE, encodeCap } from '../../../protocol/cap/cap-message.ts';
import { textElement } from '../../../protocol/cap/xml.ts';
import type { WallMs } from '../../../protocol/clocks.ts';
import { encodePidfLo } from '../../../protocol/pidf-lo.ts';
import { latin1, promise, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const NOW_MS = 1_795_000_000_000 as WallMs;
const SENT = { sender: 'gw', identifier: 'a-1' };
const capOf = (msgType: string, rest: string) =>
  `<?xml version="1.0"?><alert xmlns="${CAP_NAMESPACE}"><msgType>${msgType}</msgType>${rest}</alert>`;
const rules = { secrets: ['hunter2secret'], nowWallMs: () => NOW_MS };

const cap: FuzzTarget = {
  name: 'cap-answers',
  seeds: [
    capOf('Ack', '<references>gw,a-1,2026-11-28T14:05:00-00:00</references>'),
    capOf('Error', '<note>no <![CDATA[such]]> sender</note>'),
    `<soap><x>${capOf('Ack', '')}</x></soap>`,
    'OK',
  ],
  words: [
    '<',
    '>',
    '</',
    '/>',
    '<!DOCTYPE x [',
    '<!ENTITY a "b">',
    '&a;',
    '&#0;',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    'xmlns=""',
    '<a>',
    '</a>',
    '<alert>',
    '</alert>',
    '<msgType>Ack</msgType>',
    '<!--',
    '-->',
  ],
  lengthMax: 65_536,
  slowMs: 200,
  run: (input) => {
    for (const type of ['application/cap+xml', 'text/xml', undefined]) {
      const headers = type === undefined ? {} : { 'content-type': type };
      const reading = readCapAnswer({ status: 200, headers, body: input, isWhole: true }, SENT);
      if (reading.says === 'refused') {
        promise(
          reading.detail.length <= 400 && !/\p{Cc}/u.test(reading.detail),
          'what is said of it is one short line',
        );
      }
      if (!utf8(input).includes('Ack')) promise(reading.says !== 'acknowledged', 'only an Ack acknowledges');
    }
  },
};

/** Status, headers and body of an answer of a web server or a proxy. */
const http: FuzzTarget = {
  name: 'http-answers',
  seeds: [
    '200\n\n{"ok":true}',
    '503\n120\nbusy',
    '429\nFri, 28 Nov 2026 14:05:00 GMT\n<html><p>slow</p>',
    '308\nhttps://b/x\n',
    '401\nBasic realm="x"\nhunter2secret',
  ],
  words: [
    '\n',
    '<',
    '>',
    '<p>',
    'GMT',
    'Mon, ',
    'https://',
    'http://',
    '//',
    '@',
    '\\',
    'hunter2secret',
    '\u202e',
    '\u2028',
    'Digest realm="a", nonce="b"',
    '{"a":',
    '[',
    '\xff\xfe',
  ],
  lengthMax: 65_536,
  slowMs: 100,
  run: (input) => {
    const [status = '', header = '', ...rest] = utf8(input).split('\n');
    const answer: HttpsAnswer = {
      status: 100 + ((Number.parseInt(status, 10) || 0) % 500),
      headers: { 'retry-after': header, 'www-authenticate': header, location: header, date: rest[0] ?? '' },
      body: new TextEncoder().encode(rest.join('\n')),
      isWhole: input.length % 2 === 0,
    };
    const line = firstLineOf(answer, rules.secrets);
    promise(line.length <= 161 && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line), 'a far end cannot control a terminal');
    promise(!line.includes('hunter2secret'), 'a secret is in no message');
    shortLine(latin1(input));
    const wait = retryAfterMs(answer.headers, NOW_MS);
    promise(wait === undefined || (wait > 0 && wait <= 86_400_000), 'a wait has its limit');
    const target = redirectTarget(new URL('https://a.example/x'), header);
    if (typeof target !== 'string')
      promise(target.protocol === 'https:' && target.username === '', 'a redirect stays safe');
    unmet({ member: { names: ['a', 'b'], value: '1' }, text: 'OK' }, answer);
    for (const expect of [undefined, { text: 'OK' }, { statuses: [202] }]) {
      const outcome = reportOutcome(answer, expect === undefined ? rules : { ...rules, expect }, { says: 'nothing' });
      if (outcome.type === 'receiverAcknowledged') promise(answer.status < 300, 'only success acknowledges');
    }
    pollOutcome(answer, rules);
  },
};

/** Names of people in documents: no name may break the document. */
const xml: FuzzTarget = {
  name: 'xml-texts',
  lengthMax: 1_024,
  seeds: ['Room <12> & "co"', 'a\u0000b\ufffe\ud800', ']]>'],
  words: ['<', '>', '&', '"', "'", ']]>', '\0', '\r', '\ufffe', '\ud800', '😀'],
  run: (input) => {
    const text = utf8(input);
    const written = textElement('note', text);
    promise(!/[<>]/.test(written.replace(/^<note>/, '').replace(/<\/note>\n$/, '')), 'a text opens no element');
    const document = encodeCap({
      identifier: text,
      sender: text,
      sentMs: NOW_MS,
      status: 'Actual',
      msgType: 'Alert',
      scope: { type: 'Private', addresses: [text] },
      references: [],
      info: {
        language: 'en',
        category: 'Safety',
        event: text,
        responseType: 'Shelter',
        urgency: 'Immediate',
        severity: 'Extreme',
        certainty: 'Observed',
        eventCodes: [{ valueName: text, value: text }],
        senderName: text,
        headline: text,
        description: text,
        parameters: [{ valueName: text, value: text }],
        area: { areaDesc: text },
      },
    } as never);
    const body = new TextEncoder().encode(document);
    const answer = { status: 200, headers: { 'content-type': 'application/cap+xml' }, body, isWhole: true };
    promise(readCapAnswer(answer, SENT).says === 'nothing', 'a CAP message of ours can be read');
    const civic = { street: text, name: text, more: text };
    const pidf = encodePidfLo({ entity: text, id: 'a', civic, timestampMs: NOW_MS, retentionMs: NOW_MS });
    promise(pidf.endsWith('</presence>\n'), 'a location is whole');
  },
};

export const httpsTargets: readonly FuzzTarget[] = [cap, http, xml];
