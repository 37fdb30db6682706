import { describe, expect, test } from 'vitest';
import { promisesHoldIn } from './life-promises.ts';
import { RADIO } from './site-edits.ts';
import { NASTY, PLAIN, type StormKinds, stormyLife } from './storm.ts';

const RELOADED: StormKinds = { ...PLAIN, reloads: { paths: PLAIN.paths, comesAndGoes: RADIO } };
const NASTILY_RELOADED: StormKinds = { ...NASTY, reloads: { paths: NASTY.paths } };

promisesHoldIn('a stormy life with reloads', RELOADED, 1, 12);
promisesHoldIn('a nasty life with reloads', NASTILY_RELOADED, 1, 10);

describe('the lives', () => {
  test('were reloaded, many times', () => {
    expect(stormyLife(1, RELOADED).reloads).toBeGreaterThan(10);
  });
});
