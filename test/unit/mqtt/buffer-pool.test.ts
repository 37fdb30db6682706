import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

/**
 * Writes a packet of each of 2,000 lengths, beside buffers that come and go, in a process of its
 * own. Returns what is kept, MB. V8 frees array buffers on another thread after a collection, and
 * counts them until then. The next collection waits for that thread.
 */
function keptAfterManyLengths(before: string): number {
  const aedes = createRequire(import.meta.url).resolve('aedes');
  const code = `
    const require = (await import('node:module')).createRequire(${JSON.stringify(aedes)});
    const mqtt = require('mqtt-packet');
    ${before}
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    const kept = async () => {
      for (let round = 0; round < 3; round++) { gc(); await settled(); }
      return process.memoryUsage().arrayBuffers;
    };
    const start = await kept();
    for (let length = 1; length <= 2000; length++) {
      mqtt.generate({ cmd: 'publish', topic: 't', qos: 0, payload: Buffer.alloc(length), retain: false, dup: false });
      for (let other = 0; other < 20; other++) Buffer.from('x'.repeat(400));
    }
    console.log((await kept() - start) / 1e6);`;
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  return Number(stdout);
}

test('packet lengths that were written once cost the broker thread next to nothing', () => {
  const module = new URL('../../../gateway/mqtt/buffer-pool.ts', import.meta.url);
  const shrink = `const { shrinkBufferPool } = await (await import(${JSON.stringify(createRequire(import.meta.url).resolve('tsx/esm/api'))})).tsImport(${JSON.stringify(module.href)}, ${JSON.stringify(import.meta.url)}); shrinkBufferPool();`;
  // The fault is there: without it, a slab of 8 KB is kept for each length.
  expect(keptAfterManyLengths('')).toBeGreaterThan(8);
  expect(keptAfterManyLengths(shrink)).toBeLessThan(2);
});
