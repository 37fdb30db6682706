import { expect, test } from 'vitest';
import { TROUBLE_TYPES, type TroubleTypeName } from '../../../gateway/core/trouble-types.ts';
import { possibleTroubles } from '../../../gateway/core/troubles/possible-troubles.ts';
import { walkTestSettings } from '../../../gateway/core/walk-test-settings.ts';
import { device, output, path, site } from '../../simulation/site.ts';
import { door, without } from './door-rig.ts';

/** Each is reported once and does not stand. */
const NOTICES: readonly TroubleTypeName[] = [
  'gatewayDefect',
  'gatewayStalled',
  'unknownPress',
  'unknownDevice',
  'stalePress',
  'unknownButton',
  'pressInDoubt',
  'pressNotUnderstood',
  'notUnderstood',
  'bridgeClock',
];
const canary = { device: 'wb-101', button: 0, intervalMs: 3_600_000, withinMs: 30_000 };

test('every trouble that can stand is possible on a site that has everything; a notice never stands', () => {
  const whole = {
    ...site([device(101, { bridge: 'zigbee2mqtt/bridge/state' })], [path('central')]),
    canary,
    walkTest: { ...walkTestSettings({}), provenWithinMs: 86_400_000 },
    certificates: ['path.central.own'],
    doors: [door(101, { heldOpenMs: 60_000 })],
    outputs: [output('strobe', 'header')],
  };
  const types = new Set([...possibleTroubles(whole)].map((key) => key.split('.')[0]));
  const standing = Object.keys(TROUBLE_TYPES).filter((type) => !NOTICES.some((notice) => notice === type));
  expect([...types].sort()).toEqual(standing.sort());
});

const FEW = site([device(101, { heartbeatMs: 0, points: new Map(), buttons: new Map() })], []);

test.each<[string, ReturnType<typeof possibleTroubles>, string, boolean]>([
  ['a device without heartbeat is never missing', possibleTroubles(FEW), 'deviceMissing.wb-101', false],
  [
    'a device that its wire watches may be missing',
    possibleTroubles(site([device(101, { heartbeatMs: 0, watched: true })], [])),
    'deviceMissing.wb-101',
    true,
  ],
  ['a path that was removed is not down', possibleTroubles(FEW), 'pathDown.central', false],
  ['nothing that must be proven, no such trouble', possibleTroubles(FEW), 'notProven.site', false],
  ['no canary, no canary trouble', possibleTroubles(FEW), 'canaryFailed.canary', false],
  [
    'a door without a bolt is not forced',
    possibleTroubles({ ...FEW, doors: [without('bolt', door(101, { heldOpenMs: 1 }))] }),
    'doorForced.wb-101',
    false,
  ],
  [
    'a door without a contact is not held open',
    possibleTroubles({ ...FEW, doors: [without('contact', door(101, { heldOpenMs: 1 }))] }),
    'doorHeldOpen.wb-101',
    false,
  ],
  ['a button has a wire', possibleTroubles(site([device(101)], [])), 'wireFault.wb-101.button-1', true],
])('%s', (_, possible, key, is) => {
  expect(possible.has(key)).toBe(is);
});
