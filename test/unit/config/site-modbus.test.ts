import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { EVERY_INPUT, EVERY_KEY } from './every-input-fixture.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, mistakesOf, withSite } from './site-fixture.ts';

const BASE = { site: EVERY_INPUT, keys: EVERY_KEY };
const ADDRESS = '    address: 3\n';

const CASES: readonly Case[] = [
  {
    promise: 'inputs in a register mean nothing for single bits',
    edits: [[ADDRESS, `${ADDRESS}    inputsPerRegister: 1\n`]],
    at: '1\n    location: A/1/104',
    says: 'discreteInputs are single bits, not registers',
    hint: 'table: holdingRegisters',
  },
  {
    promise: 'a pin beyond the number of inputs is refused',
    edits: [[ADDRESS, `${ADDRESS}    inputCount: 1\n`]],
    at: '1\n    location: A/1/104',
    says: 'input 1 is used, and only inputs 0 to 0 are read',
    hint: 'pins count from 0',
  },
  {
    promise: 'more registers than one answer holds are refused',
    edits: [[ADDRESS, `${ADDRESS}    table: holdingRegisters\n    inputsPerRegister: 1\n    inputCount: 126\n`]],
    at: '3\n    table: holding',
    says: 'one request would read 126 registers, and at most 125 can be read',
    hint: 'inputCount',
  },
  {
    promise: 'addresses beyond the last are refused',
    edits: [[ADDRESS, `${ADDRESS}    firstAddress: 65535\n`]],
    at: '65535',
    says: 'its last input would have address 65536, beyond 65535',
    hint: 'firstAddress',
  },
  {
    promise: 'a request that is its own answer is refused, because an echo would pass for the module',
    edits: [[ADDRESS, `${ADDRESS}    firstAddress: 768\n    inputCount: 24\n`]],
    at: '768',
    says: 'the request to this module has the form of its answer: an echo would pass for it',
    hint: 'another inputCount',
  },
  {
    promise: 'direction by RTS on a USB adapter is refused',
    edits: [['port: /dev/full', 'port: /dev/serial/by-id/usb-FTDI_X_A1-if00-port0, rs485: { rts: onSend }']],
    at: '{ rts: onSend }',
    says: 'the drivers of USB adapters do not switch the direction by RTS',
    hint: 'leave out rs485',
  },
  {
    promise: 'direction by RTS says which way round',
    edits: [['port: /dev/full', 'port: /dev/full, rs485: {}']],
    at: '{}',
    says: 'rts is missing',
    hint: 'onSend, afterSend',
  },
  {
    promise: 'the name of an adapter without a serial number is warned of',
    edits: [['port: /dev/full', 'port: /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0']],
    at: '/dev/serial/by-id/usb-1a86',
    says: 'this name has no serial number: a second adapter of the same model would take it over',
    hint: '/dev/serial/by-path/',
    severity: 'warning',
  },
];

test.each(CASES)('$promise', (one) => checkCase(one, BASE));

test('a module with registers, and a transceiver switched by the kernel, reach the driver', () => {
  const site = edited(
    EVERY_INPUT,
    [ADDRESS, `${ADDRESS}    table: holdingRegisters\n    firstAddress: 192\n    inputCount: 32\n`],
    ['port: /dev/full', 'port: /dev/full, rs485: { rts: onSend, delayAfterMilliseconds: 1 }'],
    ['port: /dev/null', 'port: /dev/null, rs485: { rts: afterSend }'],
  );
  const { inputs } = withSite({ site, keys: EVERY_KEY }, (file) => loadSettings(file, '/d'));
  const layout = { table: 'holdingRegisters', firstAddress: 192, inputsPerRegister: 16, inputCount: 32 };
  expect(inputs).toContainEqual(
    expect.objectContaining({
      driver: 'modbus',
      rs485: { rts: 'onSend', delayBeforeMs: 0, delayAfterMs: 1 },
      modules: [expect.objectContaining(layout)],
    }),
  );
  const other = { rts: 'afterSend', delayBeforeMs: 0, delayAfterMs: 0 };
  expect(inputs).toContainEqual(expect.objectContaining({ driver: 'button-bus', rs485: other }));
});

test('what the page says to write for each module is valid', () => {
  const page = readFileSync(new URL('../../../hardware/modbus/README.md', import.meta.url), 'utf8');
  const [, table = ''] = page.split('| module | write | source |');
  const rows = table.split('\n\n')[0]?.matchAll(/^\| [^|]+ \| ([^|]+) \|/gm) ?? [];
  const fields = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
  expect(fields.length).toBeGreaterThanOrEqual(5);
  for (const code of fields) {
    const lines = code.split(', ').map((field) => `    ${field}\n`);
    const site = edited(EVERY_INPUT, [ADDRESS, `${ADDRESS}${lines.join('')}`]);
    const wrong = mistakesOf({ site, keys: EVERY_KEY }).filter(({ severity }) => severity === 'error');
    expect(wrong, code).toEqual([]);
  }
});
