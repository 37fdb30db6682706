import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { partOf, pinOf, readWiring } from '../../hardware/drawing/wiring-file.ts';

const NODE = fileURLToPath(new URL('../../hardware/node/', import.meta.url));
const read = (file: string) => readFileSync(NODE + file, 'utf8');
const wiring = readWiring(read('wiring.yaml'));

/** What the drawing calls each pin of a board, by the pin's label. */
function drawn(board: string): Map<string, string> {
  const part = partOf(wiring, board);
  return new Map(Object.keys(part.pins).map((pin) => [pinOf(part, pin).name, pin]));
}

/** The first value of a macro, which is the one of the ATmega328P. */
function macro(name: string): string {
  const value = new RegExp(`#define ${name} (\\w+)`).exec(read('avr/pins.h'))?.[1];
  return value ?? expect.fail(`avr/pins.h has no ${name}`);
}

/** Arduino's digital pins: port D is 0…7, port B 8…13. */
function arduino(port: string, bit: string): string {
  return String((macro(port) === 'PORTB' ? 8 : 0) + Number(macro(bit)));
}

test.each(['B1', 'B3'])('the drawn pins of %s are those of the AVR firmware', (board) => {
  const pins = drawn(board);
  const signals = {
    'set-up jumper': arduino('JUMPER_PORT', 'JUMPER_BIT'),
    DE: arduino('DE_PORT', 'DE_BIT'),
    RE: arduino('DE_PORT', 'RE_BIT'),
    'LED red': arduino('LED_PORT', 'RED_BIT'),
    'LED green': arduino('LED_PORT', 'GREEN_BIT'),
    buzzer: arduino('LED_PORT', 'BUZZER_BIT'),
  };
  for (const [name, pin] of Object.entries(signals))
    if (pins.has(name)) expect(`${name} ${pins.get(name)}`).toBe(`${name} ${pin}`);
  expect([pins.get('button 0'), pins.get('cover')]).toEqual(['5', 'A3']);
  // Button 0 is bit 5 of port D, the points begin at bit 0 of port C, the cover is its bit 3.
  expect(read('avr/pins.h')).toMatch(/~PIND >> 5[\s\S]*~PINC & 7[\s\S]*PINC & _BV\(3\)/);
  if (pins.has('supply, 1 in 11')) expect(pins.get('supply, 1 in 11')).toBe(`A${macro('SUPPLY_CHANNEL')}`);
});

test('the drawn pins of the Pico are those of its firmware', () => {
  const source = read('rp2040/port.c') + read('rp2040/events.h');
  const number = (name: string) => new RegExp(`\\b${name} = (\\d+)`).exec(source)?.[1] ?? expect.fail(name);
  const signals = {
    TXD: 'TX',
    RXD: 'RX',
    DE: 'DE',
    RE: 'RE',
    'set-up jumper': 'JUMPER',
    'button 0': 'BUTTON_0',
    'point 0': 'POINT_0',
    cover: 'TAMPER',
    'LED red': 'RED',
    'LED green': 'GREEN',
    buzzer: 'BUZZER',
  };
  const pins = drawn('B2');
  for (const [name, constant] of Object.entries(signals))
    expect(`${name} ${pins.get(name)}`).toBe(`${name} GP${number(constant)}`);
});

test('the message of a missing node, and the help, name the jumper of each board', () => {
  for (const file of ['service-port.ts', 'node-command.ts']) {
    const text = readFileSync(`${NODE}../../gateway/cli/node/${file}`, 'utf8');
    expect(text).toContain(`D${drawn('B1').get('set-up jumper')} to GND on a Nano`);
    expect(text).toContain(`${drawn('B2').get('set-up jumper')} to GND on a Pico`);
  }
});
