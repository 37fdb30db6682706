import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RemoteChip, serveGpioChip } from '../../device-sim/gpio/remote-chip.ts';
import type { GpioSettings } from '../../gateway/inputs/gpio/settings.ts';
import type { WiredContact } from '../../gateway/inputs/wired-contact.ts';
import { contact, HEADER_LINES, LABEL, relay } from './gpio-rig.ts';
import { RecordingSink } from './support/recording-sink.ts';
import { Waiting } from './support/waiting.ts';

/** A process has to start in this time, beside others on a busy machine. */
const PATIENCE_MS = 18_000;

/**
 * A program without the simulator: the driver, its sink on stdout, and a switched output on stdin.
 */
function program(settings: GpioSettings): string {
  const driver = new URL('../../gateway/inputs/gpio/driver.ts', import.meta.url).href;
  return `
    import { createInterface } from 'node:readline';
    import { createGpioDriver } from ${JSON.stringify(driver)};
    const say = (what) => (told) => console.log(JSON.stringify({ [what]: told }));
    const driver = createGpioDriver(${JSON.stringify(settings)}, { signal: say('signal'), health: say('health') });
    driver.start();
    createInterface({ input: process.stdin })
      .on('line', (line) => driver.output('siren', line === 'on'))
      .on('close', () => driver.stop());
  `;
}

let directory: string;
let chip: RemoteChip;
let child: ChildProcess;
let sink: RecordingSink;
let waiting: Waiting;

beforeEach(async () => {
  directory = fs.mkdtempSync(join(tmpdir(), 'callpoint-gpio-'));
  const chipPath = join(directory, 'gpiochip0');
  chip = await serveGpioChip({ socketPath: join(directory, 'chip.sock'), chipPath, label: LABEL, lines: HEADER_LINES });
  waiting = new Waiting();
  chip.onOutput(() => waiting.check());
});

afterEach(async () => {
  if (child.exitCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await chip.close();
  fs.rmSync(directory, { recursive: true });
});

function start(contacts: readonly WiredContact[] = [contact(17)]): void {
  sink = new RecordingSink();
  const settings: GpioSettings = {
    driver: 'gpio',
    id: 'header',
    chip: join(directory, 'gpiochip0'),
    rereadMs: 60_000,
    contacts,
    outputs: [relay('siren', 'GPIO5')],
  };
  const form = ['--import', import.meta.resolve('tsx'), ...chip.nodeArguments, '--input-type=module'];
  child = spawn(process.execPath, [...form, '--eval', program(settings)], {
    env: { ...process.env, ...chip.environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('no stdout');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { signal, health } = JSON.parse(line);
    if (signal !== undefined) sink.signal(signal);
    if (health !== undefined) sink.health(health);
    waiting.check();
  });
}

function until(what: string, met: () => boolean): Promise<void> {
  return waiting.until(what, met, () => [sink.healths, states()], PATIENCE_MS);
}

function states(): unknown[] {
  return sink.signals.flatMap(({ body }) => (body.type === 'contact' ? body.state : []));
}

it('a process of its own finds the chip, hears its contacts, switches its outputs and ends by itself', async () => {
  start();
  await until('the first level', () => states().length === 1);
  chip.drive('GPIO17', 0);
  chip.drive('GPIO17', 'open');
  await until('both edges', () => states().length === 3);
  expect(states()).toEqual(['normal', 'active', 'normal']);
  child.stdin?.write('on\n');
  await until('the siren', () => chip.outputLevel('GPIO5') === 1);
  chip.unplug();
  await until('down', () => sink.states.at(-1) === 'down');
  chip.drive('GPIO17', 0);
  chip.replug();
  await until('the pressed button', () => states().at(-1) === 'active');
  expect(sink.states).toEqual(['up', 'down', 'up']);
  const ended = once(child, 'exit');
  child.stdin?.end();
  expect(await ended).toEqual([0, null]);
}, 60_000);

it('a process that is killed and started anew finds the chip as it stands', async () => {
  chip.drive('GPIO17', 0);
  start();
  await until('the level', () => states().length === 1);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  chip.drive('GPIO17', 'open');
  start();
  await until('the level', () => states().length === 1);
  expect(states()).toEqual(['normal']);
}, 60_000);

it('a process of its own works with the lines it can have, and takes one in use when SPI lets it go', async () => {
  chip.occupy('GPIO8', 'spi0 CS0');
  start([contact(17), contact(8)]);
  const faults = () => sink.signals.flatMap(({ device, body }) => (body.type === 'fault' ? [{ device, ...body }] : []));
  await until('the fault', () => faults().length === 2);
  expect(faults().map(({ device, detail }) => [device, detail])).toEqual([
    ['pull-17', undefined],
    ['pull-8', expect.stringContaining('GPIO8 is in use by "spi0 CS0"')],
  ]);
  chip.drive('GPIO17', 0);
  await until('the press', () => states().at(-1) === 'active');
  chip.drive('GPIO8', 0);
  chip.free('GPIO8');
  await until('its end', () => faults().length === 3);
  expect(faults()[2]).toEqual({ device: 'pull-8', type: 'fault' });
  expect(sink.signals.filter(({ device }) => device === 'pull-8').at(-2)?.body).toMatchObject({ state: 'active' });
}, 60_000);
