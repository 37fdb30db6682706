import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes, bytesToAscii } from '../../../protocol/bytes.ts';
import { encodeSnppCommand } from '../../../protocol/paging/snpp.ts';
import { type SnppCall, SnppDialogue } from '../../../protocol/paging/snpp-dialogue.ts';

const ACCEPTED = { type: 'accepted' };

class Call {
  readonly dialogue: SnppDialogue;
  nowMs = 1_000;

  constructor(pagers: readonly string[], login?: SnppCall['login']) {
    const pages = pagers.map((pager) => ({ pager, text: 'words' }));
    this.dialogue = new SnppDialogue(login === undefined ? { pages } : { pages, login });
    this.dialogue.start(this.nowMs);
  }

  /** One segment a line. */
  hears(...lines: readonly string[]): string {
    return lines.map((line) => this.hearsAtOnce(line)).join('');
  }

  hearsAtOnce(...lines: readonly string[]): string {
    const said = asciiToBytes(lines.map((line) => `${line}\r\n`).join(''));
    const writes = this.dialogue.received(said, this.nowMs);
    return writes.map((bytes) => bytesToAscii(bytes)).join('');
  }

  waits(): string {
    this.nowMs = this.dialogue.dueMs;
    return this.dialogue
      .due(this.nowMs)
      .map((bytes) => bytesToAscii(bytes))
      .join('');
  }

  get end() {
    return this.dialogue.end;
  }

  get verdicts() {
    return this.dialogue.verdicts;
  }
}

