import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes, bytesToAscii } from '../../../protocol/bytes.ts';
import { encodeTapBlocks } from '../../../protocol/paging/tap-block.ts';
import { TAP_TIMES, TapDialogue } from '../../../protocol/paging/tap-dialogue.ts';

const ACCEPTED = { type: 'accepted' };
const END = '\x04\r';

/** A call on the test's own time. */
class Call {
  readonly dialogue: TapDialogue;
  nowMs = 1_000;

  constructor(pages: readonly (readonly [string, string])[], password = '', informationMax = 250) {
    const transactions = pages.map((fields) => encodeTapBlocks(fields, { informationMax }));
    this.dialogue = new TapDialogue({ password, idPrompt: true, transactions });
  }

  start(): string {
    return text(this.dialogue.start(this.nowMs));
  }

  /** Passes the terminal's bytes on. Returns what is written to it. */
  hears(words: string): string {
    return text(this.dialogue.received(asciiToBytes(words), this.nowMs));
  }

  /** Lets time pass until the dialogue's next call. */
  waits(): string {
    this.nowMs = this.dialogue.dueMs;
    return text(this.dialogue.due(this.nowMs));
  }

  /** Runs up to the first block and returns it. */
  loggedOn(): string {
    this.start();
    this.hears('ID=');
    return this.hears('\x06\r\x1b[p\r');
  }

  get end() {
    return this.dialogue.end;
  }

  get verdicts() {
    return this.dialogue.verdicts;
  }
}

const text = (writes: readonly Uint8Array[]) => writes.map((bytes) => bytesToAscii(bytes)).join('|');
const blockOf = (pager: string, words: string) => text(encodeTapBlocks([pager, words]));
const one = () => new Call([['123', 'ABC']]);

describe('a call that goes well', () => {
  test('is the dialogue of TAP 1.8, and each answer goes out at once', () => {
    const call = new Call([['123', 'ABC']], 'SECRET');
    expect(call.start()).toBe('\r');
    expect(call.hears('Example Paging\r\nID=')).toBe('\x1bPG1SECRET\r');
    expect(call.hears('110 1.8\r')).toBe('');
    expect(call.hears('\x06\r')).toBe('');
    expect(call.hears('\x1b[p\r')).toBe('\x02123\rABC\r\x0317;\r');
    expect(call.hears('211 Page accepted\r\x06\r')).toBe(END);
    expect(call.end).toBeUndefined();
    expect(call.hears('115 Goodbye\r\x1b\x04\r')).toBe('');
    expect(call.end).toEqual({ type: 'done' });
    expect(call.verdicts).toEqual([ACCEPTED]);
  });

  test('has a transaction for each pager', () => {
    const call = new Call([
      ['1', 'A'],
      ['2', 'A'],
    ]);
    expect(call.loggedOn()).toBe(blockOf('1', 'A'));
    expect(call.hears('\x06\r')).toBe('');
    expect(call.waits()).toBe(blockOf('2', 'A'));
    expect(call.hears('\x06\r')).toBe(END);
    expect(call.verdicts).toEqual([ACCEPTED, ACCEPTED]);
  });

  test('sends the blocks of a long message one after the other', () => {
    const call = new Call([['1', 'ABCDEFGHIJKLMNOP']], '', 10);
    const blocks = encodeTapBlocks(['1', 'ABCDEFGHIJKLMNOP'], { informationMax: 10 }).map((block) =>
      bytesToAscii(block),
    );
    expect(call.loggedOn()).toBe(blocks[0]);
    call.hears('\x06');
    expect(call.waits()).toBe(blocks[1]);
    expect(call.hears('\x06')).toBe(END);
    expect(call.verdicts).toEqual([ACCEPTED]);
  });

  test('may end in any way once the last page was accepted: goodbye, hang-up, silence, a new ID=', () => {
    const ends: ((call: Call) => void)[] = [
      (call) => call.hears('\x1b\x04\r'),
      (call) => call.dialogue.hungUp('closed'),
      (call) => call.waits(),
      (call) => call.hears('ID='),
    ];
    for (const finish of ends) {
      const call = one();
      call.loggedOn();
      call.hears('\x06');
      finish(call);
      expect(call.end).toEqual({ type: 'done' });
      expect(call.verdicts).toEqual([ACCEPTED]);
    }
  });

  test('without a page proves the terminal and ends', () => {
    const call = new Call([]);
    expect(call.loggedOn()).toBe(END);
    call.hears('\x1b\x04\r');
    expect(call.end).toEqual({ type: 'done' });
  });
});

