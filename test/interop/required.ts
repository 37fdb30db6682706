/**
 * Returns whether a test against an independent program runs. If the program is not installed, the
 * test is skipped and its name says how to install it. With `CI=true` it runs nevertheless, and
 * fails.
 */
interface Counterpart {
  readonly skip: boolean;
  readonly title: string;
}

const { CI } = process.env;

export function counterpart(name: string, installed: boolean, install: string): Counterpart {
  const missing = `${name} is not installed (${install})`;
  return { skip: !installed && CI !== 'true', title: installed ? name : missing };
}
