import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Addresses, type NamedHost } from '../../../gateway/names/addresses.ts';
import type { Names } from '../../../gateway/names/names.ts';

const never = () => new Promise<never>(() => undefined);
const HOST: NamedHost = { host: 'receiver.centre.example' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function started(names: Names, host = HOST) {
  const found = vi.fn();
  const addresses = new Addresses(host, names, found);
  addresses.start();
  return { addresses, found };
}

describe('addresses of a host', () => {
  test('those kept from before are used at once while a name server says nothing', async () => {
    const { addresses, found } = started({ lookup: never, kept: async () => ['10.0.0.5', '10.0.0.6'] });
    await vi.advanceTimersByTimeAsync(0);
    expect(addresses.current).toBe('10.0.0.5');
    expect(found).toHaveBeenCalledTimes(1);
    addresses.failed('10.0.0.5');
    expect(addresses.current).toBe('10.0.0.6');
    addresses.stop();
  });

  test('a fresh answer replaces what was kept, and is not replaced by it', async () => {
    let answer: (addresses: string[]) => void = () => undefined;
    const lookup = () => new Promise<string[]>((resolve) => (answer = resolve));
    const early = started({ lookup, kept: async () => ['10.0.0.5'] });
    await vi.advanceTimersByTimeAsync(0);
    answer(['10.0.0.9']);
    await vi.advanceTimersByTimeAsync(0);
    expect(early.addresses.current).toBe('10.0.0.9');
    expect(early.found).toHaveBeenCalledTimes(1);
    early.addresses.stop();

    let tell: (addresses: string[]) => void = () => undefined;
    const kept = () => new Promise<string[]>((resolve) => (tell = resolve));
    const late = started({ lookup: async () => ['10.0.0.9'], kept });
    await vi.advanceTimersByTimeAsync(0);
    tell(['10.0.0.5']);
    await vi.advanceTimersByTimeAsync(0);
    expect(late.addresses.current).toBe('10.0.0.9');
    late.addresses.stop();
  });

  test('while only kept ones are known the name is asked for again soon', async () => {
    const lookup = vi.fn(() => Promise.reject(new Error('no name server')));
    const { addresses } = started({ lookup, kept: async () => ['10.0.0.5'] });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lookup.mock.calls.length).toBeGreaterThan(10);
    addresses.stop();
  });

  test('only those that the local address can reach are tried, kept or fresh', async () => {
    const mixed = async () => ['10.0.0.5', '2001:db8::5'];
    for (const names of [{ lookup: never, kept: mixed }, { lookup: mixed }]) {
      const { addresses } = started(names, { ...HOST, localAddress: '2001:db8::2' });
      await vi.advanceTimersByTimeAsync(0);
      addresses.failed('2001:db8::5');
      expect(addresses.current).toBe('2001:db8::5');
      addresses.stop();
    }
  });

  test('a literal address asks nobody', () => {
    const lookup = vi.fn(never);
    const kept = vi.fn(never);
    expect(started({ lookup, kept }, { host: '2001:db8::5' }).addresses.current).toBe('2001:db8::5');
    expect(lookup).not.toHaveBeenCalled();
    expect(kept).not.toHaveBeenCalled();
  });
});