describe('silence', () => {
  test('before ID=: a CR each 2 s, three in all, then the terminal is away', () => {
    const call = one();
    call.start();
    expect(call.dialogue.dueMs).toBe(3_000);
    expect([call.waits(), call.waits(), call.waits()]).toEqual(['\r', '\r', '']);
    expect(call.nowMs).toBe(7_000);
    expect(call.end).toMatchObject({ type: 'failed', reason: 'unreachable' });
  });

  test('at the log-on: sent three times, each waited for 10 s', () => {
    const call = one();
    call.start();
    call.hears('ID=');
    expect([call.waits(), call.waits(), call.waits()]).toEqual(['\x1bPG1\r', '\x1bPG1\r', END]);
    expect(call.nowMs).toBe(31_000);
    expect(call.end).toMatchObject({ type: 'failed', reason: 'unreachable' });
  });

  test('after a block: sent again three times, then the call is ended', () => {
    const call = one();
    const block = call.loggedOn();
    expect([call.waits(), call.waits(), call.waits(), call.waits()]).toEqual([block, block, block, END]);
    expect(call.end).toMatchObject({ type: 'failed', reason: 'unreachable' });
    expect(call.verdicts).toEqual([undefined]);
  });

  test('text that never becomes ID= is told apart from silence', () => {
    const call = one();
    call.start();
    call.hears('login:\r');
    call.waits();
    call.waits();
    call.waits();
    expect(call.end).toMatchObject({ type: 'failed', reason: 'protocolError' });
    expect(call.end).toMatchObject({ detail: expect.stringContaining('is it a TAP terminal') });
  });

  test('is not what a terminal means that says "111 please wait"', () => {
    const call = one();
    call.loggedOn();
    call.nowMs += 9_000;
    call.hears('111 Please wait\r');
    expect(call.dialogue.dueMs).toBe(call.nowMs + TAP_TIMES.replyMs);
  });
});

describe('refusals', () => {
  test('NAK: the same block again, three times, then it is the line', () => {
    const call = one();
    const block = call.loggedOn();
    expect([call.hears('\x15'), call.hears('\x15'), call.hears('\x15'), call.hears('\x15')]).toEqual([
      block,
      block,
      block,
      END,
    ]);
    expect(call.end).toMatchObject({ type: 'failed', reason: 'protocolError' });
  });

  test('NAK with a code that is about the page: refused for good', () => {
    const call = one();
    call.loggedOn();
    for (let tries = 0; tries < 4; tries++) call.hears('513 Too long\r\x15\r');
    expect(call.verdicts).toMatchObject([{ type: 'refused', again: false }]);
  });

  test('RS: the transaction is given up, the next one goes on', () => {
    const call = new Call([
      ['1', 'A'],
      ['2', 'A'],
    ]);
    call.loggedOn();
    expect(call.hears('511 Unknown pager ID\r\x1e\r')).toBe('');
    expect(call.waits()).toBe(blockOf('2', 'A'));
    expect(call.hears('\x06')).toBe(END);
    expect(call.verdicts).toEqual([
      { type: 'refused', again: false, why: 'refused by the terminal (511 Unknown pager ID)' },
      ACCEPTED,
    ]);
  });

  test.each([
    [undefined, false],
    [501, true],
    [503, true],
    [504, false],
    [510, false],
    [511, false],
    [512, true],
    [513, false],
    [514, true],
    [516, true],
    [517, false],
  ])('RS with code %s may be tried again: %s', (code, again) => {
    const call = one();
    call.loggedOn();
    call.hears(`${code === undefined ? '' : `${code} words\r`}\x1e\r`);
    expect(call.verdicts).toMatchObject([{ type: 'refused', again }]);
  });

  test('a late rejection takes the acceptance back', () => {
    const call = one();
    call.loggedOn();
    call.hears('\x06\r');
    call.hears('511 Unknown\r\x1e\r\x1b\x04\r');
    expect(call.end).toEqual({ type: 'done' });
    expect(call.verdicts).toMatchObject([{ type: 'refused', again: false }]);
  });

  test('of the log-on say so, and nothing of the page', () => {
    for (const answer of ['509 Invalid password\r\x1b\x04\r', '\x1e\r']) {
      const call = one();
      call.start();
      call.hears('ID=');
      call.hears(answer);
      expect(call.end).toMatchObject({ type: 'failed', reason: 'refused' });
      expect(call.verdicts).toEqual([undefined]);
    }
  });

  test('NAK to the log-on: sent again, three in all', () => {
    const call = one();
    call.start();
    call.hears('ID=');
    expect([call.hears('\x15'), call.hears('\x15'), call.hears('\x15')]).toEqual(['\x1bPG1\r', '\x1bPG1\r', END]);
    expect(call.end).toMatchObject({ type: 'failed', reason: 'refused' });
  });

  test('ESC EOT or a hang-up instead of an answer: the call has failed, unless a code condemns the page', () => {
    const cut = one();
    cut.loggedOn();
    cut.hears('\x1b\x04\r');
    expect(cut.end).toMatchObject({ type: 'failed', reason: 'closed' });
    const hungUp = one();
    hungUp.loggedOn();
    hungUp.dialogue.hungUp('the line is gone');
    expect(hungUp.end).toEqual({
      type: 'failed',
      reason: 'closed',
      detail: 'the line is gone before it had accepted the page',
    });
    const condemned = one();
    condemned.loggedOn();
    condemned.hears('511 Unknown pager ID\r\x1b\x04\r');
    expect(condemned.end).toEqual({ type: 'done' });
    expect(condemned.verdicts).toMatchObject([{ type: 'refused', again: false }]);
  });
});

