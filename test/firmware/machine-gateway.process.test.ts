import { describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { Command, SIM, START, sim } from '../integration/support/processes.ts';
import { smallSite } from '../integration/support/small-site.ts';
import { isImageMissing } from './image.ts';

describe.skipIf(isImageMissing())('npm start -- --firmware', () => {
  test('the gateway, unmodified, answers the machine code over its serial port', async () => {
    const start = new Command(START, ['--once', '--firmware'], { source: true });
    const { code, stdout } = await start.ended;
    expect(stdout).toMatch(/ACKNOWLEDGED by path central/);
    expect(stdout).toMatch(/at the wall \(wb-203\): LED green/);
    expect(code).toBe(0);
  });

  test('sim press says which alert a node of sim serve --firmware raises', async () => {
    const site = await smallSite({ receiverPort: await freePort() });
    const serve = new Command(SIM, ['serve', site.file, '--firmware'], { source: true });
    try {
      await serve.says(/Serving 2 devices: wb-101, wb-102/);
      const press = async () => {
        const { stdout } = await sim('press', 'wb-102', '--site', site.file);
        const [, epoch, counter] = /^pressed: alert wb-102\.(\d+)\.(\d+)$/m.exec(stdout) ?? [];
        return { epoch: Number(epoch), counter: Number(counter) };
      };
      const [first, second] = [await press(), await press()];
      expect(first.counter).toBeGreaterThan(0);
      expect(second.epoch).toBe(first.epoch);
      expect(second.counter).toBeGreaterThan(first.counter);
    } finally {
      await serve.kill();
      site.remove();
    }
  });

  test('sim serve --firmware with a file that is no image says what to give, and ends', async () => {
    const site = await smallSite({ receiverPort: await freePort() });
    const { code, stderr } = await new Command(SIM, ['serve', site.file, '--firmware', site.file], { source: true })
      .ended;
    expect(stderr).toMatch(/can't be read: line 1 is no record.* Give node-nano-328p-16mhz\.hex/s);
    expect(code).toBe(2);
    site.remove();
  });
});
