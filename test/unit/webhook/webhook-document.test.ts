import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSigned } from '../../../device-sim/https/judge.ts';
import { webhookDocument } from '../../../gateway/paths/webhook/document.ts';
import { signatureOf } from '../../../gateway/paths/webhook/signature.ts';
import { alarm, cancel, periodicTest, places, trouble, update } from '../cap/cap-reports.ts';

test('the documented example is what is sent', () => {
  const example = readFileSync(new URL('webhook-example.json', import.meta.url), 'utf8');
  const report = { ...cancel, text: `DRILL: ${cancel.text}`, exercise: 'drill' as const };
  expect(webhookDocument(report, places)).toEqual(JSON.parse(example));
});

test('what does not apply is absent', () => {
  const bare = { site: 'S', gateway: 'g', buildings: new Map() };
  expect(webhookDocument(periodicTest, bare)).toEqual({
    version: 1,
    id: 'test.central.9',
    class: 'test',
    exercise: 'test',
    occurred_at: '2026-01-02T03:04:05.678Z',
    text: 'TEST: periodic test',
    site: 'S',
    gateway: 'g',
    sia: 'RP',
    contact_id: '602',
    qualifier: 1,
  });
  expect(webhookDocument(alarm, bare).alert).not.toHaveProperty('position');
  expect(webhookDocument(alarm, bare).alert).not.toHaveProperty('closed_by');
  expect(webhookDocument(trouble, places)).not.toHaveProperty('alert');
  expect(webhookDocument(trouble, places)).not.toHaveProperty('exercise');
});

test('all doors secured is said, and is not the same as not asked for', () => {
  expect(webhookDocument(update, places).alert?.doors_not_secured).toEqual([]);
  const { doors: _, ...alert } = alarm.alert;
  expect(webhookDocument({ ...alarm, alert }, places).alert).not.toHaveProperty('doors_not_secured');
});

test('a signature, byte for byte', () => {
  // printf '1767323045.{}' | openssl dgst -sha256 -hmac secret
  const hex = '4a10b40c9c842e332be9ba9d790f8f8df44002dca45fd184d766fa8db55ef209';
  expect(signatureOf('secret', 1_767_323_045_999, '{}')).toBe(`t=1767323045,v1=${hex}`);
});

test('a signature proves its secret, its time and every byte', () => {
  const nowMs = Date.UTC(2026, 0, 2);
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), fc.string({ minLength: 1 }), (secret, body, more) => {
      const signature = signatureOf(secret, nowMs, body);
      expect(isSigned(secret, signature, body, nowMs)).toBe(true);
      expect(isSigned(secret, signature, body + more, nowMs)).toBe(false);
      expect(isSigned(secret + more, signature, body, nowMs)).toBe(false);
      expect(isSigned(secret, signature, body, nowMs + 3_600_000)).toBe(false);
    }),
  );
});
