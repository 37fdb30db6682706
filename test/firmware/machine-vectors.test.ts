import { beforeAll, describe, expect, test } from 'vitest';
import { NANO } from '../../device-sim/firmware/node-pins.ts';
import { unhex } from '../vectors/button-bus-reference.ts';
import { readVectors, type Vector } from '../vectors/button-bus-vector-file.ts';
import { isImageMissing, machine, SETTINGS, storageOf } from './image.ts';
import { NodeRig } from './node-rig.ts';

const EPOCH = 5;
const vectors = readVectors();
const named = (name: string): Vector => {
  const vector = vectors.find((each) => each.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return vector;
};
const wireOf = (vector: Vector) => unhex(vector.value('wire'));

/** The vectors' node: address 17, epoch 5, all buttons and points of the board. */
function startedRig(epoch = EPOCH): NodeRig {
  const rig = new NodeRig(machine(storageOf({ buttons: NANO.buttons.length }, epoch - 1)));
  rig.machine.switchOn();
  rig.run(1_000);
  return rig;
}

/** Polls until the node has used this counter. */
function countTo(rig: NodeRig, counter: number): void {
  while ((rig.frames.at(-1)?.counter ?? 0) < counter) expect(rig.isListening(EPOCH)).toBe(true);
  expect(rig.frames.at(-1)?.counter).toBe(counter);
}

describe.skipIf(isImageMissing())('the vectors that the machine code sends', () => {
  let rig: NodeRig;
  beforeAll(() => {
    rig = startedRig();
    countTo(rig, 41);
  });

  test('press-single and release', () => {
    rig.machine.button(3, true);
    rig.run(1_234);
    rig.machine.button(3, false);
    rig.run(200);
    expect(rig.of('press').at(-1)?.wire).toBe(named('press-single').value('wire'));
    expect(rig.of('release').at(-1)?.message).toMatchObject({ button: 3, heldMs: 1_230 });
    expect(rig.of('release').at(-1)?.wire).toBe(named('release').value('wire'));
  });

  test('press-first-ever, of a button that was closed at the very first start', () => {
    const first = new NodeRig(machine(storageOf()));
    first.machine.button(0, true);
    first.machine.switchOn();
    first.run(1_000);
    expect(first.frames[0]?.wire).toBe(named('press-first-ever').value('wire'));
  });

  test('point-normal', () => {
    const other = startedRig();
    countTo(other, 41);
    for (const isClosed of [true, false]) {
      other.machine.point(0, isClosed);
      other.run(200);
    }
    expect(other.of('point').at(-1)?.wire).toBe(named('point-normal').value('wire'));
  });

  test('release-saturated, of a button that was held for eleven minutes', () => {
    const other = startedRig();
    other.answers = 'accepted';
    countTo(other, 10);
    other.machine.button(0, true);
    other.run(660_000);
    countTo(other, 42);
    other.machine.button(0, false);
    other.run(200);
    expect(other.of('release').at(-1)?.wire).toBe(named('release-saturated').value('wire'));
  });
});

describe.skipIf(isImageMissing())('the vectors that the machine code hears', () => {
  let rig: NodeRig;
  beforeAll(() => {
    rig = startedRig();
  });

  const isObeyed = ({ expect: outcome, message }: Vector) => outcome === 'ok' && /^(ack|poll|silent)$/.test(message);

  test.each(vectors.filter((vector) => !isObeyed(vector)))('$name is not obeyed, and the next frame is', (vector) => {
    const [frames, shown] = [rig.frames.length, rig.shown.length];
    rig.machine.runUntil(rig.hear(wireOf(vector)) + 80);
    expect([rig.frames.length, rig.shown.length]).toEqual([frames, shown]);
    expect(rig.isListening(EPOCH)).toBe(true);
    expect(rig.machine.offences).toEqual([]);
  });

  test.each(['poll', 'poll-any-epoch', 'silent-on', 'silent-off'])('%s is answered by a heartbeat', (name) => {
    const fresh = startedRig();
    const silent = name === 'silent-on';
    const before = fresh.of('heartbeat').length;
    fresh.machine.runUntil(fresh.hear(wireOf(named(name))) + 80);
    expect(fresh.of('heartbeat').slice(before)).toMatchObject([{ message: { silentMode: silent } }]);
  });

  test.each([
    ['ack-heard', 'amber', 1],
    ['ack-sent', 'amber', 1],
    ['ack-accepted', 'green', 1],
    ['ack-notConfirmed', 'red', 2],
  ] as const)('%s is shown, and the press stops calling unless it is not confirmed alone', (name, colour, least) => {
    const fresh = startedRig();
    countTo(fresh, 41);
    fresh.answers = 'nothing';
    fresh.machine.button(3, true);
    fresh.runUntil(() => fresh.of('press').length > 0);
    fresh.machine.runUntil(fresh.hear(wireOf(named(name))) + 20);
    expect(fresh.machine.shown.colour).toBe(colour);
    fresh.run(1_000);
    const sent = fresh.of('press').length;
    if (least === 1) expect(sent).toBe(1);
    else expect(sent).toBeGreaterThan(2);
  });
});

test.skipIf(isImageMissing())('the settings of these tests are those of the vectors', () => {
  expect(named('press-single').value('address')).toBe(String(SETTINGS.address));
});
