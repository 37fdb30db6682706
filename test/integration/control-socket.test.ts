import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import { listenPrivately, proveWritable } from '../../gateway/control/socket-file.ts';
import { ControlRig, heardBy, PATIENT } from './control-rig.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  while (cleanups.length > 0) cleanups.pop()?.();
});

function rig(directory?: string): ControlRig {
  const made = new ControlRig(directory);
  cleanups.push(() => made.stop());
  return made;
}

/** Leaves a socket behind, as a killed gateway does. */
const LISTEN_AND_DIE = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;

const canary = { command: 'canary', by: 'maria', reason: 'by hand' };

describe('a command', () => {
  test('reaches the core with who asked, marked as of the command line, and the answer comes back', async () => {
    const control = rig().start();
    control.reply = ({ ticket }) => control.control.answer(ticket, false, 'no canary here');
    expect(await askGateway(control.directory, canary)).toEqual({ ok: false, text: 'no canary here' });
    expect(control.asked).toEqual([{ command: { command: 'canary', by: 'cli:maria', reason: 'by hand' }, ticket: 1 }]);
  });

  test('may be answered later, and each gets its own answer', async () => {
    const control = rig().start();
    control.reply = undefined;
    const answers = ['x.1.1', 'x.1.2', 'x.1.3'].map((alert) =>
      askGateway(control.directory, { command: 'resolve', by: 'maria', reason: 'over', alert }),
    );
    await control.untilAsked(3);
    for (const { command, ticket } of control.asked.toReversed()) {
      control.control.answer(ticket, true, 'alert' in command ? command.alert : '');
    }
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['x.1.1', 'x.1.2', 'x.1.3']);
  });

  test.each([
    ['not JSON', 'drill now', 'not a JSON object'],
    ['nobody', JSON.stringify({ ...canary, by: ' ' }), '"by"'],
    ['a line break in who asks', JSON.stringify({ ...canary, by: 'a\nb' }), '"by"'],
    ['an endless name', JSON.stringify({ ...canary, by: 'x'.repeat(65) }), '"by"'],
    ['no such command', JSON.stringify({ ...canary, command: 'reboot' }), 'no such command'],
    [
      'a drill without an end',
      JSON.stringify({ ...canary, command: 'drill', action: 'start', scope: 'site' }),
      'minutes',
    ],
    ['more than a command is long', `"${'x'.repeat(5000)}"`, 'longer'],
  ])('that is refused is never told to the core: %s', async (_what, line, words) => {
    const control = rig().start();
    const client = await control.client();
    client.write(`${line}\n`);
    const answer: unknown = JSON.parse(await heardBy(client));
    expect(answer).toMatchObject({ ok: false, text: expect.stringContaining(words) });
    expect(control.asked).toEqual([]);
  });

  test('may come in pieces, from a client that ends its side; what follows the line is not heard', async () => {
    const control = rig().start();
    const client = await control.client();
    const line = JSON.stringify({ ...canary, reason: 'größer' });
    for (const byte of Buffer.from(line)) client.write(Buffer.of(byte));
    client.end(`\n${JSON.stringify(canary)}\n`);
    expect(JSON.parse(await heardBy(client))).toEqual({ ok: true, text: 'done' });
    expect(control.asked.map(({ command }) => command.reason)).toEqual(['größer']);
  });
});

describe('an update', () => {
  test('is answered although the gateway stops at once, and is no command of the core', async () => {
    const control = rig().start();
    const other = await control.client();
    const answer = await askGateway(control.directory, { command: 'stopForUpdate', by: 'root' });
    expect(answer).toEqual({ ok: true, text: 'stops' });
    expect(control.updatedBy).toEqual(['cli:root']);
    expect(control.asked).toEqual([]);
    expect(await heardBy(other)).toBe('');
  });

  test('of nobody is refused', async () => {
    const control = rig().start();
    const answer = await askGateway(control.directory, { command: 'stopForUpdate' });
    expect(answer).toEqual({ ok: false, text: expect.stringContaining('"by"') });
    expect(control.updatedBy).toEqual([]);
  });
});

