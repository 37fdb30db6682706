import { describe, expect, test } from 'vitest';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import type { Outcome } from '../../gateway/core/report.ts';
import type { PathDriver, PathSink } from '../../gateway/paths/path-driver.ts';
import { createRadioDriver } from '../../gateway/paths/radio/driver.ts';
import { createSmsDriver } from '../../gateway/paths/sms/driver.ts';
import { createTapDriver } from '../../gateway/paths/tap/driver.ts';
import { asciiToBytes } from '../../protocol/bytes.ts';
import { quiet, repeated } from './hostile-rig.ts';
import { attemptOf, pollOf } from './hostile-subjects.ts';
import { settingsFor as radioSettings } from './radio-rig.ts';
import { ONE, QUICK as SMS_QUICK } from './sms-rig.ts';
import { QUICK as TAP_QUICK, tapSettings } from './tap-rig.ts';

interface Subject {
  readonly name: string;
  make(port: string, sink: PathSink): PathDriver;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: 'sms',
    make(port, sink) {
      const times = { ...SMS_QUICK, answerMs: 40, pinMs: 40, promptMs: 40, centreMs: 40, secondMs: 40 };
      const modem = { port, baudRate: 115_200, recipients: [ONE], pin: '4711' };
      return createSmsDriver({ driver: 'sms', id: 'sms', ...modem }, sink, times);
    },
  },
  {
    name: 'tap',
    make(port, sink) {
      const line = { type: 'serial', port, baudRate: 9_600, framing: '8N1' } as const;
      return createTapDriver({ ...tapSettings(line), password: 'secret' }, sink, { times: TAP_QUICK });
    },
  },
  { name: 'radio', make: (port, sink) => createRadioDriver(radioSettings({ port, baudRate: 9_600 }), sink) },
];

const NOISE = Uint8Array.from({ length: 16_384 }, (_, i) => Math.imul(i + 7, 2_654_435_761) >>> 24);
/**
 * A prompt, a start, an error and an OK of a modem, a prompt and a log-on of a terminal, a flag of
 * a TNC, repeated.
 */
const EVERYTHING = repeated(asciiToBytes('\r\n> \r\nRDY\r\n+CMS ERROR: 1\r\nOK\r\nID=\x1b[p\x06\r\xc0')).subarray(
  0,
  16_384,
);

const HOSTILITIES: readonly (readonly [string, (pty: PseudoTerminal) => void])[] = [
  ['says nothing', () => undefined],
  ['reads nothing', (pty) => pty.pause()],
  ['echoes', (pty) => void pty.onData((bytes) => pty.write(Uint8Array.from(bytes)))],
  ['answers noise', (pty) => void pty.onData(() => pty.write(NOISE))],
  ['never ends its line', (pty) => void pty.onData(() => pty.write(new Uint8Array(16_384).fill(0x41)))],
  ['says everything it knows', (pty) => void pty.onData(() => pty.write(EVERYTHING))],
  ['is pulled out at the first byte', (pty) => void pty.onData(() => setImmediate(() => pty.close()))],
];

describe.each(SUBJECTS)('$name on a serial port that', ({ make }) => {
  test.each(HOSTILITIES)('%s', async (_, attack) => {
    const pty = openPseudoTerminal({ onError: () => undefined });
    const outcomes: [number, Outcome][] = [];
    let sending = false;
    const driver = make(pty.path, {
      sent: () => undefined,
      outcome: (_path, attempt, outcome) => {
        if (sending) throw new Error('an outcome from within send');
        outcomes.push([attempt, outcome]);
      },
    });
    driver.start();
    await quiet();
    attack(pty);
    for (const attempt of [attemptOf(1), attemptOf(2), pollOf(3)]) {
      sending = true;
      driver.send(attempt);
      sending = false;
    }
    await new Promise<void>((resolve) => setTimeout(resolve, 150));
    for (const attempt of [1, 2, 3]) driver.abandon(attempt);
    const before = outcomes.length;
    await quiet();
    await driver.stop();
    pty.close();
    await quiet();
    expect(outcomes.length).toBe(before);
    expect(new Set(outcomes.map(([attempt]) => attempt)).size).toBe(before);
    expect(JSON.stringify(outcomes)).not.toMatch(/secret|4711/);
  });
});
