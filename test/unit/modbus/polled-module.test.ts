import { describe, expect, test } from 'vitest';
import type { SignalBody } from '../../../gateway/core/signal.ts';
import { exceptionWords } from '../../../gateway/inputs/modbus/fault-words.ts';
import { PolledModule } from '../../../gateway/inputs/modbus/polled-module.ts';
import type { WiredContact } from '../../../gateway/inputs/wired-contact.ts';

const LAYOUT = { table: 'discreteInputs', firstAddress: 0, inputsPerRegister: 16, inputCount: undefined } as const;

function makeModule(pins = ['4', '6']): { module: PolledModule; said: SignalBody[] } {
  const said: SignalBody[] = [];
  const contacts = pins.map(
    (pin, number): WiredContact => ({
      device: 'm',
      of: 'button',
      number,
      pin,
      contact: 'normallyOpen',
      pull: 'none',
    }),
  );
  const settings = { ...LAYOUT, device: 'm', address: 7, contacts };
  return { module: new PolledModule(settings, 30, (body) => said.push(body)), said };
}

const REST = [false, false, false];

describe('a polled module', () => {
  test('is asked for the span of its pins', () => {
    expect(makeModule().module.span).toEqual({ code: 2, start: 4, count: 3 });
    expect(makeModule(['12']).module.span).toEqual({ code: 2, start: 12, count: 1 });
    // Without contacts it is supervised all the same.
    expect(makeModule([]).module.span).toEqual({ code: 2, start: 0, count: 1 });
  });

  test('says every contact again ten seconds after it last did', () => {
    const { module, said } = makeModule();
    const contactsAt = (ms: number) => {
      said.length = 0;
      module.read(REST, ms);
      return said.filter(({ type }) => type === 'contact').length;
    };
    expect([1_000, 1_001, 10_999, 11_000, 11_001, 21_000].map(contactsAt)).toEqual([2, 0, 0, 2, 0, 2]);
  });

  test('is asked again at once after a damaged answer, later after none, and once a second after three', () => {
    const { module } = makeModule();
    module.read(REST, 0);
    module.notAnswered(true, 100);
    expect(module.dueMs).toBe(100);
    module.notAnswered(false, 200);
    expect(module.dueMs).toBe(230);
    module.notAnswered(false, 300);
    expect(module).toMatchObject({ missed: 3, dueMs: 1_300 });
    module.read(REST, 400);
    expect(module.missed).toBe(0);
  });

  test('tells of a fault that comes and goes once a second at most, and of its last state', () => {
    const { module, said } = makeModule();
    for (let ms = 0; ms < 3_000; ms += 10) {
      if (ms % 20 === 0) module.readException(6, ms);
      else module.read(REST, ms);
      module.settle(false, false, 'well', ms);
    }
    module.read(REST, 4_000);
    module.settle(false, false, 'well', 4_000);
    const faults = said.filter(({ type }) => type === 'fault');
    expect(faults.length).toBeLessThanOrEqual(4);
    expect(faults.at(-1)).toEqual({ type: 'fault' });
  });

  test('that answers, but always too late, is told apart from one that is gone', () => {
    const { module, said } = makeModule();
    for (let poll = 0; poll < 5; poll++) {
      module.notAnswered(false, poll * 1_000);
      module.settle(false, true, 'well', poll * 1_000);
      module.answeredUnasked(poll * 1_000);
    }
    expect(said.at(-1)).toEqual({ type: 'fault', detail: 'answers come later than 30 ms: raise answerMilliseconds' });
  });

  test('that answers nothing but exceptions is not alive, and its contacts are unread until it answers again', () => {
    const { module, said } = makeModule();
    module.read(REST, 0);
    for (let ms = 10; ms < 5_000; ms += 10) {
      module.readException(4, ms);
      module.settle(false, false, 'well', ms);
    }
    const unread = [0, 1].map((number) => ({ of: 'button', number }));
    expect(said.filter(({ type }) => type === 'alive')).toHaveLength(1);
    expect(said.at(-1)).toEqual({ type: 'fault', detail: 'answers exception 04: it has failed inside', unread });
    said.length = 0;
    module.read(REST, 5_000);
    module.settle(false, false, 'well', 5_000);
    expect(said.map(({ type }) => type)).toEqual(['contact', 'contact', 'alive', 'fault']);
    expect(said.at(-1)).toEqual({ type: 'fault' });
  });

  test('says once that nothing is wrong with it, when it has answered: a fault of an earlier run may stand', () => {
    const { module, said } = makeModule();
    const faultsAt = (ms: number) => {
      module.settle(false, false, 'well', ms);
      return said.filter(({ type }) => type === 'fault');
    };
    module.notAnswered(false, 0);
    expect(faultsAt(0)).toEqual([]);
    module.read(REST, 10);
    expect(faultsAt(10)).toEqual([{ type: 'fault' }]);
    module.read(REST, 5_000);
    expect(faultsAt(5_000)).toHaveLength(1);
  });

  test('words for each exception', () => {
    const words = (exception: number) => exceptionWords(exception, { code: 1, start: 0, count: 13 });
    expect(words(1)).toBe('answers exception 01: it does not know function 01: its inputs are not coils');
    expect(words(2)).toBe('answers exception 02: it has no input 12, or another of 0 to 12');
    expect(words(3)).toBe("answers exception 03: it can't give 13 inputs at once");
    expect(words(11)).toBe('answers exception 11: see its manual');
  });
});