describe('a client that is stuck', () => {
  test('and says nothing is told so, and its place is free again', async () => {
    const control = rig().start({ ...PATIENT, connections: 1, askMs: 50 });
    expect(await heardBy(await control.client())).toContain('did not come in time');
    expect(await askGateway(control.directory, canary)).toEqual({ ok: true, text: 'done' });
  });

  test('holds up nobody else; beyond the limit one is told to try again', async () => {
    const control = rig().start({ ...PATIENT, connections: 2 });
    const stuck = await control.client();
    expect(await askGateway(control.directory, canary)).toEqual({ ok: true, text: 'done' });
    const other = await control.client();
    const refused = await askGateway(control.directory, canary);
    expect(refused).toEqual({ ok: false, text: expect.stringContaining('try again') });
    stuck.destroy();
    other.destroy();
    await expect.poll(() => askGateway(control.directory, canary)).toEqual({ ok: true, text: 'done' });
  });

  test('one that is turned away while it still writes reads why, and its command is not taken', async () => {
    const control = rig().start({ ...PATIENT, connections: 1 });
    const stuck = await control.client();
    const late = await control.client();
    expect(await heardBy(late)).toContain('try again');
    const written = new Promise((resolve) => late.end(`${JSON.stringify(canary)}\n`, resolve as () => void));
    expect(await written).toBeFalsy();
    stuck.destroy();
    await expect.poll(() => askGateway(control.directory, canary)).toEqual({ ok: true, text: 'done' });
    expect(control.asked).toHaveLength(1);
  });

  test('and goes away before the answer leaves nothing behind', async () => {
    const control = rig().start();
    control.reply = undefined;
    const client = await control.client();
    client.write(`${JSON.stringify(canary)}\n`);
    await control.untilAsked(1);
    client.destroy();
    control.control.answer(1, true, 'to nobody');
    control.control.answer(99, true, 'never asked');
    control.reply = ({ ticket }) => control.control.answer(ticket, true, 'done');
    expect(await askGateway(control.directory, canary)).toEqual({ ok: true, text: 'done' });
  });
});

describe('a gateway that does not answer', () => {
  test('in time: the client is told that it is not known what became of it', async () => {
    const control = rig().start({ ...PATIENT, answerMs: 50 });
    control.reply = undefined;
    const answer = await askGateway(control.directory, canary);
    expect(answer).toEqual({ ok: false, text: expect.stringContaining('has not said what became of it') });
  });

  test('because it stops: GATEWAY_UNREACHABLE, and the socket is gone', async () => {
    const control = rig().start();
    control.reply = undefined;
    const answer = askGateway(control.directory, canary);
    await control.untilAsked(1);
    control.control.stop();
    await expect(answer).rejects.toMatchObject({
      code: 'GATEWAY_UNREACHABLE',
      message: expect.stringContaining('not known'),
    });
    expect(existsSync(control.path)).toBe(false);
  });

  test('because it hangs: the client gives up by itself', async () => {
    const control = rig().start();
    control.reply = undefined;
    await expect(askGateway(control.directory, canary, 50)).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE' });
  });

  test('because there is none: what to do', async () => {
    const message = expect.stringContaining('Start it with callpoint run');
    const none = rig();
    await expect(askGateway(none.directory, canary)).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE', message });
    await expect(askGateway(join(none.directory, 'no'), canary)).rejects.toMatchObject({ message });
  });
});

