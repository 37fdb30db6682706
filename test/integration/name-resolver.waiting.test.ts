import { afterEach, describe, expect, test } from 'vitest';
import { NameResolver } from '../../gateway/names/name-resolver.ts';

const resolvers: NameResolver[] = [];
afterEach(() => {
  for (const resolver of resolvers.splice(0)) resolver.stop();
});

function resolverWith(limits: { idleMs?: number; longestMs?: number } = {}): NameResolver {
  const resolver = new NameResolver({ idleMs: 10_000, longestMs: 20_000, ...limits });
  resolvers.push(resolver);
  return resolver;
}

async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return; // it is
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`process ${pid} lives on`);
}

describe('names are looked up in a process of their own', () => {
  test('one that exists is found, one that does not is refused, by one process; it ends when nobody asks', async () => {
    const resolver = resolverWith({ idleMs: 1 });
    const [found, again] = await Promise.all([resolver.lookup('localhost'), resolver.lookup('localhost')]);
    expect(found).toContain('127.0.0.1');
    expect(again).toBe(found);
    const { pid = 0 } = resolver;
    if (pid !== 0) await gone(pid);
    await expect(resolver.lookup('no such host')).rejects.toThrow();
    expect(await resolver.lookup('localhost')).toEqual(found);
  });

  test('one that is killed fails what was asked, and the next question starts another', async () => {
    const resolver = resolverWith();
    const asked = resolver.lookup('localhost');
    const { pid = 0 } = resolver;
    process.kill(pid, 'SIGKILL');
    await expect(asked).rejects.toThrow('SIGKILL');
    expect(await resolver.lookup('localhost')).toContain('127.0.0.1');
    expect(resolver.pid).not.toBe(pid);
  });

  test('a look-up without end is given up, and its process with it; so it is at an end', async () => {
    const late = resolverWith({ longestMs: 1 });
    const asked = late.lookup('localhost');
    const { pid = 0 } = late;
    await expect(asked).rejects.toThrow('no answer in 1 ms');
    await gone(pid);

    const stopping = resolverWith();
    const under = stopping.lookup('localhost');
    const child = stopping.pid ?? 0;
    stopping.stop();
    await expect(under).rejects.toThrow('stopped');
    await gone(child);
    await expect(stopping.lookup('localhost')).rejects.toThrow('stopped');
  });
});
