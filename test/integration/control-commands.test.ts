import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { configureHelps } from '../../gateway/cli/help.ts';
import { addOperatorCommands } from '../../gateway/cli/operator-commands.ts';
import { addDevicesList, addStatusCommands } from '../../gateway/cli/status/status-commands.ts';
import { askQuestion } from '../../gateway/control/ask-gateway.ts';
import type { CallpointError } from '../../protocol/errors.ts';
import { ControlRig, PATIENT, STATUS } from './control-rig.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  while (cleanups.length > 0) cleanups.pop()?.();
});

function gateway(): ControlRig {
  const control = new ControlRig().start();
  cleanups.push(() => control.stop());
  return control;
}

interface Ran {
  /** The result that a shell sees. `code` is 0, an error's code, or `USAGE`. */
  readonly code: 0 | string;
  readonly out: string;
  readonly error: string;
}

/** Runs a command as `main.ts` does, within this process. */
async function callpoint(...args: string[]): Promise<Ran> {
  let out = '';
  let error = '';
  const root = new Command('callpoint').exitOverride().configureOutput({
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      error += text;
    },
  });
  const print = (line: string) => {
    out += `${line}\n`;
  };
  configureHelps(root);
  addStatusCommands(root, print);
  addDevicesList(root, print);
  addOperatorCommands(root, print);
  try {
    await root.parseAsync(args, { from: 'user' });
    return { code: 0, out, error };
  } catch (thrown) {
    if (thrown instanceof CommanderError) return { code: thrown.exitCode === 0 ? 0 : 'USAGE', out, error };
    const { code, message } = thrown as CallpointError;
    return { code, out, error: message };
  }
}

describe('what a person writes is what the core is asked', () => {
  test.each([
    [
      ['drill', 'start', '--scope', 'building:A', '--minutes', '15', '--reason', 'autumn'],
      { command: 'drill', action: 'start', scope: 'building:A', minutes: 15, reason: 'autumn' },
    ],
    [
      ['drill', 'start', '--scope', 'room:A/1/Room 5', '--minutes', '240'],
      { command: 'drill', action: 'start', scope: 'room:A/1/Room 5', minutes: 240, reason: 'drill' },
    ],
    [['drill', 'stop'], { command: 'drill', action: 'stop', scope: 'all', minutes: 0, reason: 'drill over' }],
    [
      ['drill', 'stop', '--scope', 'site'],
      { command: 'drill', action: 'stop', scope: 'site', minutes: 0, reason: 'drill over' },
    ],
    [['cancel', 'wb-101.7.4', '--reason', 'x'], { command: 'cancel', alert: 'wb-101.7.4', reason: 'x' }],
    [['resolve', 'wb-101.7.4', '--reason', 'x'], { command: 'resolve', alert: 'wb-101.7.4', reason: 'x' }],
    [['enrol', 'tag-1', '--reason', 'x'], { command: 'enrol', device: 'tag-1', minutes: 5, reason: 'x' }],
    [
      ['enrol', 'tag-1', '--reason', 'x', '--minutes', '60'],
      { command: 'enrol', device: 'tag-1', minutes: 60, reason: 'x' },
    ],
    [['canary'], { command: 'canary', reason: 'by hand' }],
    [['canary', '--reason', 'after the move'], { command: 'canary', reason: 'after the move' }],
  ])('%j', async (args, asked) => {
    const control = gateway();
    expect(await callpoint(...args, '--data', control.directory)).toEqual({ code: 0, out: 'Done.\n', error: '' });
    expect(control.asked.map(({ command }) => command)).toEqual([{ ...asked, by: expect.stringMatching(/^cli:./) }]);
  });

  test('the person behind sudo is who asked', async () => {
    cleanups.push(() => vi.unstubAllEnvs());
    vi.stubEnv('SUDO_USER', 'maria');
    const control = gateway();
    await callpoint('canary', '--data', control.directory);
    expect(control.asked.map(({ command }) => command.by)).toEqual(['cli:maria']);
  });

  test('the data directory is beside the configuration unless it is named', async () => {
    const control = gateway();
    const { code, error } = await callpoint('canary', '--config', join(control.directory, 'site.yaml'));
    expect(code).toBe('GATEWAY_UNREACHABLE');
    expect(error).toContain(join(control.directory, 'data'));
  });
});

describe('the gateway has the last word', () => {
  test('a command it refuses ends with COMMAND_REFUSED and its words', async () => {
    const control = gateway();
    control.reply = ({ ticket }) => control.control.answer(ticket, false, 'there is no open alert x.1.1');
    const ended = await callpoint('cancel', 'x.1.1', '--reason', 'y', '--data', control.directory);
    expect(ended).toEqual({ code: 'COMMAND_REFUSED', out: '', error: 'Refused: there is no open alert x.1.1' });
  });
});

