import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ModbusBoard } from '../../device-sim/site/modbus-board.ts';
import { createModbusDriver } from '../../gateway/inputs/modbus/driver.ts';
import { button, deviceOf, modbusSettings, moduleAt } from './modbus-rig.ts';
import { RecordingSink } from './support/recording-sink.ts';

const LAYOUT = { table: 'holdingRegisters', firstAddress: 192, inputsPerRegister: 16, inputCount: 32 } as const;

it('the simulator of a site shows a module’s inputs where the site says they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'callpoint-modbus-site-'));
  const port = join(folder, 'line');
  const contact = { id: 'panic', number: 0, pin: '17', contact: 'normallyOpen', pull: 'up' };
  const device = { id: deviceOf(1), input: 'modules', address: 1, location: 'A/1/1', points: [], ...LAYOUT };
  const devices = [{ ...device, buttons: [contact] }];
  const board = new ModbusBoard({ id: 'modules', driver: 'modbus', port, adapters: [], beacons: [], devices }, 1);
  const sink = new RecordingSink();
  const modules = [{ ...moduleAt(1, [button(1, 0, 17)]), ...LAYOUT }];
  const driver = createModbusDriver(modbusSettings(port, modules, { answerMs: 2_000 }), sink);
  onTestFinished(async () => {
    await driver.stop();
    board.stop();
    rmSync(folder, { recursive: true });
  });
  driver.start();
  const states = () => sink.signals.flatMap(({ body }) => (body.type === 'contact' ? body.state : []));
  await sink.until('the reading', () => states().length > 0);
  const [panic] = devices[0]?.buttons ?? [];
  if (devices[0] !== undefined && panic !== undefined) board.set(devices[0], panic, true);
  await sink.until('the press', () => states().length > 1);
  expect(states()).toEqual(['normal', 'active']);
});
