import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { countsOf, doctorText } from '../../../gateway/cli/doctor/doctor-text.ts';
import { type Examined, examine, ok, problem, type Verdict } from '../../../gateway/cli/doctor/finding.ts';
import {
  filesVerdicts,
  gatewayProbes,
  pathVerdict,
  statusVerdict,
} from '../../../gateway/cli/doctor/gateway-probes.ts';
import {
  clockSourceVerdict,
  dateVerdict,
  memoryVerdict,
  nodeVerdict,
  offsetVerdict,
  radioProcessVerdict,
  readOffset,
  readSynchronised,
  rtcVerdict,
  synchronisedVerdict,
  throttleVerdict,
  zoneVerdict,
} from '../../../gateway/cli/doctor/machine-verdicts.ts';
import { networkProbes } from '../../../gateway/cli/doctor/network-probes.ts';
import { priorityVerdict, serviceVerdicts, UNIT_PROPERTIES } from '../../../gateway/cli/doctor/service-verdicts.ts';
import {
  certificateVerdict,
  diskVerdict,
  filesVerdict,
  keysVerdict,
  ownerVerdict,
  spaceVerdict,
  syncVerdict,
} from '../../../gateway/cli/doctor/storage-verdicts.ts';
import { mountOf } from '../../../gateway/system/mounts.ts';
import { STATUS } from '../../integration/control-rig.ts';
import { PROJECT } from '../source-files.ts';

const MIB = 1024 * 1024;

describe('Node.js', () => {
  test.each<[string, Verdict]>([
    ['20.18.3', 'problem'],
    ['20.19.0', 'ok'],
    ['25.9.9', 'ok'],
    ['26.0.0', 'problem'],
    ['18.20.4', 'problem'],
  ])('%s: %s', (version, verdict) => {
    expect(nodeVerdict(version).verdict).toBe(verdict);
  });

  test('has the limits of package.json', () => {
    const { engines } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    expect(engines.node).toBe('>=20.19 <26');
  });
});

test.each<[number, number | undefined, Verdict]>([
  [4096, 2048, 'ok'],
  [4096, 50, 'warning'],
  [256, 200, 'warning'],
  [1024, undefined, 'ok'],
])('%s MiB of memory, %s free: %s', (total, available, verdict) => {
  expect(memoryVerdict(4, total * MIB, available && available * MIB).verdict).toBe(verdict);
});

test.each<[string, Verdict, string]>([
  ['throttled=0x0', 'ok', 'well'],
  ['0', 'ok', 'well'],
  ['throttled=0x50005', 'problem', 'too low now'],
  ['50000', 'warning', 'was too low'],
  ['0x80008', 'warning', 'hot'],
  ['0x20000', 'warning', 'slowed down since'],
  ['VCHI initialization failed', 'unknown', 'VCHI'],
])('firmware flags %s: %s', (flags, verdict, words) => {
  const found = throttleVerdict(`${flags}\n`);
  expect(found).toMatchObject({ verdict });
  expect(found.text).toContain(words);
});

test.each<[string, boolean | undefined, Verdict]>([
  ['yes\n', true, 'ok'],
  ['no\n', false, 'warning'],
  ['Reference ID    : C0A80001\nLeap status     : Normal\n', true, 'ok'],
  ['Leap status     : Not synchronised\n', false, 'warning'],
  ['', undefined, 'unknown'],
  ['506 Cannot talk to daemon', undefined, 'unknown'],
])('%j of the program that keeps the time: %s', (output, isSynchronised, verdict) => {
  expect(readSynchronised(output)).toBe(isSynchronised);
  expect(synchronisedVerdict(readSynchronised(output)).verdict).toBe(verdict);
});