describe('the socket', () => {
  test('can be opened by its owner alone, whatever the umask', async () => {
    const mask = process.umask(0);
    cleanups.push(() => process.umask(mask));
    const control = rig().start();
    // This is within the same turn, so nothing could see another state.
    expect(statSync(control.path).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(0);
  });

  test('of a gateway that was killed is replaced', async () => {
    const control = rig();
    const { child } = await listeningProcess(control.path);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(statSync(control.path).isSocket()).toBe(true);
    control.start();
    await expect.poll(() => askGateway(control.directory, canary).catch(String)).toEqual({ ok: true, text: 'done' });
    expect(control.unavailable).toEqual([]);
  });

  test('of a living gateway is not, and the second one says so', async () => {
    const first = rig().start();
    const second = rig(first.directory).start();
    await second.untilUnavailable();
    expect(second.unavailable).toEqual([expect.stringContaining('another gateway answers')]);
    second.control.stop();
    expect(await askGateway(first.directory, canary)).toEqual({ ok: true, text: 'done' });
    expect(second.asked).toEqual([]);
  });

  test('of two that start at once over a dead one belongs to one of them, and that one answers', async () => {
    const dead = rig();
    const { child } = await listeningProcess(dead.path);
    child.kill('SIGKILL');
    await once(child, 'close');
    for (let round = 0; round < 20; round += 1) {
      const first = rig(mkdtempSync(join(dead.directory, 'at-')));
      linkSync(dead.path, first.path);
      first.start();
      const other = rig(first.directory).start();
      await Promise.race([first.untilUnavailable(), other.untilUnavailable()]);
      expect(await askGateway(first.directory, canary)).toEqual({ ok: true, text: 'done' });
      expect(first.unavailable.length + other.unavailable.length).toBe(1);
      expect(readdirSync(first.directory)).toEqual(['control.sock']);
    }
  });

  test('does not take the place of a file', async () => {
    const control = rig();
    writeFileSync(control.path, 'a note');
    control.start();
    await control.untilUnavailable();
    expect(control.unavailable).toEqual([expect.stringContaining('no socket')]);
    expect(readFileSync(control.path, 'utf8')).toBe('a note');
  });

  test('whose name is too long for the system is told with what to do, on both sides', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'callpoint-control-'));
    const directory = join(parent, 'x'.repeat(100));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    mkdirSync(directory);
    const control = rig(directory).start();
    await control.untilUnavailable();
    const words = expect.stringMatching(/takes no more than 107 .* shorter path/);
    expect(control.unavailable).toEqual([words]);
    await expect(askGateway(directory, canary)).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE', message: words });
  });

  test.skipIf(process.getuid?.() === 0)('that can not be made is told, and nothing is thrown', async () => {
    const control = rig();
    chmodSync(control.directory, 0o500);
    control.start();
    await control.untilUnavailable();
    expect(control.unavailable).toEqual([expect.stringContaining('EACCES')]);
  });

  test('is told once of one cause: the first try says it in the words of those that follow', async () => {
    const control = rig();
    const directory = join(control.directory, 'a-file');
    writeFileSync(directory, '');
    const server = createServer();
    const words = `${directory} can't be written: a file is in the way; move it, or name another directory (ENOTDIR)`;
    await expect(listenPrivately(server, join(directory, 'control.sock'))).rejects.toThrow(words);
    await expect(proveWritable(join(directory, 'below'))).rejects.toThrow('a file is in the way; move it');
    expect(server.listening).toBe(false);
  });

  test('in a directory that is not there is told, and nothing is thrown', async () => {
    const control = rig(join(tmpdir(), 'callpoint-control-is-not-there')).start();
    await control.untilUnavailable();
    expect(control.unavailable).toEqual([`${control.directory} is not there; it is made anew as soon as it can be`]);
  });
});

/** A process that listens at the path and does nothing else. */
async function listeningProcess(path: string): Promise<{ child: ChildProcess }> {
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanups.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { child };
}

describe('a socket that goes while the gateway runs', () => {
  const goes: Record<string, (control: ControlRig) => void> = {
    'with its directory, deleted': ({ directory }) => rmSync(directory, { recursive: true }),
    'with its directory, moved': ({ directory }) => renameSync(directory, `${directory}-moved`),
    'by itself': ({ path }) => rmSync(path),
    'for a dead one of the same name': ({ path, directory }) => {
      renameSync(path, join(directory, 'ours'));
      const dead = spawnSync(process.execPath, ['-e', LISTEN_AND_DIE, path]);
      expect(dead.signal).toBe('SIGKILL');
    },
  };

  test.each(Object.keys(goes))('%s: commands are heard again', async (how) => {
    const control = rig().start();
    expect(await askGateway(control.directory, canary)).toEqual({ ok: true, text: 'done' });
    goes[how]?.(control);
    cleanups.push(() => rmSync(`${control.directory}-moved`, { recursive: true, force: true }));
    await control.untilAnswers();
    expect(statSync(control.path).mode & 0o777).toBe(0o600);
    expect(control.unavailable).toEqual([]);
  });

  test('and can not be made anew for a while: it is told, and again when it can', async () => {
    const control = rig().start();
    await askGateway(control.directory, canary);
    rmSync(control.path);
    writeFileSync(control.path, 'mine');
    await control.untilUnavailable();
    expect(control.unavailable).toEqual([`${control.path} is in the way: it is no socket; move it elsewhere`]);
    expect(readFileSync(control.path, 'utf8')).toBe('mine');
    rmSync(control.path);
    await control.untilAvailable();
    expect(await askGateway(control.directory, canary)).toEqual({ ok: true, text: 'done' });
  });
});