describe('a call to a paging server', () => {
  test('understands a server whose texts are UTF-8, though one of their bytes is a line end without its eighth bit', () => {
    const call = new Call(['1']);
    expect(call.hears('220 \xd1\x8a ready')).toBe('PAGE 1\r\n');
    expect(call.hears('250 \xc4\x8a')).toBe('MESS words\r\n');
    expect(call.hears('250 ok')).toBe('SEND\r\n');
    call.hears('550 \xd1\x8a');
    expect(call.verdicts).toEqual([{ type: 'refused', again: true, why: 'refused by the server at SEND (550 ??)' }]);
  });

  test('is PAGE, MESS, SEND for each pager, each after the answer to the one before', () => {
    const call = new Call(['1', '2'], { user: 'gw', password: 'secret' });
    expect(call.hears('220 ready')).toBe('LOGI gw secret\r\n');
    expect(call.hears('250 in')).toBe('PAGE 1\r\n');
    expect(call.hears('250 ok')).toBe('MESS words\r\n');
    expect(call.hears('250 ok')).toBe('SEND\r\n');
    expect(call.hears('250 sent')).toBe('PAGE 2\r\n');
    call.hears('250 ok');
    call.hears('250 ok');
    expect(call.hears('960 tag code queued')).toBe('QUIT\r\n');
    call.hears('221 bye');
    expect(call.end).toEqual({ type: 'done' });
    expect(call.verdicts).toEqual([ACCEPTED, ACCEPTED]);
  });

  test('without a page is a greeting and QUIT', () => {
    const call = new Call([]);
    expect(call.hears('220 ready')).toBe('QUIT\r\n');
    call.dialogue.hungUp('closed');
    expect(call.end).toEqual({ type: 'done' });
  });

  test.each(['250 ok', '860 tag delivered', '960 tag queued', '250-more\r\n250 ok'])(
    'SEND answered with %j: accepted',
    (line) => {
      const call = new Call(['1']);
      call.hears('220 r', '250 p', '250 m', line);
      expect(call.verdicts).toEqual([ACCEPTED]);
    },
  );

  test.each([
    ['PAGE', ['220 r', '550 Invalid pager ID'], false],
    ['MESS', ['220 r', '250 p', '550 too long'], false],
    ['PAGE', ['220 r', '553 bad id'], false],
    ['PAGE', ['220 r', '554 database busy'], true],
    ['PAGE', ['220 r', '552 maximum entries exceeded'], true],
    ['PAGE', ['220 r', '503 already entered'], true],
    ['PAGE', ['220 r', '750 unit is off'], true],
    ['MESS', ['220 r', '250 p', '554 spool full'], true],
    ['SEND', ['220 r', '250 p', '250 m', '554 failed'], true],
    ['SEND', ['220 r', '250 p', '250 m', '550 no'], true],
    ['SEND', ['220 r', '250 p', '250 m', '780 timed out'], true],
  ])('%s refused (%j): the next pager goes on after RESE', (verb, said, again) => {
    const call = new Call(['1', '2']);
    expect(call.hears(...said)).toMatch(/RESE\r\n$/);
    expect(call.verdicts).toMatchObject([{ type: 'refused', again, why: expect.stringContaining(verb) }, undefined]);
    expect(call.hears('250 reset')).toBe('PAGE 2\r\n');
  });

  test.each([
    [['421 busy'], 'refused', 'the connection'],
    [['554 no'], 'refused', 'lets nobody in'],
    [['HTTP/1.1 400 Bad Request'], 'protocolError', 'no SNPP server'],
    [['220 r', '530 Please login'], 'refused', 'write user:'],
    [['220 r', '500 what?'], 'protocolError', 'PAGE'],
    [['220 r', '250 p', '421 too many errors'], 'refused', 'MESS'],
    [['220 r', '354 go on'], 'protocolError', 'not well'],
  ])('%j ends the call: %s, %s', (said, reason, words) => {
    const call = new Call(['1']);
    expect(call.hears(...said)).toMatch(/QUIT\r\n$/);
    expect(call.end).toMatchObject({ type: 'failed', reason, detail: expect.stringContaining(words) });
    expect(call.verdicts).toEqual([undefined]);
  });

  test('a login refused says so, without the password', () => {
    const call = new Call(['1'], { user: 'gw', password: 'secret' });
    call.hears('220 r', '550 invalid');
    expect(call.end).toMatchObject({ reason: 'refused', detail: expect.stringContaining('user and password') });
    expect(JSON.stringify(call.end)).not.toContain('secret');
  });

  test('silence and a hang-up fail, but not once the last page was accepted', () => {
    const silent = new Call(['1']);
    silent.waits();
    expect(silent.end).toMatchObject({ type: 'failed', reason: 'unreachable' });
    const gone = new Call(['1']);
    gone.hears('220 r', '250 p');
    gone.dialogue.hungUp('gone');
    expect(gone.end).toMatchObject({ type: 'failed', reason: 'closed', detail: 'gone before it answered MESS' });
    const done = new Call(['1']);
    done.hears('220 r', '250 p', '250 m', '250 sent');
    done.waits();
    expect(done.end).toEqual({ type: 'done' });
  });

  test('an answer given twice in one segment is one answer', () => {
    const call = new Call(['1']);
    expect(call.hearsAtOnce('220 r', '220 r')).toBe('PAGE 1\r\n');
    expect(call.hearsAtOnce('250 p', '250 p')).toBe('MESS words\r\n');
  });

  test('a server that answered twice and then refuses has not accepted', () => {
    const call = new Call(['1']);
    expect(call.hears('220 r', '220 r', '250 p', '250 p')).toMatch(/QUIT\r\n$/);
    call.hears('250 m', '250 m', '554 failed', '554 failed', '221 bye');
    expect(call.end).toEqual({ type: 'done' });
    expect(call.verdicts).toMatchObject([{ type: 'refused', again: true }]);
  });
});

test('no text can become a second command', () => {
  expect(bytesToAscii(encodeSnppCommand('MESS', 'a\r\nPAGE 666'))).toBe('MESS a  PAGE 666\r\n');
});

test('a call never throws and ends in bounded time, whatever the server says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 2_000 })),
      fc.array(fc.integer({ min: 100, max: 999 })),
      (chunks, codes) => {
        const call = new Call(['1', '2']);
        for (const code of codes) call.hears(`${code} words`);
        for (const chunk of chunks) call.dialogue.received(chunk, call.nowMs);
        for (let steps = 0; steps < 5 && call.end === undefined; steps++) call.waits();
        expect(call.end).toBeDefined();
      },
    ),
  );
});

test.each([
  ['an echo of the login', ['220 ready', 'LOGI gw hush-1']],
  ['a refusal that repeats the password', ['220 ready', '550 no user gw with hush-1']],
  ['a farewell that repeats it', ['220 ready', '421 hush-1 is wrong, bye']],
  ['a page refused with it', ['220 ready', '250 ok', '550 hush-1', '250 ok', '221 bye']],
])('%s does not bring the password into words for people', (_, lines) => {
  const call = new Call(['1'], { user: 'gw', password: 'hush-1' });
  call.hears(...lines);
  expect(call.end).toBeDefined();
  expect(JSON.stringify([call.end, call.verdicts])).not.toContain('hush-1');
});
