import { expect, it } from 'vitest';
import { sealRtu } from '../../device-sim/modbus/rtu-frame.ts';
import { randomBelow, seededRandom } from '../../device-sim/random.ts';
import { loadModbusSerial, RtuClient } from '../../gateway/inputs/modbus/rtu-client.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { quantiles } from '../rig/quantiles.ts';
import { button, type ModbusRig, makeModbusRig, moduleAt } from './modbus-rig.ts';

const MODULES = [1, 2, 3, 4];
const INPUTS = [0, 1, 2, 3, 4, 5, 6, 7];
/** A whole round of four modules at 38 400 Bd. */
const ROUND_MS = 50;
/** Delay of both sides on a machine shared with other processes. */
const BUSY_MS = 200;

function report(what: string, values: readonly number[], unit: string): void {
  const { n, p50, p99, max } = quantiles(values);
  process.stdout.write(`${what}: p50 ${p50} · p99 ${p99} · max ${max} ${unit} (${n})\n`);
}

function start(): ModbusRig {
  const rig = makeModbusRig({
    modules: MODULES.map((address) =>
      moduleAt(
        address,
        INPUTS.map((input) => button(address, input)),
      ),
    ),
  });
  rig.driver.start();
  return rig;
}

async function read(rig: ModbusRig): Promise<void> {
  await rig.sink.until('the first reading', () => MODULES.every((address) => rig.state(address, 7) !== undefined));
}

it('a round of four modules takes 50 ms at most at 38400 Bd', async () => {
  const rig = start();
  try {
    await read(rig);
    const roundsBegin: number[] = [];
    rig.pty().onData((request) => {
      if (request[0] === MODULES[0]) roundsBegin.push(monoMs());
    });
    await rig.sink.until('rounds', () => rig.said(4, 'alive').length >= 4);
    const rounds = roundsBegin.slice(1).map((at, index) => at - (roundsBegin[index] ?? 0));
    report('modbus, a round of 4 modules at 38400 Bd', rounds, 'ms');
    expect(rig.line.requestsTooSoon).toBe(0);
    expect(rounds.length).toBeGreaterThan(20);
    expect(quantiles(rounds).p50).toBeLessThan(ROUND_MS);
  } finally {
    await rig.close();
  }
});

it('a change at a module is told within two rounds', { timeout: 60_000 }, async () => {
  const rig = start();
  const random = seededRandom(5);
  try {
    await read(rig);
    const latencies: number[] = [];
    for (let change = 0; change < 60; change++) {
      const address = MODULES[randomBelow(random, MODULES.length)] ?? 1;
      const input = randomBelow(random, INPUTS.length);
      const wanted = rig.state(address, input) === 'active' ? 'normal' : 'active';
      // At any moment of a round.
      await new Promise((resolve) => setTimeout(resolve, randomBelow(random, ROUND_MS)));
      const changedMs = monoMs();
      rig.line.drive(address, input, wanted === 'active');
      await rig.sink.until('the change', () => rig.state(address, input) === wanted);
      latencies.push((rig.sink.signals.findLast(({ body }) => body.type === 'contact')?.capturedMs ?? 0) - changedMs);
    }
    report('modbus, input changed → signal, 4 modules at 38400 Bd', latencies, 'ms');
    expect(Math.min(...latencies)).toBeGreaterThan(0);
    expect(quantiles(latencies).p50).toBeLessThan(ROUND_MS);
    expect(quantiles(latencies).p99).toBeLessThan(2 * ROUND_MS + BUSY_MS);
  } finally {
    await rig.close();
  }
});

it('modbus-serial itself, from the request asked for to the answer read, takes a fraction of that', async () => {
  const answer = sealRtu(1, Uint8Array.of(2, 1, 5));
  const took: number[] = [];
  const client: RtuClient = new RtuClient(
    await loadModbusSerial(),
    { isOpen: true, write: ({ length }) => length },
    () => undefined,
  );
  for (let poll = 0; poll < 20_000; poll++) {
    const from = process.hrtime.bigint();
    client.ask(1, { code: 2, start: 0, count: 8 });
    client.port.receive(answer);
    took.push(Number(process.hrtime.bigint() - from) / 1_000);
  }
  const warm = took.slice(1_000);
  report('modbus-serial and its port, encode and decode of a poll', warm, 'µs');
  expect(quantiles(warm).p50).toBeLessThan(1_000);
});
