import type { InputSpan } from '../modbus-input-map.ts';

/** What each function reads: one, and several. */
const ITEMS = {
  1: ['input', 'inputs', 'coils'],
  2: ['input', 'inputs', 'discrete inputs'],
  3: ['register', 'registers', 'holding registers'],
  4: ['register', 'registers', 'input registers'],
} as const;

/** A module's exception code in plain words (MODBUS Application Protocol V1.1b3, §7). */
export function exceptionWords(exception: number, { code, start, count }: InputSpan): string {
  const last = start + count - 1;
  const [item, items, table] = ITEMS[code];
  return `answers exception ${twoDigits(exception)}: ${meaning()}`;

  function meaning(): string {
    switch (exception) {
      case 1:
        return `it does not know function ${twoDigits(code)}: its inputs are not ${table}`;
      case 2:
        return count === 1
          ? `it has no ${item} ${start}`
          : `it has no ${item} ${last}, or another of ${start} to ${last}`;
      case 3:
        return `it can't give ${count} ${items} at once`;
      case 4:
        return 'it has failed inside';
      case 6:
        return 'it is busy';
      default:
        return 'see its manual';
    }
  }
}

export function invertedWords(device: string): string {
  return `all inputs of ${device} read active: normallyOpen and normallyClosed mixed up, or the common wire is missing`;
}

/** `dataBytes`: how many bytes of inputs a whole answer had. */
export function otherLengthWords(dataBytes: number, { code, count }: InputSpan): string {
  const [, items] = ITEMS[code];
  const got = code <= 2 ? `up to ${dataBytes * 8}` : `${dataBytes / 2}`;
  return `answers with ${got} ${items} when asked for ${count}: write the number of all its inputs as inputCount`;
}

export function strangeRegisterWords(register: number): string {
  return `register ${register} holds neither 0 nor 1: it is not an input, or several are in it (inputsPerRegister)`;
}

/** `others`: how the answers of the other modules on the line are; `none`: there are no others. */
export function damagedWords(address: number, others: 'well' | 'damaged' | 'none'): string {
  const shared = `two modules may have address ${address}`;
  const line = 'the wiring, termination or speed of the line may be wrong';
  if (others === 'damaged') return `answers are damaged, and others on the line too: ${line}, or ${shared}`;
  return `answers are damaged: ${shared}, or ${others === 'well' ? 'its branch of the line is bad' : line}`;
}

export function lateWords(answerMs: number): string {
  return `answers come later than ${answerMs} ms: raise answerMilliseconds`;
}

function twoDigits(code: number): string {
  return String(code).padStart(2, '0');
}
