import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AlertTexts } from '../../../gateway/mqtt/alert-texts.ts';
import { PackedMap } from '../../../gateway/system/packed-map.ts';

/** Each packs some dozens of texts. */
function packings(): number {
  return vi.mocked(PackedMap.prototype.pack).mock.results.filter(({ value }) => value === true).length;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(PackedMap.prototype, 'pack');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('texts are packed when no alert has changed for a while, and not while presses come', () => {
  const texts = new AlertTexts();
  const expected = new Map<string, string>();
  for (let number = 0; number < 4_000; number += 1) {
    const [key, text] = [`site/alert/wb.1.${number}`, `{"id":"wb.1.${number}","text":"Überfall, 食堂"}`];
    texts.set(key, text);
    expected.set(key, text);
    vi.advanceTimersByTime(1);
  }
  expect(packings()).toBe(0);
  vi.advanceTimersByTime(10_000);
  expect(packings()).toBeGreaterThan(50);
  expect(vi.getTimerCount()).toBe(0);
  for (const [key, text] of expected) expect(texts.get(key)).toBe(text);
  expect([...texts.keys()]).toEqual([...expected.keys()]);
});

test('in a storm without end the memory is bounded: the oldest are packed then too', () => {
  const texts = new AlertTexts();
  for (let number = 0; number < 10_000; number += 1) texts.set(`a${number}`, `text ${number}`);
  expect(packings()).toBeGreaterThan(80);
  expect(texts.get('a0')).toBe('text 0');
});