test.each<[number, boolean | undefined, Verdict]>([
  [0, true, 'ok'],
  [59, undefined, 'ok'],
  [3600, true, 'warning'],
  [-1_790_000_000, true, 'warning'],
  [3600, false, 'warning'],
])('a hardware clock that is %s s off, the clock synchronised %s: %s', (seconds, isSynchronised, verdict) => {
  const nowMs = Date.UTC(2026, 10, 28);
  const found = rtcVerdict({ rtcMs: nowMs + seconds * 1000, nowMs, isSynchronised });
  expect(found.verdict).toBe(verdict);
  // While nothing says which of the two is wrong, it is not blamed on the battery.
  if (verdict === 'warning') expect(found.remedy?.includes('battery')).toBe(isSynchronised === true);
});

test.each<[string, Verdict]>([
  ['arch_sys_counter', 'ok'],
  ['tsc', 'ok'],
  ['jiffies', 'warning'],
])('clock source %s: %s', (name, verdict) => {
  expect(clockSourceVerdict(name).verdict).toBe(verdict);
});

test.each<[string, 'gateway' | 'command', Verdict]>([
  ['Name:\tnode\nCapEff:\t0000000000002000\n', 'gateway', 'ok'],
  ['Name:\tnode\nCapEff:\t000001ffffffffff\n', 'command', 'ok'],
  ['Name:\tnode\nCapEff:\t0000000000001000\n', 'gateway', 'problem'],
  ['Name:\tnode\nCapEff:\t0000000000000000\n', 'command', 'unknown'],
  ['', 'gateway', 'unknown'],
])('the right to use radios in %j of the %s: %s', (status, whose, verdict) => {
  expect(radioProcessVerdict(status, whose, undefined).verdict).toBe(verdict);
});

test.each<[string, Verdict]>([
  ['1970-01-01T00:03:00Z', 'problem'],
  ['2025-12-31T23:59:59Z', 'problem'],
  ['2026-11-28T00:00:00Z', 'ok'],
])('the clock says %s: %s', (now, verdict) => {
  expect(dateVerdict(new Date(now)).verdict).toBe(verdict);
});

