import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ModbusLine } from '../../device-sim/modbus/modbus-line.ts';
import type { ModbusModuleSettings } from '../../device-sim/modbus/modbus-module.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import type { InputSearch } from '../../gateway/inputs/input-driver.ts';
import { createModbusSearch } from '../../gateway/inputs/modbus/search.ts';
import type { ModbusStranger } from '../../protocol/discovery-document.ts';
import { Waiting } from './support/waiting.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Address, function, start, count and checksum (Modbus over serial line V1.02 §2.3). */
const REQUEST_BYTES = 8;
const COILS = { table: 'coils', firstAddress: 0, inputsPerRegister: 16 } as const;

function line(modules: readonly ModbusModuleSettings[]) {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-search-'));
  const port = join(directory, 'line');
  const pty = openPseudoTerminal();
  pty.link(port);
  const simulated = new ModbusLine({ baudRate: 115_200, seed: 1, modules });
  simulated.attach(pty);
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  cleanups.push(() => {
    simulated.stop();
    pty.close();
  });
  return { port, simulated, pty };
}

/**
 * Time for an answer, however busy the machine is. Few addresses are asked, so a round is short.
 */
const ANSWER_MS = 400;

/** All addresses of the standard but these. */
const allBut = (...addresses: readonly number[]) =>
  Array.from({ length: 247 }, (_, at) => at + 1).filter((address) => !addresses.includes(address));

function search(port: string, known: readonly number[], answerMs = ANSWER_MS): InputSearch {
  const format = { baudRate: 115_200, parity: 'none', stopBits: 1, answerMs } as const;
  const made = createModbusSearch({ id: 'modules', port, ...format, known }, { pauseMs: 0 });
  cleanups.push(() => made.stop());
  made.start();
  return made;
}

const modules = (of: InputSearch) => (of.strangers() as { strangers: readonly ModbusStranger[] }).strangers;

async function until(what: string, of: InputSearch, met: () => boolean): Promise<void> {
  const waiting = new Waiting();
  const look = setInterval(() => waiting.check(), 5);
  await waiting.until(what, met, () => [of.state(), modules(of)]).finally(() => clearInterval(look));
}

test('a module at another address is found, with the table that shows its inputs; the input that moves is named', async () => {
  const { port, simulated } = line([{ address: 3 }, { address: 9 }, { address: 12, map: COILS }]);
  const found = search(port, allBut(9, 10, 12));
  await until('both modules', found, () => modules(found).filter(({ table }) => table !== undefined).length === 2);
  expect(modules(found)).toMatchObject([
    { address: 9, table: 'discreteInputs', inputs: Array(8).fill(false) },
    { address: 12, table: 'coils' },
  ]);
  expect(modules(found).every((each) => each.moved_at === undefined)).toBe(true);
  simulated.drive(12, 4, true);
  await until('the input', found, () => modules(found).some((each) => each.moved_input === 4));
  expect(modules(found)[1]).toMatchObject({ movement: 'input 4 went on' });
  expect(modules(found)[0]).not.toHaveProperty('moved_at');
});

test('each address of the standard is asked, and enrolled ones are left in peace', async () => {
  const { port, pty } = line([]);
  const asked = new Set<number>();
  let length = 0;
  pty.onData((bytes) => {
    // On a busy machine several requests come together.
    for (const byte of bytes) if (length++ % REQUEST_BYTES === 0) asked.add(byte);
  });
  const found = search(port, [3, 4], 1);
  await until('the end of the round', found, () => found.state().detail.includes('245 of 245'));
  expect([...asked].sort((one, other) => one - other)).toEqual(allBut(3, 4));
  expect(modules(found)).toEqual([]);
});

test('a port that goes away is said, and the search goes on when it is back', async () => {
  const { port, pty, simulated } = line([{ address: 1 }]);
  const found = search(port, allBut(1, 2));
  await until('the module', found, () => modules(found).length === 1);
  simulated.detach();
  pty.close();
  await until('the loss', found, () => !found.state().isListening);
  expect(found.state().detail).toContain(port);
});
