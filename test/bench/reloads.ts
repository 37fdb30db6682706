import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import type { ReloadDocument } from '../../protocol/reload-document.ts';
import { compile } from '../rig/gateway-under-test.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { callpoint, SERVICE_NICE } from './contestants.ts';
import { compileNative } from './native.ts';
import { Stand } from './stand.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Presses while reloads follow each other without a pause, and as many without any. */
const PRESSES = 1000;
const GAP_MS = 20;
const RELOADS = 200;
const RESIDENT_EACH = 50;
/** Comes and goes with the reloads, and is not pressed. */
const PASSING = 'p0a200';

async function bench(): Promise<void> {
  await compile();
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
  const { rig } = compileNative(directory, ['rig']);
  const stand = await Stand.open(callpoint(PROJECT, 'Callpoint', SERVICE_FLAGS), {
    rigProgram: rig,
    connections: 4,
    nice: SERVICE_NICE,
  });
  const site = join(stand.place.directory, 'site.yaml');
  const whole = readFileSync(site, 'utf8');
  const passing = new RegExp(` {2}- id: ${PASSING}\\n(?: {4}.*\\n)+`);
  const less = whole.replace(passing, '').replace('name: Building', 'name: Other building');
  let count = 0;
  const heldMs: number[] = [];
  const reload = async (): Promise<void> => {
    count += 1;
    writeFileSync(site, count % 2 === 0 ? whole : less);
    const { document } = await askGateway(
      join(stand.place.directory, 'data'),
      { command: 'reload', by: 'bench' },
      60_000,
    );
    const held = (document as ReloadDocument | undefined)?.held_ms;
    if (held !== undefined) heldMs.push(held);
  };
  const run = async (): Promise<Quantiles> => {
    const schedule = stand.schedule(PRESSES, GAP_MS).filter(({ id }) => !id?.startsWith(`${PASSING}.`));
    const { firstByteMs, lost, twice } = await stand.load(schedule);
    process.stdout.write(`  lost ${lost}, displayed twice ${twice}\n`);
    return firstByteMs;
  };
  try {
    const { prepared } = await stand.start();
    await prepared;
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
    process.stdout.write(`resident, MB: ${stand.residentMb().toFixed(1)}`);
    for (let time = 1; time <= RELOADS; time++) {
      await reload();
      if (time % RESIDENT_EACH !== 0) continue;
      process.stdout.write(`, after ${time} more reloads ${stand.residentMb().toFixed(1)}`);
    }
    process.stdout.write('\n');
  } finally {
    await stand.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function say(what: string, { p50, p99, p999, max }: Quantiles): void {
  const all = { p50, p99, 'p99.9': p999, max };
  const text = Object.entries(all).map(([name, ms]) => `${name} ${ms.toFixed(2)}`);
  process.stdout.write(`${what}: ${text.join(', ')}\n`);
}

await bench();
