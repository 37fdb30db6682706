import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AtDialogue } from '../../../gateway/paths/sms/at-dialogue.ts';
import { asciiToBytes, bytesToAscii } from '../../../protocol/bytes.ts';
import { SIGNAL } from '../../../protocol/sms/at-lines.ts';

const SECOND_MS = 20_000;
const CENTRE_MS = 60_000;
const taken = { type: 'ok' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function dialogue() {
  const written: string[] = [];
  const late: string[] = [];
  let starts = 0;
  const at = new AtDialogue(
    (bytes) => void written.push(bytesToAscii(bytes)),
    {
      started: () => {
        starts += 1;
      },
    },
    { secondMs: SECOND_MS, centreMs: CENTRE_MS },
  );
  const hear = (...lines: readonly string[]) => at.bytes(asciiToBytes(lines.map((line) => `\r\n${line}\r\n`).join('')));
  const text = (words: string) =>
    at.text(asciiToBytes(words), CENTRE_MS, (isTaken) => void late.push(`${words}: ${isTaken ? 'taken' : 'refused'}`));
  return { at, hear, text, written, late, starts: () => starts };
}

describe('questions and answers', () => {
  test('the answer is the line asked for, whatever comes in between', async () => {
    const { at, hear, written } = dialogue();
    const answer = at.ask('AT+CSQ', 3_000, SIGNAL);
    hear('AT+CSQ', 'RING', '+CREG: 2', '+CSQ: 21,99', '+CMTI: "SM",3', 'NO CARRIER', 'OK');
    expect(await answer).toEqual({ type: 'ok', found: '21' });
    expect(written).toEqual(['AT+CSQ\r']);
  });

  test('the end of an earlier answer does not end one that has not said what was asked for', async () => {
    const { at, hear } = dialogue();
    const early = at.ask('AT', 1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await early).toEqual({ type: 'silent' });
    const answer = at.ask('AT+CSQ', 3_000, SIGNAL);
    hear('OK', '+CSQ: 5,99', 'OK');
    expect(await answer).toEqual({ type: 'ok', found: '5' });
  });

  test('a prompt nobody waits for is taken back; the one of a message that was given up, too', async () => {
    const { at, written } = dialogue();
    const prompt = at.askForPrompt('AT+CMGS="+1555"', 10_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await prompt).toEqual({ type: 'silent' });
    at.bytes(asciiToBytes('\r\n> '));
    expect(written.slice(1)).toEqual(['\x1b', '\x1b']);
  });

  test('without a port every question is answered at once, and nothing waits', async () => {
    const { at, text, written } = dialogue();
    const first = text('one');
    at.giveUp();
    await first;
    const asked = at.ask('AT', 3_000);
    at.close('unplugged');
    expect(await asked).toEqual({ type: 'gone', detail: 'unplugged' });
    expect(await at.ask('AT', 3_000)).toEqual({ type: 'gone', detail: 'unplugged' });
    expect([vi.getTimerCount(), written.length]).toEqual([0, 2]);
  });

  test('it started anew: what was asked is lost, and what is owed with it', async () => {
    const { at, hear, text, late, starts } = dialogue();
    const first = text('one');
    at.giveUp();
    expect(await first).toEqual({ type: 'silent' });
    const second = text('two');
    hear('RDY');
    expect(await second).toMatchObject({ type: 'gone' });
    hear('+CMGS: 1', 'OK');
    expect([late, starts(), at.owesAnswer]).toEqual([[], 1, false]);
  });
});

describe('the answer to a message', () => {
  test('is its reference and OK; one without the other is none', async () => {
    const { hear, text } = dialogue();
    const answer = text('one');
    hear('OK', '+CMGS: 12');
    hear('RING', 'OK');
    expect(await answer).toEqual(taken);
  });

  test('that comes late is told as late, and is not the next question’s', async () => {
    const { at, hear, text, late } = dialogue();
    const first = text('one');
    await vi.advanceTimersByTimeAsync(CENTRE_MS);
    expect(await first).toEqual({ type: 'silent' });
    const question = at.ask('AT+CMGF=1', 3_000);
    hear('+CMGS: 7', 'OK');
    expect(late).toEqual(['one: taken']);
    hear('OK');
    expect(await question).toEqual({ type: 'ok' });
  });

  test('that comes late may be a refusal', async () => {
    const { at, hear, text, late } = dialogue();
    const first = text('one');
    at.giveUp();
    await first;
    hear('+CMS ERROR: 332');
    expect([late, at.owesAnswer]).toEqual([['one: refused'], false]);
  });

  test('that may be an earlier one’s counts for neither', async () => {
    const { at, hear, text, late } = dialogue();
    const first = text('one');
    at.giveUp();
    await first;
    const second = text('two');
    hear('+CMGS: 7', 'OK');
    await vi.advanceTimersByTimeAsync(SECOND_MS);
    expect(await second).toEqual({ type: 'unsure' });
    const third = text('two');
    hear('+CMGS: 8', 'OK');
    expect(await third).toEqual(taken);
    expect(late).toEqual([]);
  });

  test('is not waited for for ever: a minute later the next one is the next message’s', async () => {
    const { at, hear, text } = dialogue();
    const first = text('one');
    at.giveUp();
    await first;
    await vi.advanceTimersByTimeAsync(CENTRE_MS);
    const second = text('two');
    hear('+CMGS: 8', 'OK');
    expect(await second).toEqual(taken);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('behind an earlier one’s is the second', async () => {
    const { at, hear, text } = dialogue();
    const first = text('one');
    at.giveUp();
    await first;
    const second = text('two');
    hear('+CMGS: 7', 'OK', '+CMGS: 8', 'OK');
    expect(await second).toEqual(taken);
  });

  test('of two that were given up, nobody can tell whose it is', async () => {
    const { at, hear, text, late } = dialogue();
    for (const words of ['one', 'two']) {
      const given = text(words);
      at.giveUp();
      await given;
    }
    hear('+CMGS: 7', 'OK');
    expect([late, at.owesAnswer]).toEqual([[], true]);
    hear('+CMGS: 8', 'OK');
    expect([late, at.owesAnswer]).toEqual([[], false]);
  });
});

test('whatever a modem says, each question has one answer in time, and what was late is told once', async () => {
  const said = fc.oneof(
    fc.constantFrom(
      'OK',
      'ERROR',
      '+CMGS: 1',
      '+CMS ERROR: 38',
      '+CME ERROR: 10',
      'RDY',
      '+CPIN: NOT READY',
      '+CSQ: 1,2',
      '>',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const asked = fc.constantFrom('ask', 'prompt', 'text');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(asked, fc.array(said, { maxLength: 6 })), { maxLength: 8 }), async (rounds) => {
      const { at, hear, text, late } = dialogue();
      for (const [how, lines] of rounds) {
        const answer = how === 'ask' ? at.ask('AT', 10) : how === 'prompt' ? at.askForPrompt('AT', 10) : text('one');
        hear(...lines);
        await vi.advanceTimersByTimeAsync(CENTRE_MS);
        await answer;
      }
      expect(late.length).toBeLessThanOrEqual(rounds.filter(([how]) => how === 'text').length);
    }),
    { numRuns: 50 },
  );
});
