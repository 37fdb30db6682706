import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { watchAlerts } from '../../device-sim/demo/alert-watch.ts';
import { demoDevices } from '../../device-sim/demo/demo-devices.ts';
import { demoSite, MQTT_USER } from '../../device-sim/demo/demo-site.ts';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { compile, startCompiledGateway } from '../rig/gateway-under-test.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { DriversAlone, type DriverTimes } from './drivers.ts';
import { writeFigures } from './figures-page.ts';

/**
 * Device to press on each wire, and the wait between its presses: a device that numbers nothing
 * must be silent before the next press.
 */
const PRESSED: readonly (readonly [device: string, gapMs: number])[] = [
  ['wb-203', 250],
  ['pull-201', 250],
  ['pull-202', 250],
  ['loop-204', 400],
  ['module-205', 250],
  ['tag-206', 400],
  ['zigbee-207', 3_100],
];
const HELD_MS = 120;
const ARRIVES_WITHIN_MS = 5_000;
const READY_WITHIN_MS = 30_000;

interface InputResult {
  readonly input: string;
  readonly device: string;
  readonly presses: number;
  readonly alone: DriverTimes;
  readonly firstByteMs: Quantiles;
  readonly lost: number;
  readonly doubled: number;
}

/** Presses one device repeatedly and measures what reaches the receiver. */
async function measure(
  simulator: SiteSimulator,
  receiver: Receiver,
  device: string,
  presses: number,
  gapMs: number,
): Promise<Omit<InputResult, 'input' | 'alone'>> {
  const times: number[] = [];
  let lost = 0;
  let doubled = 0;
  for (let press = 0; press < presses; press++) {
    const seen = new Set(receiver.events.map(({ reportId }) => reportId));
    const ours = () =>
      receiver.events.filter(({ reportId = '' }) => reportId.startsWith(`${device}.`) && !seen.has(reportId));
    const pressedMs = monoMs();
    simulator.press(device, '0', 'single');
    const released = sleep(HELD_MS).then(() => simulator.release(device, '0'));
    await Promise.race([receiver.until(() => ours().length > 0), sleep(ARRIVES_WITHIN_MS)]);
    await released;
    await sleep(gapMs);
    const [first, ...more] = ours();
    if (first === undefined) lost += 1;
    else times.push(first.firstByteMs - pressedMs);
    doubled += more.length;
    receiver.clear();
  }
  return { device, presses, firstByteMs: quantiles(times), lost, doubled };
}

interface BenchResult {
  readonly inputs: readonly InputResult[];
  readonly residentMb: number;
}

async function measureAlone(file: string, data: string, simulator: SiteSimulator, presses: number) {
  const drivers = await DriversAlone.start(file, data, simulator);
  const times = new Map<string, DriverTimes>();
  for (const [device, gapMs] of PRESSED) {
    process.stderr.write(`${device}, the driver alone …\n`);
    times.set(device, await drivers.measure(simulator, device, presses, gapMs));
  }
  await drivers.stop();
  return times;
}

async function bench(presses: number): Promise<BenchResult> {
  await compile();
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
  const [mqttPort, receiverPort] = [await freePort(), await freePort()];
  const demo = demoSite({ directory, mqttPort, receiverPort });
  const file = join(directory, 'site.yaml');
  writeFileSync(file, demo.site);
  writeFileSync(join(directory, 'keys.yaml'), demo.keys, { mode: 0o600 });
  const site = readSite(file, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: site.accounts });
  const simulator = new SiteSimulator(site, 1);
  await simulator.ready();
  const alone = await measureAlone(file, join(directory, 'data'), simulator, presses);
  const gateway = await startCompiledGateway(file, join(directory, 'data'), SERVICE_FLAGS, {
    needs: simulator.gatewayNeeds,
  });
  const watch = watchAlerts(mqttPort, 'demo', MQTT_USER, demo.mqttPassword);
  const inputOf = new Map(demoDevices().map(({ id, input }) => [id, input]));
  try {
    const ready = watch.ready({ devices: inputOf.size, inputs: new Set(inputOf.values()).size });
    await Promise.race([ready, sleep(READY_WITHIN_MS)]);
    if (watch.missing().length > 0) process.stderr.write(`not ready: ${watch.missing().join(', ')}\n`);
    await gateway.rehearsed;
    const results: InputResult[] = [];
    for (const [device, gapMs] of PRESSED) {
      process.stderr.write(`${device} …\n`);
      const measured = await measure(simulator, receiver, device, presses, gapMs);
      const times = alone.get(device);
      if (times !== undefined) results.push({ input: inputOf.get(device) ?? '', alone: times, ...measured });
    }
    return { inputs: results, residentMb: gateway.residentMb() };
  } finally {
    await watch.close();
    await gateway.stop();
    simulator.stop();
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function tableOf({ inputs, residentMb }: BenchResult): string {
  const rows = inputs.map(({ input, device, alone, firstByteMs, lost, doubled }) => {
    const ms = [
      ...[alone.libraryMs, alone.signalMs, firstByteMs].flatMap(({ p50, p99 }) => [p50, p99]),
      firstByteMs.max,
    ].map((each) => each.toFixed(2).padStart(8));
    const [l50, l99, s50, s99, ...whole] = ms;
    const counts = `${String(lost).padStart(6)} ${String(doubled).padStart(7)}`;
    const name = `${input.padEnd(10)} ${device.padEnd(12)}`;
    return `${name} ${l50} ${l99}  ${s50} ${s99}  ${whole.join(' ')} ${counts}`;
  });
  return `
Node ${process.version} ${SERVICE_FLAGS.join(' ')}, compiled gateway with every input at once, AES-256 receiver
ms from the press at the simulated wire
                          the library has it    the core is told    first byte at the receiver
input      device             p50      p99       p50      p99       p50      p99      max   lost doubled
${rows.join('\n')}

resident ${residentMb} MB, and one more process for the radio
`;
}

const command = new Command('npm run bench:inputs --')
  .description('Measures the compiled gateway from each kind of wire to the receiver.')
  .option('--json', 'one JSON object on stdout')
  .option('--presses <n>', 'presses of each device', Number, 100)
  .option('--write', 'put the figures into test/bench/README.md')
  .action(async (options: { json?: boolean; write?: boolean; presses: number }) => {
    const results = await bench(options.presses);
    process.stdout.write(options.json ? `${JSON.stringify(results)}\n` : tableOf(results));
    if (options.write) writeFigures('bench:inputs', tableOf(results));
  });
await command.parseAsync();
