import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSite } from '../../gateway/config/load.ts';
import { generatedFiles, pageFolders } from '../../hardware/drawing/pages.ts';
import { ohmsText, pinOf, resistorOf } from '../../hardware/drawing/wiring-file.ts';
import { type Contact, contactsOf, openPage, type Page, type SiteDevice } from './hardware/page.ts';

const HARDWARE = fileURLToPath(new URL('../../hardware/', import.meta.url));
const pages = pageFolders(HARDWARE).map((name) => openPage(HARDWARE, name));

test('every input has its page, and so has the wall node', () => {
  expect(pages.map(({ name }) => name)).toEqual(['ble', 'button-bus', 'firmata', 'gpio', 'modbus', 'mqtt', 'node']);
  const index = readFileSync(join(HARDWARE, 'README.md'), 'utf8');
  for (const { name } of pages) expect(index).toContain(`(${name}/README.md)`);
});

test('drawings and tables are the ones their data makes', () => {
  // Renew them with: npm run draw-wiring
  const made = generatedFiles(HARDWARE);
  for (const { path, text } of made) expect(readFileSync(path, 'utf8'), path).toBe(text);
  expect(made.filter(({ path }) => path.endsWith('.svg'))).toHaveLength(
    pages.flatMap(({ drawings }) => drawings).length,
  );
});

describe.each(pages)('hardware/$name', (page) => {
  test('says in its first lines what the wire cannot notice', () => {
    expect(page.readme.split('\n').slice(0, 4).join('\n')).toMatch(/\*\*Cannot notice:\*\* /);
  });

  test('its configuration has no mistake', () => {
    expect(mistakesOf(page)).toEqual([]);
  });

  test('every pin of the configuration is a wired pin of the drawing, and the other way round', () => {
    expect(usesInDrawing(page)).toEqual(usesInSite(page));
  });

  test('every address, rate and topic set on a part is the one in the configuration', () => {
    const site = settingsInSite(page);
    const drawing = settingsInDrawing(page);
    expect(drawing).toEqual(site);
  });

  test('every resistor that prose or configuration names has the value of the drawing', () => {
    const named = [
      ...page.readme.matchAll(/\b(R\d+) ([\d.]+ k?Ω)/g),
      ...page.siteText.matchAll(/\b(R\d+) ([\d.]+ k?Ω)/g),
    ];
    for (const [, id = '', value] of named)
      expect(`${id} ${value}`).toBe(`${id} ${ohmsText(resistorOf(page.wiring, id).ohms)}`);
    for (const [id] of [...page.readme.matchAll(/\b(?:R|C|D|F|K|U|S|PS|X)[1-9]\d?\b/g)]) {
      expect(Object.keys(page.wiring.parts), `${id}, named on the page`).toContain(id);
    }
  });

  test('the part list names every part drawn', () => {
    const list = /<!-- parts -->([\s\S]*?)<!-- \/parts -->/.exec(page.readme)?.[1] ?? '';
    const listed = [...list.matchAll(/\| ([\w, ]+) \|$/gm)].flatMap(([, ids = '']) => ids.split(', '));
    expect(listed).toEqual(expect.arrayContaining(Object.keys(page.wiring.parts)));
  });

  test('every drawing fits on an A4 sheet, and no text lies on another or beyond the edge', () => {
    for (const svg of page.drawings) {
      const texts = textsOf(svg);
      const [, width = 0, height = 0] = (/ width="(\d+)" height="(\d+)"/.exec(svg) ?? []).map(Number);
      expect(height / width).toBeLessThanOrEqual(Math.SQRT2);
      expect(texts.length).toBeGreaterThan(5);
      const collisions = texts.flatMap((one, i) => [
        ...(one.right <= width && one.bottom <= height ? [] : [one.text]),
        ...texts.slice(i + 1).flatMap((other) => (areApart(one, other) ? [] : [`${one.text} / ${other.text}`])),
      ]);
      expect(collisions).toEqual([]);
    }
  });

  test('resistors are values one can buy', () => {
    const e24 = [10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91];
    for (const [id, part] of Object.entries(page.wiring.parts)) {
      if (part.ohms === undefined) continue;
      const { ohms, tolerance, watts } = resistorOf(page.wiring, id);
      expect(e24).toContain(Number(ohms.toExponential(1).replace(/e.*/, '')) * 10);
      expect([1, 5]).toContain(tolerance);
      expect(watts).toBe(0.25);
    }
  });
});

/**
 * Warnings about the machine the test runs on, or about what the page itself says in its first
 * lines.
 */
const EXPECTED_WARNINGS = [/this machine has no/, /not supervised/, /in \/dev\/serial/, /\/dev\/serial\/by-id/];