describe('answers that come late or twice', () => {
  const two = () =>
    new Call([
      ['1', 'A'],
      ['2', 'A'],
    ]);

  test('an ACK given twice does not accept the next page', () => {
    const call = two();
    call.loggedOn();
    call.hears('\x06\r\x06\r');
    expect(call.verdicts).toEqual([ACCEPTED, undefined]);
    call.hears('\x06\r');
    expect(call.waits()).toBe(blockOf('2', 'A'));
    expect(call.verdicts).toEqual([ACCEPTED, undefined]);
  });

  test('after a block was sent again, the second answer is waited for before the next block', () => {
    const call = two();
    call.loggedOn();
    call.waits();
    call.hears('\x06\r');
    expect(call.dialogue.dueMs - call.nowMs).toBe(TAP_TIMES.crossingMs);
    call.hears('\x06\r');
    expect(call.waits()).toBe(blockOf('2', 'A'));
    expect(call.verdicts).toEqual([ACCEPTED, undefined]);
  });

  test('after a log-on was sent again, its second ACK does not accept the first page', () => {
    const call = one();
    call.start();
    call.hears('ID=');
    call.waits();
    expect(call.hears('\x06\r\x1b[p\r')).toBe('');
    call.hears('\x06\r\x1b[p\r');
    expect(call.waits()).toBe(blockOf('123', 'ABC'));
    expect(call.verdicts).toEqual([undefined]);
  });

  test('ID= given once for each CR does not send the log-on more than once', () => {
    const call = one();
    call.start();
    call.waits();
    call.waits();
    expect(call.hears('ID=\rID=\rID=\r')).toBe('\x1bPG1\r');
    call.nowMs += TAP_TIMES.crossingMs;
    expect(call.hears('ID=')).toBe('\x1bPG1\r');
  });

  test('what is left of an earlier call before ID= is passed over', () => {
    const call = one();
    call.start();
    expect(call.hears('\x06\r\x1e\r\x1b\x04\r\x1b[p')).toBe('');
    expect(call.hears('ID=')).toBe('\x1bPG1\r');
  });
});

test('a call ends in bounded time, and never throws, whatever the terminal says', () => {
  const words = fc.constantFrom(
    'ID=',
    '\x06\r',
    '\x15\r',
    '\x1e\r',
    '\x1b[p\r',
    '\x1b\x04\r',
    '512 x\r',
    '511 y\r',
    'z\r',
    '',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), fc.integer({ min: 0, max: 3 }), (said, pages) => {
      const call = new Call(Array.from({ length: pages }, (_, index) => [String(index), 'words'] as const));
      call.start();
      for (const each of said) {
        call.hears(each);
        if (each === '') call.waits();
      }
      for (let steps = 0; steps < 40 && call.end === undefined; steps++) call.waits();
      expect(call.end).toBeDefined();
      if (call.end?.type === 'done') expect(call.verdicts).not.toContain(undefined);
      expect(call.nowMs).toBeLessThan(900_000);
    }),
  );
});

describe('a terminal that', () => {
  test.each([
    ['echoes the log-on', '\x1bPG1hush-1\r\x15\r'],
    ['echoes it without ESC and ends the call', 'PG1hush-1\r\x1b\x04\r'],
    ['repeats the password in its refusal', '509 hush-1 is no password\r\x1b\x04\r'],
  ])('%s does not bring the password into words for people', (_, words) => {
    const call = new Call([['123', 'ABC']], 'hush-1');
    call.start();
    call.hears('ID=');
    for (let tries = 0; tries < TAP_TIMES.logons; tries++) call.hears(words);
    expect(call.end).toMatchObject({ type: 'failed' });
    expect(JSON.stringify(call.end)).not.toContain('hush-1');
  });

  test('asks us to wait again and again is not waited for without end', () => {
    const call = one();
    call.loggedOn();
    for (let asks = 0; asks < 1_000 && call.end === undefined; asks++) {
      call.hears('111 please wait\r');
      if (call.dialogue.dueMs - call.nowMs < 9_000) call.waits();
      else call.nowMs += 9_000;
    }
    expect(call.end).toMatchObject({ type: 'failed' });
  });
});
