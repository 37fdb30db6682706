import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { enrolmentOf } from '../../gateway/cli/discover/enrolment.ts';
import { program } from '../../gateway/cli/program.ts';
import { checkSite } from '../../gateway/config/load.ts';
import type { Stranger } from '../../protocol/discovery-document.ts';
import { BEACON, BLU, DOOR, EDDYSTONE, MODULE, NODE, TAG, ZIGBEE } from '../unit/cli/strangers-fixture.ts';
import { EVERY_INPUT, EVERY_KEY } from '../unit/config/every-input-fixture.ts';

let directory = '';
let siteFile = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-discovered-'));
  siteFile = join(directory, 'site.yaml');
  writeFileSync(siteFile, EVERY_INPUT);
  writeFileSync(join(directory, 'keys.yaml'), EVERY_KEY);
  chmodSync(join(directory, 'keys.yaml'), 0o600);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

/** The words of a command, as a shell reads them. */
function shellWords(command: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

const BUTTON = ['--kind', 'medical'];
const onSite = (stranger: Stranger): Stranger =>
  stranger.kind === 'mqtt' ? { ...stranger, input: 'mqtt-1' } : stranger;

describe('what discover prints, devices add accepts, with the room and the kind', () => {
  test.each<[string, Stranger, readonly string[], RegExp]>([
    ['a node', NODE, BUTTON, /address: 9\n/],
    ['a plain tag', TAG, BUTTON, /address: "7C:C6:B6:00:00:0A"/],
    ['a door sensor', DOOR, [], /points:\n\s+- \{ id: door, type: doorContact, zone: \d+ \}/],
    ['an iBeacon fob', BEACON, BUTTON, /fob:\s.*type: iBeacon.*minor: 7/s],
    ['an Eddystone fob', EDDYSTONE, BUTTON, /type: eddystone.*instance: "000000000007"/s],
    ['a Zigbee button with two keys', ZIGBEE, BUTTON, /channel: "?2"?/],
    ['a Zigbee door sensor', { ...ZIGBEE, offers: 'doorContact', channels: [] }, [], /type: doorContact/],
    ['a tag of a Shelly gateway', BLU, BUTTON, /component: "?bthomedevice:200"?/],
    [
      'a Modbus input',
      { ...MODULE, moved_input: 3 },
      [...BUTTON, '--contact', 'normallyOpen'],
      /address: 41\n[^-]*buttons:\n.*pin: 3/,
    ],
  ])('%s', async (_name, stranger, more, entry) => {
    const { command = '' } = enrolmentOf(onSite(stranger));
    const [callpoint, ...args] = shellWords(command);
    expect(callpoint).toBe('callpoint');
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await program().parseAsync(['node', 'callpoint', ...args, '--room', '101', ...more, '--config', siteFile]);
    const site = readFileSync(siteFile, 'utf8');
    expect(site.slice(site.indexOf('devices:'))).toMatch(entry);
    expect(checkSite(siteFile, join(directory, 'data')).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
