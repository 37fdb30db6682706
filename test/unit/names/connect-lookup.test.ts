import { expect, test, vi } from 'vitest';
import { connectLookup } from '../../../gateway/names/connect-lookup.ts';
import type { Names } from '../../../gateway/names/names.ts';

const never = () => new Promise<never>(() => undefined);

/** A client that dials once and gets an answer. */
function asker(names: Names) {
  const lookup = connectLookup(names);
  return (): Promise<unknown> =>
    new Promise((resolve, reject) =>
      lookup('broker.centre.example', { all: true }, (error, addresses) =>
        error === null ? resolve(addresses) : reject(error),
      ),
    );
}

test('kept addresses are dialled while a name server says nothing', async () => {
  const ask = asker({ lookup: never, kept: async () => ['10.0.0.5', '2001:db8::5'] });
  const both = [
    { address: '10.0.0.5', family: 4 },
    { address: '2001:db8::5', family: 6 },
  ];
  expect(await ask()).toEqual(both);
  expect(await ask()).toEqual(both);
});

test('what a look-up found is dialled from then on, whatever becomes of later look-ups', async () => {
  const lookup = vi.fn<(host: string) => Promise<string[]>>(async () => ['10.0.0.9']);
  const ask = asker({ lookup });
  await ask();
  lookup.mockImplementation(() => Promise.reject(new Error('no name server')));
  expect(await ask()).toEqual([{ address: '10.0.0.9', family: 4 }]);
});

test('a look-up that hangs is not joined by others: who asked last gets its answer', async () => {
  let answer: (addresses: string[]) => void = () => undefined;
  const lookup = vi.fn(() => new Promise<string[]>((resolve) => (answer = resolve)));
  const ask = asker({ lookup });
  const given = vi.fn();
  void ask().then(given);
  const last = ask();
  expect(lookup).toHaveBeenCalledTimes(1);
  answer(['10.0.0.9']);
  expect(await last).toEqual([{ address: '10.0.0.9', family: 4 }]);
  expect(given).not.toHaveBeenCalled();
});

test('where no address is known the error says what to check', async () => {
  const ask = asker({ lookup: () => Promise.reject(new Error('no such host')) });
  await expect(ask()).rejects.toMatchObject({ code: 'ENOTFOUND', message: expect.stringContaining('name server') });
});
