import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, SITE, withSite } from './site-fixture.ts';

function load(added: string): Site {
  const site = edited(SITE, ['deadlines:', `${added}\ndeadlines:`]);
  return withSite({ site, keys: KEYS }, (file) => loadSettings(file, '/var/lib/callpoint').site);
}

const step = (path: string, afterMs: number) => ({ path, afterMs });

test('without a plan every path takes its turn, in the order they are written', () => {
  const { plan, plans } = load('');
  expect(plan).toEqual({ steps: [step('central', 0), step('backup', 3000)], done: 'receiverAcknowledged' });
  expect(plans.size).toBe(0);
});

test('a plan of its own for some kinds of alert; all others go by the one for all', () => {
  const { plan, plans } = load(`plan:
  - { kinds: [medical, fire], start: [central, backup], done: handedOver }
  - { kinds: [all], start: [backup], join: [{ path: central, afterSeconds: 1.5 }] }`);
  expect(plans.get('medical')).toEqual({ steps: [step('central', 0), step('backup', 0)], done: 'handedOver' });
  expect(plans.get('fire')).toEqual(plans.get('medical'));
  expect([...plans.keys()]).toEqual(['medical', 'fire']);
  expect(plan).toEqual({ steps: [step('backup', 0), step('central', 1500)], done: 'receiverAcknowledged' });
});

test('a path that joins without a time joins when the deadlines say', () => {
  const { plan } = load('plan: [{ kinds: [all], start: [central], join: [{ path: backup }] }]');
  expect(plan.steps[1]).toEqual(step('backup', 3000));
});

test('the canary and the override of drills reach the core', () => {
  const site = load(
    'drills: { override: [long] }\ncanary: { device: wb-102, button: panic, everyMinutes: 60, withinSeconds: 20 }',
  );
  expect([...site.drillOverride]).toEqual(['long']);
  expect(site.canary).toEqual({ device: 'wb-102', button: 0, intervalMs: 3_600_000, withinMs: 20_000 });
});

const plan = (text: string): Case['edits'] => [['deadlines:', `plan: [${text}]\ndeadlines:`]];
const canary = (text: string): Case['edits'] => [['deadlines:', `canary: ${text}\ndeadlines:`]];

const CASES: readonly Case[] = [
  {
    promise: 'a plan for a kind there is not',
    edits: plan('{ kinds: [medicla], start: [central] }'),
    at: 'medicla',
    says: 'there is no kind medicla',
    hint: 'did you mean "medical"',
  },
  {
    promise: 'a plan over a path there is not',
    edits: plan('{ kinds: [medical], start: [centrall] }'),
    at: 'centrall]',
    says: 'there is no path centrall',
    hint: 'did you mean "central"',
  },
  {
    promise: 'a plan that names a path twice',
    edits: plan('{ kinds: [medical], start: [central], join: [{ path: central, afterSeconds: 2 }] }'),
    at: 'central, afterSeconds',
    says: 'central is in this plan twice',
    hint: 'once',
  },
  {
    promise: 'two plans for one kind',
    edits: plan('{ kinds: [medical], start: [central] }, { kinds: [medical], start: [backup] }'),
    at: '[medical], start: [backup]',
    says: 'the plan for medical stands at',
    hint: 'once',
  },
  {
    promise: 'a plan without a path',
    edits: plan('{ kinds: [medical], start: [] }'),
    at: '[] }',
    says: 'start is an empty list',
    hint: 'at least one path',
  },
  {
    promise: 'a plan that is content with handing over',
    edits: plan('{ kinds: [medical], start: [central], done: handedOver }'),
    at: 'handedOver }',
    says: 'although no receiver has said so',
    hint: 'only where no path of the plan can acknowledge',
    severity: 'warning',
  },
  {
    promise: 'a path that no plan names',
    edits: plan('{ kinds: [all], start: [central] }'),
    at: 'backup\n    driver',
    says: 'no plan names backup',
    hint: 'start: or join:',
    severity: 'warning',
  },
  {
    promise: 'a plan of paths that can only hand over',
    edits: [
      ...plan('{ kinds: [medical], start: [pager] }'),
      ['paths:\n', 'paths:\n  - { id: pager, driver: snpp, host: 10.0.0.9, pagers: ["5551212"] }\n'],
    ],
    at: '[pager]',
    says: 'no path here can tell',
    hint: 'done: handedOver',
    severity: 'warning',
  },
  {
    promise: 'a canary that pages people',
    edits: [
      ...canary('{ device: wb-102, button: panic }'),
      ['paths:\n', 'paths:\n  - { id: pager, driver: snpp, host: 10.0.0.9, pagers: ["5551212"] }\n'],
    ],
    at: 'snpp',
    says: 'goes to the people behind pager',
    hint: 'liveOnly: true',
    severity: 'warning',
  },
  {
    promise: 'a canary on a device there is not',
    edits: canary('{ device: wb-109, button: panic }'),
    at: 'wb-109',
    says: 'there is no device wb-109',
    hint: 'did you mean "wb-10',
  },
  {
    promise: 'a canary on a button there is not',
    edits: canary('{ device: wb-102, button: panik }'),
    at: 'panik',
    says: 'wb-102 has no button panik',
    hint: 'did you mean "panic"',
  },
  {
    promise: 'a canary by an output there is not',
    edits: canary('{ device: wb-102, button: panic, output: relay-9 }'),
    at: 'relay-9',
    says: 'there is no output relay-9',
    hint: 'outputs',
  },
  {
    promise: 'a drill override by a way of pressing there is not',
    edits: [['deadlines:', 'drills: { override: [longest] }\ndeadlines:']],
    at: 'longest',
    says: 'longest',
    hint: 'long',
  },
  {
    promise: 'a live-only path proved by test events',
    edits: [['mode: auto, intervalSeconds: 20 }', 'mode: test, intervalSeconds: 20 }\n    liveOnly: true']],
    at: 'test, intervalSeconds',
    says: 'kept free of tests',
    hint: 'mode: null',
  },
  {
    promise: 'paths of which none takes a drill',
    edits: [
      ['    account: "1234"\n', '    account: "1234"\n    liveOnly: true\n'],
      ['    account: 12E4\n', '    account: 12E4\n    liveOnly: true\n'],
    ],
    at: 'true\n    encrypted: true',
    says: 'no path takes drills or tests',
    hint: 'leave one path open',
    severity: 'warning',
  },
];

describe('the plan of paths, drills and the canary, held against what they name', () => {
  test.each(CASES)('$promise is told', (each) => checkCase(each));
});
