import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demoSite } from '../../device-sim/demo/demo-site.ts';
import { Replay } from '../../device-sim/replay/replay.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';

let directory: string;
let faults: string[];
let replay: Replay | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-replay-'));
  faults = [];
  const { site, keys } = demoSite({ directory, mqttPort: 1, receiverPort: 1 });
  writeFileSync(join(directory, 'site.yaml'), site);
  writeFileSync(join(directory, 'keys.yaml'), keys, { mode: 0o600 });
});
afterEach(async () => {
  await replay?.stop();
  replay = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const HEADER = '{"callpoint":"recording","version":1,"began":"2026-11-28T08:00:00.000Z","gateway":"x"}';

async function played(...lines: string[]) {
  const file = join(directory, 'r.jsonl');
  writeFileSync(file, [HEADER, ...lines, ''].join('\n'));
  const site = readSite(join(directory, 'site.yaml'), epochNow());
  replay = await Replay.prepare(file, site, (text) => faults.push(text));
  await replay.ready();
  await replay.run(1000, AbortSignal.timeout(10_000));
  return replay;
}

test('frames that the site has no place for are played as far as there is one, and harm nothing', async () => {
  const { summary } = await played(
    ...['bus-1 button-bus', 'header gpio', 'board-1 firmata', 'modules modbus', 'radio-1 ble'].map((wire) => {
      const [input, driver] = wire.split(' ');
      return JSON.stringify({ ms: 0, input, driver });
    }),
    '{"ms":1,"input":"header","line":"GPIO99","in":"01"}',
    '{"ms":1,"input":"header","line":"__proto__","in":"01"}',
    '{"ms":1,"input":"header","in":""}',
    '{"ms":2,"input":"board-1","in":"9f7f01ef7f07"}',
    '{"ms":2,"input":"modules","in":"00"}',
    '{"ms":3,"input":"modules","out":"010200000002f9cb"}',
    '{"ms":3,"input":"radio-1","address":"nobody","kind":"bthome","in":"40"}',
    `{"ms":3,"input":"radio-1","address":"54:48:E6:8F:80:A5","kind":"bthome","in":"${'40'.repeat(200)}"}`,
    '{"ms":1,"input":"bus-1","in":"ff00ff"}',
    '{"ms":4,"end":"time","frames":8,"dropped":0}',
  );
  expect(summary).toMatchObject({ played: 8, isWhole: true });
  expect(faults).toEqual([]);
});

test('an input that the site lacks, or that has another driver there, is told and makes the replay a part', async () => {
  const { unplayed, inputs, summary } = await played(
    '{"ms":0,"input":"attic","driver":"button-bus"}',
    '{"ms":0,"input":"header","driver":"firmata"}',
    '{"ms":0,"input":"bus-1","driver":"button-bus"}',
    '{"ms":1,"input":"attic","in":"00"}',
    '{"ms":4,"end":"time","frames":1,"dropped":0}',
  );
  expect(unplayed).toEqual([
    'Input attic is not in this site: its frames are left out',
    'Input header is gpio in this site, and was firmata: its frames are left out',
  ]);
  expect(inputs).toEqual(['bus-1']);
  expect(summary.isWhole).toBe(false);
});

test('a recording that was cut off is played up to there, and that is told', async () => {
  const { summary } = await played(
    '{"ms":0,"input":"bus-1","driver":"button-bus"}',
    '{"ms":1,"input":"bus-1","in":"00',
  );
  expect(faults).toEqual([
    expect.stringContaining('line 3: it is not a JSON object'),
    expect.stringContaining('cut off'),
  ]);
  expect(summary.isWhole).toBe(false);
});
