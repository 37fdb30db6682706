import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BleRig, bthomeAdvertisement, makeBleRig, WAYS } from './ble-rig.ts';

const TAG = 'AA:00:00:00:00:01';

describe.each(WAYS)('started by %s', (startedBy) => {
  let rig: BleRig;
  let packetId = 0;

  beforeAll(async () => {
    rig = makeBleRig({
      startedBy,
      devices: [{ format: 'bthome', device: 'tag', address: TAG, lowBatteryPercent: 15, points: [] }],
      radios: 2,
      limits: { pollMs: 200, startMs: 4_000, retryMs: 100, unanswered: 15 },
    });
    rig.plugs[1]?.controller.fault({ stalled: true });
    rig.driver.start();
    await rig.until('the first radio', () => isHeard(0) && statesOf('radio.radio0').includes('up'));
  });

  afterAll(() => rig.close());

  function statesOf(input: string): string[] {
    return rig.sink.healths.filter((health) => health.input === input).map(({ state }) => state);
  }

  function isHeard(radio: number): boolean {
    return rig.plugs[radio]?.controller.isScanning === true;
  }

  function hear(radio: number): number {
    packetId += 1;
    const hex = `44 00 ${packetId.toString(16).padStart(2, '0')} 3a 01`;
    rig.plugs[radio]?.controller.hear(bthomeAdvertisement(TAG, hex));
    return packetId;
  }

  it('a controller that answers nothing is told of, while the other radio carries the input', async () => {
    const heard = hear(0);
    await rig.until('the press', () => rig.sink.signals.some((signal) => signal.packetId === heard));
    expect(rig.sink.signals[0]?.input).toBe('radio');
    await rig.until('the trouble', () => statesOf('radio.radio1').includes('down'));
    expect(rig.sink.healths.find(({ state }) => state === 'down')?.detail).toMatch(
      /radio1: nothing answers: is it a Bluetooth controller that speaks HCI at 1000000 Bd\?/,
    );
    expect(rig.healths()).toEqual(['up']);
  });

  it('when it answers it listens; what both hear passes once, and either alone is enough', async () => {
    rig.plugs[1]?.controller.fault({ stalled: false });
    await rig.until('the second radio', () => isHeard(1) && statesOf('radio.radio1').at(-1) === 'up');
    const framesBefore = rig.driver.counters().framesHeard;
    const both = hear(0);
    rig.plugs[1]?.controller.hear(bthomeAdvertisement(TAG, `44 00 ${both.toString(16).padStart(2, '0')} 3a 01`));
    await rig.until('both', () => rig.driver.counters().framesHeard === framesBefore + 2);
    rig.plugs[0]?.unplug();
    await rig.until('the unplugging', () => statesOf('radio.radio0').at(-1) === 'down');
    const alone = hear(1);
    await rig.until('the press', () => rig.sink.signals.some((signal) => signal.packetId === alone));
    expect(rig.sink.signals.filter((signal) => signal.packetId === both)).toHaveLength(1);
    expect(rig.healths()).toEqual(['up']);
  });

  it('a process that hangs is as good as none, and another takes its place', async () => {
    const pid = rig.pid(1) ?? expect.fail('no process');
    process.kill(pid, 'SIGSTOP');
    await rig.until('the hanging', () => rig.healths().at(-1) === 'down');
    expect(rig.details().at(-1)).toMatch(/the process that listens to .*radio1 does not answer/);
    // Of systemd's the gateway closes the connection. Its own alarm ends it, unless it is stopped.
    if (startedBy === 'systemd') process.kill(pid, 'SIGKILL');
    await rig.until('another process', () => rig.healths().at(-1) === 'up');
  });

  it('without any radio the input is down, and both are named', async () => {
    rig.plugs[1]?.unplug();
    await rig.until('the input to go down', () => rig.healths().at(-1) === 'down');
    expect(rig.details().at(-1)).toMatch(/radio0 (is not there|went away).*; .*radio1 (is not there|went away)/);
  });
});
