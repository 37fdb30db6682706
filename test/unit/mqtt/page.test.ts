import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Overview } from '../../../gateway/mqtt/overview.ts';
import { written } from '../../../gateway/mqtt/written-publication.ts';
import { siteDiscovery } from '../../../protocol/home-assistant.ts';
import { alert, door, trouble } from './documents.ts';

const page = readFileSync(new URL('../../../protocol/README.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => JSON.parse(text));

describe('protocol/README.md', () => {
  test('shows an alert with the members that alerts have', () => {
    const document = { ...alert('x', 'cancelled').document, closed_by: 'kim', closed_reason: 'x' };
    expect(Object.keys(examples[0]).sort()).toEqual(Object.keys(document).sort());
  });

  test('shows an overview with the members that it has', () => {
    const overview = new Overview(() => undefined);
    for (const one of [alert('a'), door('d'), trouble('t', 'standing')]) overview.learn(written(one));
    const { document } = overview;
    expect(Object.keys(examples[1])).toEqual(Object.keys(document));
    for (const part of ['alerts', 'alert', 'troubles', 'doors', 'canary'] as const) {
      expect(Object.keys(examples[1][part] ?? {})).toEqual(Object.keys(document[part] ?? {}));
    }
  });

  test('names every entity of the site that Home Assistant gets', () => {
    for (const { payload } of siteDiscovery('homeassistant', 'school'))
      expect(page).toContain(JSON.parse(payload).name);
  });
});
