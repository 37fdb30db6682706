import { expect, it } from 'vitest';
import { button, makeModbusRig, moduleAt } from './modbus-rig.ts';

const INPUTS = [0, 1, 2, 3, 4, 5, 6, 7];
/**
 * Inputs of each module, bit 0 first. No two are alike, and all are read by the same function with
 * the same length.
 */
const PATTERNS = [0x35, 0xca, 0x0f, 0x93] as const;
const ANSWER_MS = 25;
const LATEST_MS = 100;

const isOn = (pattern: number, input: number) => ((pattern >> input) & 1) === 1;

it.each([
  { seed: 11, fourWire: true },
  { seed: 12, fourWire: true },
  { seed: 13, fourWire: false },
])('answers up to four waits late are never taken for another module’s: $seed, four wires: $fourWire', async (line) => {
  const addresses = PATTERNS.map((_, at) => at + 1);
  const rig = makeModbusRig({
    line: { ...line, baudRate: 115_200, modules: addresses.map((address) => ({ address })) },
    modules: addresses.map((address) =>
      moduleAt(
        address,
        INPUTS.map((input) => button(address, input)),
      ),
    ),
    settings: { baudRate: 115_200, answerMs: ANSWER_MS },
  });
  try {
    PATTERNS.forEach((pattern, at) => {
      for (const input of INPUTS) rig.line.drive(at + 1, input, isOn(pattern, input));
      rig.line.fault(at + 1, { lateSpreadMs: LATEST_MS, lateShare: 0.4 });
    });
    rig.driver.start();
    const misses = () => addresses.map((address) => rig.said(address, 'noAnswer').length);
    // Every contact is reported again after a missed poll.
    const readings = () => addresses.map((address) => rig.said(address, 'contact').length / INPUTS.length);
    await rig.sink.until('late answers of all', () => misses().every((count) => count >= 3));
    await rig.sink.until('readings of all', () => readings().every((count) => count >= 3));
    PATTERNS.forEach((pattern, at) => {
      const contacts = rig.said(at + 1, 'contact');
      expect(contacts.filter(({ number, state }) => (state === 'active') !== isOn(pattern, number))).toEqual([]);
      const faults = rig.faults(at + 1).map(({ detail }) => detail ?? '');
      // Late answers of two modules may collide on the wire. Only then are they damaged.
      const isDamaged = rig.line.garbledAnswers(at + 1) > 0;
      expect(faults.filter((detail) => detail.includes('two modules') && line.fourWire && !isDamaged)).toEqual([]);
    });
  } finally {
    await rig.close();
  }
});

it('an answer that comes late is not taken for that to the next request, of the same module', async () => {
  const answerMs = 150;
  const rig = makeModbusRig({ line: { modules: [{ address: 1 }] }, settings: { answerMs } });
  try {
    // Well behind the time-out, so that a stall of this process does not bring it in before it.
    rig.line.fault(1, { lateMs: 1.8 * answerMs });
    rig.driver.start();
    await rig.sink.until('the fault', () => /come later than 150 ms/.test(rig.fault(1) ?? ''));
    expect(rig.said(1, 'contact')).toEqual([]);
    rig.line.fault(1, { lateMs: 0 });
    await rig.sink.until('a reading', () => rig.state(1) === 'normal');
    await rig.sink.until('the end of the fault', () => rig.faults(1).length === 2);
  } finally {
    await rig.close();
  }
});
