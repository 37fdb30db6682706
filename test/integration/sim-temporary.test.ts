import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { removeLeftovers, temporaryDirectory } from '../../device-sim/site/temporary.ts';

const DAY_MS = 86_400_000;
const HASH = '0123456789abcdef';

let directory: string;
let servers: Server[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-left-'));
});
afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
  rmSync(directory, { recursive: true });
});
const at = (name: string) => join(directory, name);
/** As if the test ran after a while: what was just made may be about to be listened at. */
const sweep = (laterMs = 60_000) => removeLeftovers(directory, Date.now() + laterMs);

async function livingSocket(path: string): Promise<void> {
  const server = createServer().listen(path);
  servers.push(server);
  await once(server, 'listening');
}

/** As a killed process leaves it: closing unlinks only the first name. */
async function deadSocket(path: string): Promise<void> {
  const server = createServer().listen(at('s'));
  await once(server, 'listening');
  renameSync(at('s'), path);
  server.close();
  await once(server, 'close');
}

test('the sockets of killed simulators go; those of living ones, and of others, stay', async () => {
  await deadSocket(at(`callpoint-sim-${HASH}-inputs.sock`));
  await deadSocket(at(`callpoint-sim-${HASH}-paths.sock`));
  await deadSocket(at(`callpoint-gpio-${HASH}.sock`));
  await deadSocket(at('callpoint-sim-notes.sock'));
  await deadSocket(at('another.sock'));
  await livingSocket(at('callpoint-sim-aaaaaaaaaaaaaaaa-inputs.sock'));
  writeFileSync(at('callpoint-sim-bbbbbbbbbbbbbbbb-inputs.sock'), 'a file');
  symlinkSync(at('another.sock'), at('callpoint-gpio-cccccccccccccccc.sock'));
  expect((await sweep()).sort()).toEqual([
    `callpoint-gpio-${HASH}.sock`,
    `callpoint-sim-${HASH}-inputs.sock`,
    `callpoint-sim-${HASH}-paths.sock`,
  ]);
  expect(existsSync(at('another.sock'))).toBe(true);
  expect(await sweep()).toEqual([]);
});

test('a socket that was bound a moment ago stays: its process may be about to listen', async () => {
  await deadSocket(at(`callpoint-sim-${HASH}-inputs.sock`));
  expect(await sweep(0)).toEqual([]);
});

test('the directory of a killed start goes, that of a running one and any other stays', async () => {
  mkdirSync(at('callpoint-sim-killed'));
  await deadSocket(at('callpoint-sim-killed/alive.sock'));
  writeFileSync(at('callpoint-sim-killed/keys.yaml'), 'secret');
  mkdirSync(at('callpoint-sim-living'));
  await livingSocket(at('callpoint-sim-living/alive.sock'));
  mkdirSync(at('callpoint-sim-others'));
  writeFileSync(at('callpoint-sim-others/notes.txt'), 'of a person');
  symlinkSync(at('callpoint-sim-others'), at('callpoint-sim-linked'));
  expect(await sweep(2 * DAY_MS)).toEqual(['callpoint-sim-killed']);
});

test('a log that was kept for a person goes after a day', async () => {
  vi.stubEnv('TMPDIR', directory);
  const { path, remove } = await temporaryDirectory();
  vi.unstubAllEnvs();
  writeFileSync(join(path, 'gateway.log'), 'why');
  writeFileSync(join(path, 'keys.yaml'), 'secret');
  remove(true);
  expect([existsSync(join(path, 'gateway.log')), existsSync(join(path, 'keys.yaml'))]).toEqual([true, false]);
  expect(await sweep()).toEqual([]);
  expect(await sweep(2 * DAY_MS)).toHaveLength(1);
});