describe('what can not be meant is refused before anything is sent', () => {
  test.each([
    ['a drill nowhere', ['drill', 'start', '--minutes', '15'], '--scope'],
    ['a drill without an end', ['drill', 'start', '--scope', 'site'], '--minutes'],
    ['a scope there is not', ['drill', 'start', '--scope', 'A', '--minutes', '15'], 'building:A'],
    ['all drills started', ['drill', 'start', '--scope', 'all', '--minutes', '15'], 'building:A'],
    ['a drill of a day', ['drill', 'start', '--scope', 'site', '--minutes', '1440'], '1 to 240'],
    ['a drill of no time', ['drill', 'start', '--scope', 'site', '--minutes', '0'], '1 to 240'],
    ['minutes in words', ['drill', 'start', '--scope', 'site', '--minutes', '1e1'], '1 to 240'],
    ['a stop somewhere', ['drill', 'stop', '--scope', 'floor:A'], 'floor:A/1'],
    ['a drill that neither starts nor stops', ['drill'], 'start'],
    ['an alert that is none', ['cancel', '../x', '--reason', 'x'], 'callpoint alerts'],
    ['no alert', ['resolve', '--reason', 'x'], 'alert'],
    ['no reason', ['cancel', 'x.1.1'], '--reason'],
    ['an empty reason', ['cancel', 'x.1.1', '--reason', ' '], 'in words'],
    ['a reason with a line break', ['resolve', 'x.1.1', '--reason', 'a\nb'], 'control characters'],
    ['an hour and more to enrol', ['enrol', 'tag-1', '--reason', 'x', '--minutes', '61'], '1 to 60'],
    ['a canary with a name', ['canary', 'tweety'], 'too many arguments'],
  ])('%s', async (_what, args, words) => {
    const control = gateway();
    const where = args.length > 1 ? ['--data', control.directory] : [];
    const ended = await callpoint(...args, ...where);
    expect(ended).toMatchObject({ code: 'USAGE', out: '' });
    expect(ended.error).toContain(words);
    expect(control.asked).toEqual([]);
  });
});

test.each([['drill', 'start'], ['drill', 'stop'], ['cancel'], ['resolve'], ['enrol'], ['canary']])(
  'callpoint %s %s --help says what it does, how to write it, and who may',
  async (...command) => {
    const { code, out } = await callpoint(...command.filter(Boolean), '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: callpoint .*\n\n\w.{20,}/);
    expect(out).toContain(`Example: callpoint ${command.filter(Boolean).join(' ')}`);
    expect(out).toContain('Only the user it runs as and root may command it');
  },
);

describe('questions', () => {
  test('status needs no reason, changes nothing, and is told in text and as JSON', async () => {
    const control = gateway();
    const { directory } = control;
    const text = await callpoint('status', '--data', directory);
    expect(text.out).toMatch(/OK.* gw-1, version 0\.1\.0/);
    const json = await callpoint('status', '--json', '--data', directory);
    expect(JSON.parse(json.out)).toEqual({ ok: true, ...STATUS, backup: { state: 'none' }, update: [] });
    expect((await callpoint('troubles', '--data', directory)).out).toBe('No trouble stands.\n');
    expect((await callpoint('drill', 'status', '--data', directory)).out).toBe('No drill runs.\n');
    expect(control.asked).toEqual([]);
  });

  test('one that takes time is waited for; one that fails or hangs says so, and is no crash', async () => {
    const control = gateway();
    const ask = () => askQuestion(control.directory, 'discovered');
    const document = { at: STATUS.at, listener: 'gateway', inputs: [], strangers: [] } as const;
    control.discovered = () => new Promise((resolve) => setImmediate(resolve, document));
    expect(await ask()).toEqual(document);
    control.discovered = async () => {
      throw new Error('no radio');
    };
    await expect(ask()).rejects.toThrow(/can't answer "discovered": no radio/);
    const hurried = new ControlRig();
    cleanups.push(() => hurried.stop());
    hurried.discovered = () => new Promise(() => undefined);
    hurried.start({ ...PATIENT, answerMs: 1 });
    await expect(askQuestion(hurried.directory, 'discovered')).rejects.toThrow(/has not answered "discovered" in time/);
  });

  test('without a gateway they say so', async () => {
    const nowhere = join(gateway().directory, 'data');
    expect(await callpoint('status', '--data', nowhere)).toMatchObject({ code: 'GATEWAY_UNREACHABLE' });
  });
});