/** Runs the site's own check, with keys for all that need one. */
function mistakesOf(page: Page): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'callpoint-hardware-'));
  try {
    const site = join(folder, 'site.yaml');
    const keys = join(folder, 'keys.yaml');
    copyFileSync(join(HARDWARE, page.name, 'site.yaml'), site);
    writeFileSync(keys, keysFor(page));
    chmodSync(keys, 0o600);
    return readSite(site, join(folder, 'data'))
      .mistakes.filter(({ message }) => !EXPECTED_WARNINGS.some((expected) => expected.test(message)))
      .map(({ line, message }) => `${line}: ${message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function keysFor({ site }: Page): string {
  const driverOf = new Map(site.inputs.map(({ id, driver }) => [id, driver]));
  const keyed = site.devices.filter(({ input, fob }) => {
    const driver = driverOf.get(input);
    return driver === 'button-bus' || (driver === 'ble' && fob === undefined);
  });
  return JSON.stringify({
    devices: Object.fromEntries(keyed.map(({ id }) => [id, randomBytes(16).toString('hex')])),
    paths: { central: randomBytes(16).toString('hex') },
    mqtt: Object.fromEntries(
      (site.mqtt?.clients ?? []).map(({ name }) => [name, randomBytes(18).toString('base64url')]),
    ),
  });
}

/** `device/button pin`, as drawn. The wire must lead somewhere. */
function usesInDrawing({ wiring }: Page): string[] {
  const wired = new Set(wiring.sheets.flatMap(({ wires }) => wires.flatMap((wire) => wire.slice(0, 2))));
  return Object.entries(wiring.parts)
    .flatMap(([id, part]) =>
      Object.keys(part.pins).flatMap((pin) => {
        const { name, for: use } = pinOf(part, pin);
        if (use === undefined) return [];
        // Wall nodes have their contacts inside.
        if (!part.type.includes('wall node') && !wired.has(`${id}.${pin}`) && !repeated(wiring, part.type)) {
          throw new Error(`${use} is on ${id}.${pin}, which no wire leads to`);
        }
        return [`${use}: ${pinName(pin, name)}`];
      }),
    )
    .sort();
}

/** Of several modules of one type, only the contacts of one are drawn. */
function repeated(wiring: Page['wiring'], type: string): boolean {
  return Object.values(wiring.parts).filter((part) => part.type === type).length > 1;
}

/**
 * What the configuration calls the pin: `GPIO17` is a name on a header's pin 11; `input 0` is 0;
 * `A0` and `9` stand for themselves.
 */
function pinName(pin: string, name: string): string {
  if (/^GPIO\d+$/.test(name)) return name;
  return /^(?:input|button|point) (\d+)$/.exec(name)?.[1] ?? pin;
}

function usesInSite({ site, name }: Page): string[] {
  const wireless = name === 'ble' || name === 'mqtt';
  const contacts = wireless
    ? []
    : site.devices.flatMap((device) => contactsOf(device).flatMap((one) => pinsOf(device, one)));
  const outputs = (site.outputs ?? []).map(({ id, pin }) => `${id}: ${pin}`);
  return [...contacts, ...outputs].sort();
}

function pinsOf(device: SiteDevice, { id, pin, number, cutPin }: Contact): string[] {
  const use = `${device.id}/${id}`;
  return [`${use}: ${pin ?? number}`, ...(cutPin === undefined ? [] : [`${use} cut: ${cutPin}`])];
}

/** `id.key`: every value that is set for it, on whichever parts. */
function settingsInDrawing({ wiring }: Page): Record<string, unknown> {
  const set: Record<string, unknown[]> = {};
  for (const { is, settings } of Object.values(wiring.parts)) {
    for (const [key, value] of Object.entries(settings ?? {})) {
      set[`${is}.${key}`] = [...(set[`${is}.${key}`] ?? []), ...[value].flat()];
    }
  }
  return set;
}

const SET_BY_HAND = ['baudRate', 'parity', 'stopBits', 'adapters', 'beacons', 'address', 'topic', 'listen'];

function settingsInSite({ site }: Page): Record<string, unknown> {
  const owners: [string, object][] = [
    ...site.inputs.map((input): [string, object] => [input.id, input]),
    ...site.devices.map((device): [string, object] => [device.id, device]),
    ...(site.mqtt === undefined ? [] : [['mqtt', site.mqtt] as [string, object]]),
  ];
  return Object.fromEntries(
    owners.flatMap(([id, owner]) =>
      Object.entries(owner)
        .filter(([key]) => SET_BY_HAND.includes(key))
        .map(([key, value]) => [`${id}.${key}`, [value].flat()]),
    ),
  );
}

interface Extent {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function areApart(one: Extent, other: Extent): boolean {
  return one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
}

/** Where each text stands; the font is monospaced, 0.602 em a character, capitals 0.73 em high. */
function textsOf(svg: string): Extent[] {
  return [
    ...svg.matchAll(
      /<text x="([\d.]+)" y="([\d.]+)" font-size="(\d+)"([^>]*)>([\s\S]*?)<\/text>|<g transform="translate\(([\d.]+) ([\d.]+)\)">|<\/g>/g,
    ),
  ].reduce(
    ({ x, y, texts }, [all, left, base, size, attributes = '', content = '', moveX, moveY]) => {
      if (moveX !== undefined && moveY !== undefined) return { x: Number(moveX), y: Number(moveY), texts };
      if (all === '</g>') return { x: 0, y: 0, texts };
      const text = content.replace(/<[^>]+>/g, '').replace(/&\w+;/g, '_');
      const width = [...text].length * 0.602 * Number(size);
      const start = x + Number(left) - (attributes.includes('end') ? width : 0);
      const bottom = y + Number(base);
      const extent = { text, left: start, right: start + width, top: bottom - 0.73 * Number(size), bottom };
      return { x, y, texts: text.trim() === '' ? texts : [...texts, extent] };
    },
    { x: 0, y: 0, texts: [] as Extent[] },
  ).texts;
}
