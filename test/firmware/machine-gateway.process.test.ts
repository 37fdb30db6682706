import { describe, expect, test } from 'vitest';
import { Command, START } from '../integration/support/processes.ts';
import { isImageMissing } from './image.ts';

describe.skipIf(isImageMissing())('npm start -- --firmware', () => {
  test('the gateway, unmodified, answers the machine code over its serial port', async () => {
    const start = new Command(START, ['--once', '--firmware'], { source: true });
    const { code, stdout } = await start.ended;
    expect(stdout).toMatch(/ACKNOWLEDGED by path central/);
    expect(stdout).toMatch(/at the wall \(wb-203\): LED green/);
    expect(code).toBe(0);
  });
});
