/** What is asked of a module: `count` inputs from address `start`, by function 01 or 02. */
export interface InputSpan {
  readonly code: 1 | 2;
  readonly start: number;
  readonly count: number;
}

/** A module's exception code in plain words (MODBUS Application Protocol V1.1b3, §7). */
export function exceptionWords(exception: number, { code, start, count }: InputSpan): string {
  const last = start + count - 1;
  return `answers exception ${twoDigits(exception)}: ${meaning()}`;

  function meaning(): string {
    switch (exception) {
      case 1:
        return `it does not know function ${twoDigits(code)}: its inputs are not ${code === 2 ? 'discrete inputs' : 'coils'}`;
      case 2:
        return count === 1 ? `it has no input ${start}` : `it has no input ${last}, or another of ${start} to ${last}`;
      case 3:
        return `it can't give ${count} inputs at once`;
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
