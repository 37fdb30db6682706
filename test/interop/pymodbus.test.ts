import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import type { SignalBody } from '../../gateway/core/signal.ts';
import { createModbusDriver, type ModbusDriver } from '../../gateway/inputs/modbus/driver.ts';
import type { ModbusModule } from '../../gateway/inputs/modbus/settings.ts';
import { button, deviceOf, modbusSettings, moduleAt } from '../integration/modbus-rig.ts';
import { RecordingSink } from '../integration/support/recording-sink.ts';
import { counterpart } from './required.ts';

/** Debian's Python: another Python earlier in the path does not have its packages. */
const PYTHON = '/usr/bin/python3';
const SLAVE = fileURLToPath(new URL('./pymodbus-slave.py', import.meta.url));
const installed = spawnSync(PYTHON, ['-c', 'import pymodbus, serial_asyncio']).status === 0;
const { skip, title } = counterpart(
  'pymodbus 3.0',
  installed,
  'apt-get install python3-pymodbus python3-serial-asyncio',
);

let sink: RecordingSink;
let driver: ModbusDriver | undefined;
let slave: ChildProcessByStdio<Writable, Readable, null> | undefined;
let cable: readonly PseudoTerminal[] = [];

afterEach(async () => {
  await driver?.stop();
  if (slave !== undefined && slave.exitCode === null) {
    slave.kill('SIGTERM');
    await once(slave, 'close');
  }
  for (const end of cable) end.close();
});

/** The driver and the slaves, each with a serial port of its own, joined by a cable. */
async function start(addresses: readonly number[], modules: readonly ModbusModule[], answerMs = 2_000): Promise<void> {
  const [ours, theirs] = [openPseudoTerminal(), openPseudoTerminal()];
  cable = [ours, theirs];
  ours.onData((bytes) => theirs.write(bytes));
  theirs.onData((bytes) => ours.write(bytes));
  slave = spawn(PYTHON, [SLAVE, theirs.path, '38400', ...addresses.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: slave.stdout }), 'line')) as [string];
  expect(line).toBe('ready');
  sink = new RecordingSink();
  driver = createModbusDriver(modbusSettings(ours.path, modules, { answerMs }), sink);
  driver.start();
}

function drive(address: number, input: number, on: boolean): void {
  slave?.stdin.write(`${address} ${input} ${on ? 1 : 0}\n`);
}

/** Sets a register that the function reads. */
function write(address: number, register: number, value: number, code: 3 | 4): void {
  slave?.stdin.write(`${address} ${register} ${value} ${code}\n`);
}

function said(address: number): SignalBody[] {
  return sink.signals.filter(({ device }) => device === deviceOf(address)).map(({ body }) => body);
}

function state(address: number, number = 0): string | undefined {
  const contacts = said(address).filter((body) => body.type === 'contact');
  return contacts.findLast((body) => body.number === number)?.state;
}

describe.skipIf(skip)(`read from ${title}`, () => {
  test('the inputs of two modules, and each change', async () => {
    await start([1, 2], [moduleAt(1, [button(1, 0), button(1, 1, 7, 'normallyClosed')]), moduleAt(2)]);
    await sink.until('the first reading', () => state(1) === 'normal' && state(2) === 'normal');
    expect(state(1, 1)).toBe('active');
    drive(2, 0, true);
    await sink.until('the press', () => state(2) === 'active');
    drive(1, 7, true);
    drive(2, 0, false);
    await sink.until('the changes', () => state(1, 1) === 'normal' && state(2) === 'normal');
    expect(
      sink.signals.filter(
        ({ body }) => body.type === 'noAnswer' || (body.type === 'fault' && body.detail !== undefined),
      ),
    ).toEqual([]);
    expect(driver?.counters()).toMatchObject({ framesRejected: 0, pollsMissed: 0 });
  });

  test('coils, where the inputs are there', async () => {
    await start([5], [{ ...moduleAt(5, [button(5, 0), button(5, 1, 2)]), table: 'coils' }]);
    await sink.until('the reading', () => state(5) === 'normal' && state(5, 1) === 'active');
  });

  test('bits of holding registers and of an input register, and a register each', async () => {
    const contacts = (address: number) => [button(address, 0), button(address, 1, 18)];
    await start(
      [1, 2, 3],
      [
        { ...moduleAt(1, contacts(1)), table: 'holdingRegisters', firstAddress: 192 },
        { ...moduleAt(2, [button(2, 0, 15)]), table: 'inputRegisters', firstAddress: 48, inputCount: 16 },
        { ...moduleAt(3, contacts(3)), table: 'holdingRegisters', firstAddress: 128, inputsPerRegister: 1 },
      ],
    );
    await sink.until('the first reading', () => [1, 2, 3].every((address) => state(address) === 'normal'));
    write(1, 193, 0b100, 3);
    write(2, 48, 0x8000, 4);
    write(3, 146, 1, 3);
    await sink.until('the presses', () => [state(1, 1), state(2), state(3, 1)].every((each) => each === 'active'));
    expect([state(1), state(3)]).toEqual(['normal', 'normal']);
    write(1, 193, 0, 3);
    await sink.until('the release', () => state(1, 1) === 'normal');
    expect(
      sink.signals.filter(
        ({ body }) => body.type === 'noAnswer' || (body.type === 'fault' && body.detail !== undefined),
      ),
    ).toEqual([]);
  });

  test('a register that is not there: exception 02 names it', async () => {
    await start([1], [{ ...moduleAt(1), table: 'inputRegisters', firstAddress: 64 }]);
    await sink.until('the fault', () => said(1).some((body) => body.type === 'fault' && body.detail !== undefined));
    expect(said(1)).toContainEqual({ type: 'fault', detail: 'answers exception 02: it has no register 64' });
  });

  test('an input that is not there: exception 02 is a fault in words, and no missed poll', async () => {
    await start([1], [moduleAt(1, [button(1, 0, 12)])]);
    await sink.until('the fault', () => said(1).some((body) => body.type === 'fault' && body.detail !== undefined));
    expect(said(1)).toContainEqual({ type: 'fault', detail: 'answers exception 02: it has no input 12' });
    expect(said(1).filter(({ type }) => type === 'noAnswer')).toEqual([]);
  });

  test('a module that is not there misses its polls, the others are read', async () => {
    await start([1], [moduleAt(1), moduleAt(9)], 200);
    await sink.until('missed polls', () => said(9).filter(({ type }) => type === 'noAnswer').length === 3);
    drive(1, 0, true);
    await sink.until('the press', () => state(1) === 'active');
  });
});
