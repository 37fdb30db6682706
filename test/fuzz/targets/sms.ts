import { readSubmit } from '../../../device-sim/sms/phone.ts';
import { AtDialogue } from '../../../gateway/paths/sms/at-dialogue.ts';
import { bytesToAscii } from '../../../protocol/bytes.ts';
import { explain, isSimBusy } from '../../../protocol/sms/at-errors.ts';
import {
  finalResult,
  isMessageReference,
  PIN_STATE,
  REGISTRATION,
  registrationOf,
  SIGNAL,
  saysItStarted,
  saysSimLost,
} from '../../../protocol/sms/at-lines.ts';
import { type AtItem, AtScanner } from '../../../protocol/sms/at-scanner.ts';
import { gsmBytes, gsmTextOf, losesGsmLetters, toGsmText } from '../../../protocol/sms/gsm7.ts';
import { encodeSubmits, ucs2Parts } from '../../../protocol/sms/sms-submit.ts';
import { cleanText, losesLetters } from '../../../protocol/text.ts';
import { promise, same, sameInAnyPieces, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

/** What a modem says. */
const modem: FuzzTarget = {
  name: 'at-answers',
  seeds: [
    '\r\nOK\r\n',
    '\r\n+CREG: 0,1\r\n\r\nOK\r\n',
    '\r\n> ',
    '\r\n+CMGS: 12\r\n\r\nOK\r\n',
    '\r\n+CMS ERROR: 500\r\n',
    '\r\n+CME ERROR: SIM busy\r\n',
    '\r\nRDY\r\n+CPIN: NOT READY\r\n',
    '+CSQ: 20,99\r\n',
    '+CPIN: "SIM PIN"\r\n',
  ],
  words: [
    '\r\n',
    'OK',
    'ERROR',
    '> ',
    '>',
    '+CMS ERROR: ',
    '+CME ERROR: ',
    '+CMGS: ',
    '+CREG: ',
    '+CPIN: ',
    ' : ',
    '\0',
    '^SYSSTART',
  ],
  slowMs: 50,
  run: (input) => {
    const items = sameInAnyPieces(input, () => {
      const scanner = new AtScanner();
      const items: AtItem[] = [];
      return { push: (chunk) => items.push(...scanner.push(chunk)), result: () => items };
    });
    for (const item of items) if (item.type === 'line') readLine(item.text);
    const dialogue = newDialogue();
    void dialogue.ask('AT+CREG?', 1_000, REGISTRATION);
    dialogue.bytes(input);
    dialogue.giveUp();
    void dialogue.askForPrompt('AT+CMGS=1', 1_000);
    dialogue.bytes(input);
    dialogue.giveUp();
    void dialogue.text(Uint8Array.of(1), 1_000, () => undefined);
    dialogue.bytes(input);
    dialogue.close('done');
  },
  stream: () => {
    const dialogue = newDialogue();
    return (chunk) => dialogue.bytes(chunk);
  },
};

function newDialogue(): AtDialogue {
  return new AtDialogue(() => undefined, { started: () => undefined }, { secondMs: 1_000, centreMs: 1_000 });
}

function readLine(line: string): void {
  promise(line.length <= 1_024 && line === line.trim() && line !== '', 'a line is no longer than an answer');
  isMessageReference(line);
  saysItStarted(line);
  saysSimLost(line);
  registrationOf(REGISTRATION.exec(line)?.[1]);
  SIGNAL.exec(line);
  PIN_STATE.exec(line);
  const result = finalResult(line);
  if (result === undefined || result.ok) return;
  isSimBusy(result.error);
  promise(/^[ -~]*$/.test(explain(result.error).words), 'an error is told in printable letters');
}

/** Names and texts of people, which end in messages. */
const texts: FuzzTarget = {
  name: 'sms-texts',
  seeds: ['Panic – room 12', 'ß Ä ﬁ ² 日本 😀', '{[~]}\u0301\u200f€', 'Γ Ξ œ …'],
  words: ['é', 'ﬁ', '日', '\u0301', '😀', '\u200f', '\ud83d', '…', '\x1a', '\x1b', '€'],
  run: (input) => {
    const text = utf8(input);
    const gsm = toGsmText(text);
    const bytes = gsmBytes(gsm);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no key of a modem is among them
    promise(!/[\x08\x0a\x0d\x11\x13\x1a\x1b]/.test(bytesToAscii(bytes)), 'no character is a key of the modem');
    same(gsmTextOf(bytes), gsm, 'the text as a phone shows it');
    losesGsmLetters(text);
    losesLetters(text);
    const clean = cleanText(text);
    promise(/^[ -~]*$/.test(clean) && !/[[\]|^/"]/.test(clean), 'a clean text has no sign of a format');
    same(cleanText(clean), clean, 'what is clean stays as it is');
    const parts = ucs2Parts(text.slice(0, 199));
    same(parts.join(''), text.slice(0, 199), 'the parts are the whole text');
    for (const [at, submit] of encodeSubmits('+15551234567', parts, 7).entries()) {
      same(readSubmit(submit.pdu, submit.length)?.text, parts[at], 'a part as a phone reads it');
    }
  },
};

export const smsTargets: readonly FuzzTarget[] = [modem, texts];
