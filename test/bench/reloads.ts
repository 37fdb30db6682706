import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import type { ReloadDocument } from '../../protocol/reload-document.ts';
import { compile, startCompiledGateway } from '../rig/gateway-under-test.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { writeBenchSite } from './bench-site.ts';
import { PressRig } from './press-rig.ts';
import { warmRig } from './warm-rig.ts';

/** Presses while reloads follow each other without a pause, and as many without any. */
const PRESSES = 1000;
const GAP_MS = 20;
const RELOADS = 200;
const RESIDENT_EACH = 50;

async function bench(): Promise<void> {
  compile();
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
  const data = join(directory, 'data');
  const port = await freePort();
  const site = writeBenchSite(directory, port, 0, 4);
  const receiver = await startReceiver({ port, accounts: readSite(site.file, 1).accounts });
  const rig = new PressRig(site, receiver);
  await warmRig(rig);
  const gateway = await startCompiledGateway(site.file, data, []);
  const whole = readFileSync(site.file, 'utf8');
  const less = whole.replace(/ {2}- id: d200\n(?: {4}.*\n)+/, '').replace('name: Building', 'name: Other building');
  let count = 0;
  const heldMs: number[] = [];
  const reload = async (): Promise<void> => {
    count += 1;
    writeFileSync(site.file, count % 2 === 0 ? whole : less);
    const { document } = await askGateway(data, { command: 'reload', by: 'bench' }, 60_000);
    const held = (document as ReloadDocument | undefined)?.held_ms;
    if (held !== undefined) heldMs.push(held);
  };
  const run = async (): Promise<Quantiles> => {
    const presses = rig.prepare(PRESSES).filter(({ id }) => !id.startsWith('d200.'));
    const startMs = monoMs();
    for (const [index, press] of presses.entries()) {
      const dueMs = startMs + index * GAP_MS;
      if (monoMs() < dueMs) await sleep(dueMs - monoMs());
      rig.press(press);
    }
    const untilMs = monoMs() + 30_000;
    const times = presses.flatMap(({ id }) => rig.times.get(id) ?? []);
    while (monoMs() < untilMs && times.some((each) => each.receiverMs === undefined)) await sleep(20);
    const lost = times.filter((each) => each.receiverMs === undefined).length;
    const twice = presses.filter(
      ({ id }) => receiver.displayed.filter((each) => each.reportId === id).length > 1,
    ).length;
    process.stdout.write(`  lost ${lost}, doubled ${twice}\n`);
    return quantiles(times.flatMap((each) => (each.receiverMs === undefined ? [] : [each.receiverMs - each.wireMs])));
  };
  try {
    await receiver.until((each) => each.polls > 0);
    await gateway.rehearsed;
    await run();
    say('first byte without reloads, ms', await run());
    let isOver = false;
    const reloading = (async () => {
      while (!isOver) await reload();
    })();
    const during = await run();
    isOver = true;
    await reloading;
    say(`first byte during ${heldMs.length} reloads, ms`, during);
    say('alert path held up by a reload, ms', quantiles(heldMs));
    process.stdout.write(`resident, MB: ${gateway.residentMb()}`);
    for (let time = 1; time <= RELOADS; time++) {
      await reload();
      if (time % RESIDENT_EACH === 0) process.stdout.write(`, after ${time} more reloads ${gateway.residentMb()}`);
    }
    process.stdout.write('\n');
  } finally {
    await gateway.stop();
    rig.close();
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function say(what: string, { p50, p99, p999, max }: Quantiles): void {
  const all = { p50, p99, 'p99.9': p999, max };
  const text = Object.entries(all).map(([name, ms]) => `${name} ${ms.toFixed(2)}`);
  process.stdout.write(`${what}: ${text.join(', ')}\n`);
}

await bench();
