import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type FarEnds, startFarEnds } from '../../device-sim/site/far-ends.ts';
import { readSite } from '../../device-sim/site/site-file.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

async function farEnds(): Promise<FarEnds> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-pagers-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const paths = `paths:
  - { id: texts, driver: sms, port: ${join(directory, 'modem')}, recipients: ["+15551234567"], pin: true }
  - { id: pages, driver: snpp, host: 127.0.0.1, port: ${await freePort()}, pagers: [a] }
  - { id: beeps, driver: tap, terminal: { host: 127.0.0.1, port: ${await freePort()} }, pagers: [a] }
`;
  writeFileSync(join(directory, 'site.yaml'), paths);
  writeFileSync(join(directory, 'keys.yaml'), 'paths:\n  texts: "0123"\n');
  const ends = await startFarEnds(readSite(join(directory, 'site.yaml'), 1));
  cleanups.push(() => ends.close());
  return ends;
}

test('far ends of texts and pages misbehave in ways of their own, and are well again afterwards', async () => {
  const ends = await farEnds();
  expect(ends.all.map(({ path }) => path)).toEqual(['texts', 'pages', 'beeps']);
  for (const end of ends.all) {
    expect(end.ownBehaviours.length).toBeGreaterThan(10);
    for (const how of end.ownBehaviours) await end.behave(how);
    await end.behave('normal');
  }
});

test.each([
  [
    'texts',
    ['cms513Twice', 'cms305Always', 'blanks', 'nul', 'noise', 'cfun0', 'cfun4Stays', 'pinWanted', 'pinRefused'],
  ],
  ['pages', ['page554Twice', 'mess554Twice', 'send554Once', 'page550Always', 'page552Once', 'queued']],
  ['beeps', ['noId', 'oddParity', 'queueFullOnce', 'queueFullAlways', 'rs511Once', 'rsBareAlways', 'takenBack']],
])('%s can %j', async (path, hows) => {
  const ends = await farEnds();
  expect(ends.of(path).ownBehaviours).toEqual(expect.arrayContaining(hows));
});

test('what a far end can not do is answered with what it can', async () => {
  const ends = await farEnds();
  await expect(ends.of('pages').behave('blanks')).rejects.toThrow(
    /pages can't "blanks"\. There are:\s+normal, [\s\S]*page554Twice/,
  );
});
