import type { MonoMs } from '../../../protocol/clocks.ts';
import { markIn, pageMark, pagerText, shortened } from '../../../protocol/paging/pager-text.ts';
import type { PagingDialogue } from '../../../protocol/paging/paging-dialogue.ts';
import {
  encodeSnppCommand,
  readSnppCommand,
  readSnppReply,
  SnppLines,
  snppClass,
} from '../../../protocol/paging/snpp.ts';
import { SnppDialogue } from '../../../protocol/paging/snpp-dialogue.ts';
import { encodeTapBlocks, readTapBlock, tapChecksum } from '../../../protocol/paging/tap-block.ts';
import { TapDialogue } from '../../../protocol/paging/tap-dialogue.ts';
import { TapReplyScanner } from '../../../protocol/paging/tap-reply.ts';
import { latin1, promise, same, sameInAnyPieces, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

/** More than a call of two pages can take, whatever the far end says. */
const WRITES_MAX = 100;
const STEP_MS = 500;

/** Feeds a call with the input, a piece at a time, then with nothing until it ends. */
function runCall(dialogue: PagingDialogue, input: Uint8Array, pages: number): void {
  let nowMs = 0;
  let writes = dialogue.start(nowMs as MonoMs).length;
  for (let at = 0; at < input.length && dialogue.end === undefined; ) {
    const length = 1 + ((input[at] ?? 0) % 13);
    writes += dialogue.received(input.slice(at, at + length), nowMs as MonoMs).length;
    nowMs += at % 3 === 0 ? STEP_MS : 0;
    writes += dialogue.due(nowMs as MonoMs).length;
    at += length;
  }
  for (let steps = 0; dialogue.end === undefined; steps += 1) {
    promise(steps < 10_000, 'a call ends by itself');
    nowMs += STEP_MS;
    writes += dialogue.due(nowMs as MonoMs).length;
  }
  promise(writes <= WRITES_MAX + input.length, 'a call writes no more than it is answered');
  promise(dialogue.verdicts.length === pages, 'each page has its place');
  const { end } = dialogue;
  if (end.type === 'done')
    promise(!dialogue.verdicts.includes(undefined), 'after a whole call each page has its result');
  same(dialogue.due((nowMs + 1_000_000) as MonoMs), [], 'after its end it says nothing');
  dialogue.hungUp('gone');
  same(dialogue.end, end, 'after its end nothing changes');
}

const transactions = ['1', '2'].map((pager) => encodeTapBlocks([pager, `Panic room 12${pageMark(7)}`]));

const tap: FuzzTarget = {
  name: 'tap-call',
  seeds: [
    'ID=\r\x1b[p\r\x06\r\x06\r\x1b\x04\r',
    'ID=110 1.8\r\x06\r\x1b[p211 accepted\r\x06\r514 later\r\x1e\r\x1b\x04\r',
    'ID=\x15ID=\x06\x1b[p\x15\x15\x15\x15\x1e510 bad\r',
  ],
  words: [
    'ID=',
    '\r',
    '\n',
    '\x06',
    '\x15',
    '\x1e',
    '\x1b[p',
    '\x1b\x04',
    '110',
    '501',
    '505',
    '512',
    '516',
    'busy',
    'checksum',
  ],
  slowMs: 100,
  run: (input) => {
    sameInAnyPieces(input, () => {
      const scanner = new TapReplyScanner();
      const replies: unknown[] = [];
      return { push: (chunk) => replies.push(...scanner.push(chunk)), result: () => replies };
    });
    runCall(new TapDialogue({ password: '', idPrompt: true, transactions }), input, 2);
    runCall(new TapDialogue({ password: 'secret', idPrompt: false, transactions }), input, 2);
    runCall(new TapDialogue({ password: '', idPrompt: true, transactions: [] }), input, 0);
  },
  stream: () => {
    const scanner = new TapReplyScanner();
    return (chunk) => void scanner.push(chunk);
  },
};

const snpp: FuzzTarget = {
  name: 'snpp-call',
  seeds: [
    '220 hello\r\n250 ok\r\n250 ok\r\n250 ok\r\n860 sent\r\n250 ok\r\n250 ok\r\n960 ok\r\n221 bye\r\n',
    '220 hello\r\n250 ok\r\n550 no\r\n250 ok\r\n250 ok\r\n554 later\r\n221 bye\r\n',
    '220-more\r\n220 hello\r\n421 down\r\n',
  ],
  words: [
    '220 ',
    '250 ',
    '250-',
    '354 ',
    '421 ',
    '500 ',
    '530 ',
    '550 ',
    '554 ',
    '860 ',
    '221 ',
    '\r\n',
    '\n',
    'secret',
  ],
  slowMs: 100,
  run: (input) => {
    const lines = sameInAnyPieces(input, () => {
      const scanner = new SnppLines();
      const lines: string[] = [];
      return { push: (chunk) => lines.push(...scanner.push(chunk)), result: () => lines };
    });
    for (const line of lines) {
      promise(line.length <= 512 && !line.includes('\n'), 'a line has at most 512 characters');
      const reply = readSnppReply(line);
      if (typeof reply === 'object') snppClass(reply.code);
      const { verb, rest } = readSnppCommand(line);
      if (verb === '') continue;
      const [again = ''] = new SnppLines().push(encodeSnppCommand(verb, rest));
      promise(readSnppCommand(again).verb === verb || /[^ -~]/.test(verb), 'a command keeps its verb');
    }
    const pages = ['1', '2'].map((pager) => ({ pager, text: 'Panic room 12 #7' }));
    const dialogue = new SnppDialogue({ pages, login: { user: 'school', password: 'secret' } });
    runCall(dialogue, input, 2);
    const end = dialogue.end;
    promise(end?.type !== 'failed' || !end.detail.includes('secret'), 'the password is in no message');
    runCall(new SnppDialogue({ pages: [] }), input, 0);
  },
  stream: () => {
    const scanner = new SnppLines();
    return (chunk) => void scanner.push(chunk);
  },
};

const blocks: FuzzTarget = {
  name: 'tap-block',
  seeds: [
    ...transactions.flat().map((block) => block.subarray(0, -1)),
    '12345\rhello\tworld\r',
    `1\r${'x'.repeat(260)}`,
  ],
  words: ['\r', '\x02', '\x03', '\x17', '\x1a', '\x1a@', '\x1f', ' '],
  lengthMax: 1_024,
  run: (input) => {
    readTapBlock(input);
    const summed = Uint8Array.of(2, ...input, 3);
    const block = readTapBlock(Uint8Array.of(...summed, ...Buffer.from(tapChecksum(summed))));
    promise(block !== 'wrongChecksum', 'a right checksum is accepted');
    // A field's trailing blanks carry nothing; bit 7 is cut off.
    const fields = latin1(input.map((byte) => byte & 0x7f))
      .replaceAll('\x7f', ' ')
      .split('\r')
      .map((field) => field.replace(/ +$/, ''));
    const read = encodeTapBlocks(fields, { escapes: true, informationMax: 8 + (input.length % 243) }).map((each) =>
      readTapBlock(each.subarray(0, -1)),
    );
    let text = '';
    for (const each of read) {
      promise(typeof each === 'object', 'what was written is a block');
      text += each.fields.join('\r') + (each.end === 'fieldGoesOn' ? '' : '\r');
    }
    same(text, `${fields.join('\r')}\r`, 'the fields as they are read again');
  },
};

const texts: FuzzTarget = {
  name: 'pager-texts',
  seeds: ['Panic – room 12', `text${pageMark(12)}`, 'ß\tÄ 日本'],
  words: [' #', '日', '\u0301', '\u200f', '😀', '…'],
  run: (input) => {
    const text = pagerText(utf8(input));
    promise(/^[ -~]*$/.test(text), 'a pager shows printable ASCII only');
    promise(shortened(text, 40).length <= 40, 'a text is shortened');
    const mark = markIn(`${shortened(text, 40)}${pageMark(1 + (input.length % 9_999))}`);
    same(mark, 1 + (input.length % 9_999), 'the mark of a page');
    markIn(utf8(input));
  },
};

export const pagingTargets: readonly FuzzTarget[] = [tap, snpp, blocks, texts];
