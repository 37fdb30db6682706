import five from 'johnny-five';
import { describe, expect, it } from 'vitest';
import { GpioIo } from '../../../gateway/inputs/gpio/io-plugin.ts';

async function board(...lines: string[]): Promise<{ io: GpioIo; board: five.Board; written: string[] }> {
  const io = new GpioIo(lines);
  const written: string[] = [];
  io.writer = (name, level) => written.push(`${name}=${level}`);
  const options = { io, repl: false, debug: false, sigint: false };
  const made = new five.Board(options);
  await new Promise<void>((resolve) => made.on('ready', resolve));
  return { io, board: made, written };
}

describe('johnny-five on the plugin', () => {
  it('finds the pins under their kernel names', async () => {
    const { board: made } = await board('GPIO5', 'GPIO17');
    expect([0, 1].map((index) => made.pins[index]?.id)).toEqual(['GPIO5', 'GPIO17']);
    expect(made.isReady).toBe(true);
  });

  it('switches a relay, whose pin becomes an output by itself', async () => {
    const { io, board: made, written } = await board('GPIO5');
    const relay = new five.Relay({ pin: 'GPIO5', type: 'NO', board: made });
    relay.close();
    relay.open();
    expect(written).toEqual(['GPIO5=1', 'GPIO5=0']);
    expect(io.pins[0]?.mode).toBe(io.MODES.OUTPUT);
  });

  it('lights an LED', async () => {
    const { board: made, written } = await board('GPIO13');
    const led = new five.Led({ pin: 'GPIO13', board: made });
    led.on();
    led.off();
    expect(written).toEqual(['GPIO13=1', 'GPIO13=0']);
  });

  it('reads a switch: its level now, and each change', async () => {
    const { io, board: made } = await board('GPIO17');
    io.changed('GPIO17', 1);
    const levels: number[] = [];
    made.digitalRead('GPIO17' as unknown as number, (level) => levels.push(level));
    await new Promise(setImmediate);
    io.changed('GPIO17', 0);
    io.changed('GPIO17', 0);
    io.changed('GPIO17', 1);
    expect(levels).toEqual([1, 0, 1]);
  });

  it('is told of a pin that is none', async () => {
    const { io } = await board('GPIO17');
    expect(() => io.digitalWrite('GPIO99', 1)).toThrow('GPIO99 is not a pin of this board');
  });
});

it('remembers, without a chip, the level an output is to have', () => {
  const io = new GpioIo(['GPIO5']);
  io.digitalWrite('GPIO5', 1);
  expect(io.levelOf('GPIO5')).toBe(1);
});