test.each<[string, number | undefined, Verdict | undefined]>([
  ['System time     : 0.000012345 seconds slow of NTP time\n', -0.000012345, 'ok'],
  ['System time     : 3.500000000 seconds fast of NTP time\n', 3.5, 'warning'],
  ['       Offset: +1.207ms\n', 0.001207, 'ok'],
  ['       Offset: -1min 2.5s\n', -62.5, 'problem'],
  ['       Server: n/a\n', undefined, undefined],
  ['', undefined, undefined],
])('the offset in %j is %s s: %s', (output, seconds, verdict) => {
  const found = readOffset(output);
  if (seconds === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(seconds, 9);
  expect(offsetVerdict(found)[0]?.verdict).toBe(verdict);
});

test.each<[string, Verdict]>([
  ['America/New_York', 'ok'],
  ['UTC', 'warning'],
  ['Etc/UTC', 'warning'],
])('time zone %s: %s', (zone, verdict) => {
  expect(zoneVerdict(zone, '12:00:00').verdict).toBe(verdict);
});

describe('disks', () => {
  test('the card is found behind the name "/dev/root", and a memory stick by its flag', () => {
    const none = { type: '', source: '', isVolatile: false };
    const root = mountOf('25 1 179:2 / / rw - ext4 /dev/root rw\n', '/var') ?? none;
    expect(diskVerdict('/data', root, { hasSecond: false, isRemovable: false }).text).toContain('a memory card');
    const usb = { type: 'ext4', source: '/dev/sda1', isVolatile: false };
    const stick = diskVerdict('/data', usb, { hasSecond: true, isRemovable: true });
    expect(stick).toMatchObject({ verdict: 'warning', text: expect.stringContaining('a memory stick') });
  });

  test('a disk may be full of files', () => {
    expect(filesVerdict('/data', 1000, 5)[0]?.verdict).toBe('problem');
    expect([...filesVerdict('/data', 1000, 500), ...filesVerdict('/data', 0, 0)]).toEqual([]);
  });

  const MOUNTS = [
    '25 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw',
    '30 25 0:25 / /run rw shared:5 - tmpfs tmpfs rw',
    '40 25 8:1 / /mnt/my\\040disk rw - ext4 /dev/sda1 rw',
    '41 25 0:50 / /srv rw - nfs4 nas:/srv rw',
    '42 41 8:2 / /srv rw - ext4 /dev/sdb1 rw',
    '',
  ].join('\n');

  test.each([
    ['/var/lib/callpoint', '/dev/mmcblk0p2'],
    ['/run/data', 'tmpfs'],
    ['/runner', '/dev/mmcblk0p2'],
    ['/mnt/my disk/data', '/dev/sda1'],
    ['/srv/data', '/dev/sdb1'],
  ])('%s is on %s', (path, source) => {
    expect(mountOf(MOUNTS, path)?.source).toBe(source);
  });

  // As overlayroot leaves it on a Raspberry Pi: a data disk outside of the overlay, and one in it.
  const OVERLAID = [
    '21 1 0:30 / /media/root-rw rw - tmpfs tmpfs-root rw',
    '22 1 179:2 / /media/root-ro ro - ext4 /dev/mmcblk0p2 ro',
    '23 1 0:31 / / rw - overlay overlayroot rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay,workdir=/x',
    '24 23 8:1 / /data rw - ext4 /dev/sda1 rw',
    '25 23 0:32 / /srv rw - overlay /media/root-ro/srv rw,lowerdir=/media/root-ro/srv,upperdir=/media/root-rw/overlay/srv',
    '26 23 0:33 / /box rw - overlay overlay rw,lowerdir=/lower,upperdir=/data/upper,workdir=/data/work',
    '27 23 0:34 / /unseen rw - overlay overlay rw,lowerdir=/lower,upperdir=/unseen/upper',
    '28 23 252:0 / /var/log rw - ext4 /dev/zram0 rw',
    '',
  ].join('\n');

  test.each([
    ['/var/lib/callpoint', true],
    ['/data/callpoint', false],
    ['/srv/callpoint', true],
    ['/box', false],
    ['/unseen', false],
    ['/var/log', true],
    ['/media/root-ro/etc', false],
  ])('what is written to %s is gone when the power goes: %s', (path, isVolatile) => {
    const mount = mountOf(OVERLAID, path);
    expect(mount?.isVolatile).toBe(isVolatile);
    const verdict = mount && diskVerdict(path, mount, { hasSecond: true, isRemovable: false }).verdict;
    if (isVolatile) expect(verdict).toBe('problem');
    else expect(verdict).toBe(mount?.type === 'overlay' ? 'warning' : 'ok');
  });

  test('nothing is on nothing', () => {
    expect(mountOf('', '/data')).toBeUndefined();
  });

  test.each<[string, string, boolean, Verdict]>([
    ['ext4', '/dev/sda1', false, 'ok'],
    ['ext4', '/dev/mmcblk0p2', true, 'ok'],
    ['ext4', '/dev/mmcblk0p2', false, 'warning'],
    ['nfs4', 'nas:/x', false, 'problem'],
    ['cifs', '//nas/x', false, 'problem'],
    ['vfat', '/dev/sda1', false, 'warning'],
    ['overlay', 'overlay', false, 'warning'],
  ])('%s on %s, a second directory %s: %s', (type, source, hasSecond, verdict) => {
    const mount = { type, source, isVolatile: false };
    expect(diskVerdict('/data', mount, { hasSecond, isRemovable: false }).verdict).toBe(verdict);
  });

  test.each<[number, Verdict]>([
    [10, 'problem'],
    [300, 'warning'],
    [600, 'ok'],
  ])('%s MiB free where records need 512: %s', (free, verdict) => {
    expect(spaceVerdict('/data', free * MIB, 512 * MIB).verdict).toBe(verdict);
  });

  test.each<[string, number[], Verdict]>([
    ['quick', [2, 3, 2, 9, 3], 'ok'],
    ['slow', [200, 150, 120], 'warning'],
    ['quick, and stalls once', [2, 2, 1500], 'warning'],
    ['dying', [1200, 1500, 4000], 'problem'],
  ])('a disk that is %s', (_name, syncsMs, verdict) => {
    expect(syncVerdict('/data', syncsMs).verdict).toBe(verdict);
  });
});

describe('files', () => {
  test.each<[number, number, number, number | undefined, Verdict]>([
    [0o100600, 5, 5, 5, 'ok'],
    [0o100640, 5, 5, 5, 'problem'],
    [0o100604, 5, 5, 5, 'problem'],
    [0o100600, 0, 0, 5, 'warning'],
    [0o100600, 0, 0, undefined, 'ok'],
    [0o100640, 0, 0, 5, 'problem'],
    [0o100640, 0, 5, 5, 'ok'],
    [0o100660, 0, 5, 5, 'problem'],
    [0o100644, 0, 5, 5, 'problem'],
  ])('keys with mode %o of user %s and group %s, data of %s: %s', (mode, uid, gid, dataUid, verdict) => {
    expect(keysVerdict('keys.yaml', { uid, gid, mode }, dataUid).verdict).toBe(verdict);
  });

  test.each<[number, number, number, Verdict]>([
    [0o40700, 5, 5, 'ok'],
    [0o40700, 5, 0, 'ok'],
    [0o40700, 5, 6, 'warning'],
    [0o40777, 5, 5, 'problem'],
  ])('a data directory with mode %o of user %s, looked at by %s: %s', (mode, uid, own, verdict) => {
    expect(ownerVerdict('data', { uid, mode }, own).verdict).toBe(verdict);
  });

  const NOW = Date.UTC(2026, 10, 28);
  test.each<[number, Verdict, string]>([
    [-1, 'problem', 'ended on 2026-11-27'],
    [1, 'warning', 'in 1 day'],
    [29, 'warning', 'in 29 days'],
    [31, 'ok', 'in 31 days'],
  ])('a certificate with %s days left: %s', (days, verdict, words) => {
    const found = certificateVerdict('MQTT: certificate c.pem', NOW + days * 86_400_000, NOW);
    expect(found.verdict).toBe(verdict);
    expect(found.text).toContain(words);
  });
});

describe('the gateway', () => {
  test.each<[string, Verdict, string]>([
    ['LoadState=not-found\nActiveState=inactive\nUnitFileState=\n', 'warning', 'no callpoint.service'],
    ['LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n', 'ok', 'active'],
    ['LoadState=loaded\nActiveState=active\nUnitFileState=disabled\n', 'warning', 'disabled'],
    ['LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\n', 'problem', 'failed'],
    ['', 'unknown', 'systemd'],
  ])('as a service %j: %s', (output, verdict, words) => {
    const [found] = serviceVerdicts(output);
    expect(found?.verdict).toBe(verdict);
    expect(found?.text).toContain(words);
  });

  const LOADED = 'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n';
  const asText = (output: string) => serviceVerdicts(output).map(({ verdict, text }) => `${verdict} ${text}`);

  test('the unit that comes with Callpoint lacks nothing', () => {
    const unit = readFileSync(join(PROJECT, 'hardware/package/callpoint.service'), 'utf8');
    const shown = unit
      .replace('StartLimitIntervalSec=', 'StartLimitIntervalUSec=')
      .replace('WatchdogSec=', 'WatchdogUSec=');
    expect(UNIT_PROPERTIES.filter((name) => shown.includes(`\n${name}=`)).length).toBe(10);
    expect(serviceVerdicts(`${LOADED}${shown}`).map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok']);
  });

  test('a unit that gives up, runs as root or is not hardened is named with the line to write', () => {
    const found = asText(`${LOADED}NRestarts=40\nRestart=no\nStartLimitIntervalUSec=10s\nUser=\n`);
    expect(found).toEqual([
      'ok callpoint.service is active, and starts with the machine',
      'warning systemd has started the gateway again 40 times',
      'problem the unit says Restart=no',
      'warning systemd gives up after several failed starts within 10s',
      'problem nobody notices a gateway that hangs',
      'warning the unit lacks User=callpoint, NoNewPrivileges=yes, ProtectSystem=strict, OOMScoreAdjust=-900, LimitCORE=0',
    ]);
  });

  test.each([
    ['Type=exec\nWatchdogUSec=12s\n', 'Write Type=notify under [Service]: systemctl edit callpoint.'],
    ['Type=notify\nWatchdogUSec=0\n', 'Write WatchdogSec=12 under [Service]: systemctl edit callpoint.'],
    ['Type=notify\nWatchdogUSec=infinity\n', 'Write WatchdogSec=12 under [Service]: systemctl edit callpoint.'],
  ])('with %j nobody notices a gateway that hangs', (shown, remedy) => {
    expect(serviceVerdicts(`${LOADED}${shown}`)).toContainEqual({
      verdict: 'problem',
      text: 'nobody notices a gateway that hangs',
      remedy,
    });
  });

  test('a real thread is read as what it is, whatever its name holds', () => {
    // chrt(1) runs this command in real time.
    const fifo = spawnSync('chrt', ['-f', '1', 'cat', '/proc/self/stat'], { encoding: 'utf8' });
    const usual = readFileSync('/proc/self/stat', 'utf8');
    if (fifo.status === 0) expect(priorityVerdict(fifo.stdout, '1')).toMatchObject([{ verdict: 'ok' }]);
    expect(priorityVerdict(usual.replace('(', '(a) 1 (b'), '0')).toMatchObject([
      { verdict: 'warning', text: expect.stringContaining('lacks LimitRTPRIO=1') },
    ]);
    expect(priorityVerdict(usual, '1')).toMatchObject([
      {
        verdict: 'warning',
        text: expect.stringContaining('refused'),
        remedy: expect.stringContaining('priority.usual'),
      },
    ]);
    expect(priorityVerdict(undefined, '1')).toEqual([]);
    expect(priorityVerdict('1 (x) S 1', '1')).toMatchObject([{ verdict: 'unknown' }]);
  });

  test('in a container there is no systemd, and that is said', async () => {
    const [service] = gatewayProbes(
      '/nowhere',
      async () => undefined,
      () => false,
    );
    expect(await service?.look()).toMatchObject([{ verdict: 'unknown', text: expect.stringContaining('container') }]);
    const [silent] = gatewayProbes(
      '/nowhere',
      async () => undefined,
      () => true,
    );
    expect(await silent?.look()).toMatchObject([{ verdict: 'unknown', text: 'systemd does not answer' }]);
  });

  test.each<[string, string | null, Verdict, string]>([
    ['up', '2026-11-28T08:59:57.000Z', 'ok', 'last answer 3 s ago'],
    ['up', null, 'unknown', 'no answer since the start'],
    ['down', '2026-11-28T08:00:00.000Z', 'problem', 'last answer 60 min ago, 2 waiting (refused)'],
  ])('a path that is %s, proven %s: %s', (state, proven, verdict, words) => {
    const path = { path: 'a', state, last_proven_at: proven, last_canary_at: null, rtt_ms: null } as const;
    const ill = state === 'down' ? { queued: 2, detail: 'refused' } : { queued: 0, detail: '' };
    const found = pathVerdict({ ...path, ...ill } as never, new Date(STATUS.at));
    expect(found.verdict).toBe(verdict);
    expect(found.text).toContain(words);
  });

  test('that runs is as its status says', () => {
    const well = { ...STATUS, troubles: [], inputs: [], paths: [], devices: [] };
    expect(statusVerdict(well).verdict).toBe('ok');
    expect(filesVerdicts(well)).toEqual([]);
    const changed = { files: ['site.yaml', 'keys.yaml'], at: '2026-11-28T09:00:00.000Z' };
    expect(filesVerdicts({ ...well, configuration_changed: changed })).toEqual([
      {
        verdict: 'warning',
        text: expect.stringContaining('site.yaml and keys.yaml changed at 2026-11-28T09:00:00.000Z'),
        remedy: 'Run callpoint reload.',
      },
    ]);
    const path = { path: 'a', state: 'down', last_proven_at: null, last_canary_at: null, rtt_ms: null } as const;
    const down = statusVerdict({ ...well, paths: [{ ...path, queued: 0, detail: '' }] });
    expect(down).toMatchObject({ verdict: 'problem' });
    expect(down.text).toContain('something is down');
    const inputs = [{ input: 'a', state: 'unknown', detail: '', frames_heard: 0, frames_rejected: 0 }] as const;
    expect(statusVerdict({ ...well, inputs }).verdict).toBe('unknown');
  });
});

describe('a probe', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('that hangs is given up, and said to be late', async () => {
    const looking = examine({ subject: 'disk', look: () => new Promise(() => undefined) }, 8000);
    await vi.advanceTimersByTimeAsync(8000);
    expect(await looking).toMatchObject({ isLate: true, findings: [{ verdict: 'unknown' }] });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('of a name whose server does not answer is a problem, and not unknown', async () => {
    const host = { of: 'path central', host: 'centre.example', port: 7700 };
    const [probe] = networkProbes([host], () => new Promise(() => undefined));
    const looking = probe?.look();
    await vi.advanceTimersByTimeAsync(3500);
    expect(await looking).toMatchObject([
      { verdict: 'problem', text: 'centre.example has no address (no answer in 3.5 s)' },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that fails says why, at once or later', async () => {
    const failing = [
      () => {
        throw new Error('EIO');
      },
      () => Promise.reject(new Error('EIO')),
    ];
    for (const look of failing) {
      const { findings, isLate } = await examine({ subject: 'disk', look }, 8000);
      expect([isLate, findings[0]?.verdict, findings[0]?.text]).toEqual([
        false,
        'unknown',
        expect.stringContaining('EIO'),
      ]);
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a person reads each finding with what to do, within 80 columns, and the numbers below', () => {
  const examined: Examined[] = [
    { subject: 'Node.js', findings: [ok('Node.js 20.19.0')], isLate: false },
    { subject: 'supply', findings: [], isLate: false },
    { subject: 'input bus-1', findings: [problem('a port '.repeat(20), 'do this '.repeat(20))], isLate: false },
  ];
  const lines = doctorText(examined, 80).map(stripVTControlCharacters);
  expect(lines[0]).toBe('  ok       Node.js: Node.js 20.19.0');
  expect(lines[1]).toMatch(/^ {2}PROBLEM {2}input bus-1: a port/);
  expect(lines.at(-1)).toBe('1 problem, 1 ok');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(countsOf(examined)).toEqual({ ok: 1, warning: 0, problem: 1, unknown: 0 });
});

test.each([
  ['a member of the group', 'Uid:\t991\t991\t991\t991\nGid:\t9\t9\t9\t9\nGroups:\t20 990 \n', true, 'ok'],
  ['root', 'Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n', true, 'ok'],
  ['a stranger', 'Uid:\t991\t991\t991\t991\nGid:\t9\t9\t9\t9\nGroups:\t20 \nCapEff:\t0\n', true, 'problem'],
  ['a stranger with the capability', 'Uid:\t991\t991\t991\t991\nGroups:\t\nCapEff:\t2000\n', true, 'ok'],
  ['nobody who can be read', '', true, 'problem'],
  ['a member, and nobody listens', 'Uid:\t991\t991\t991\t991\nGid:\t990\t990\t990\t990\n', false, 'problem'],
])('the socket of the radios’ processes: %s', (_, status, isServed, verdict) => {
  const socket = { mode: 0o140660, uid: 0, gid: 990, isServed };
  const finding = radioProcessVerdict(status, 'gateway', socket);
  expect(finding.verdict).toBe(verdict);
  if (!isServed) expect(finding.text).toBe('callpoint-radio.socket is not active');
});
