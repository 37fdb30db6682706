import { InvalidArgumentError } from 'commander';

/** Reads the value of an option: a number of at least so much. */
export function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value >= least)) throw new InvalidArgumentError(`It is to be a number from ${least} up.`);
    return value;
  };
}

/** As `numberFrom`, without fractions. */
export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = numberFrom(least)(text);
    if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It is to be a whole number.');
    return value;
  };
}
