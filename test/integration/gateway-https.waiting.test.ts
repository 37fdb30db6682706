import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import type { InboxBehaviour } from '../../device-sim/https/behaviour.ts';
import { type Inbox, startInbox } from '../../device-sim/https/inbox.ts';
import { WholeGateway } from './support/whole-gateway.ts';

const SECRET = 'kG3vX0q8Yb2Rr5Tn7Uw9Za1C';

let whole: WholeGateway;
let inbox: Inbox;
let room = 100;

beforeAll(async () => {
  const port = await freePort();
  inbox = await startInbox({ port, secret: SECRET });
  whole = await WholeGateway.start({
    rooms: 8,
    path: `    supervision: { mode: "null", intervalSeconds: 3600 }
  - id: hook
    driver: webhook
    url: "http://127.0.0.1:${port}/hook"
    expect: { text: "taken: a desk shows it" }
    answerTimeoutSeconds: 0.5
    supervision: { mode: "null", intervalSeconds: 3600, downAfter: 100 }`,
    more: `plan: [{ kinds: [medical], start: [hook] }, { kinds: [all], start: [central] }]
deadlines: { nextPathSeconds: 0.5, notConfirmedSeconds: 1 }`,
    prepare: ({ directory }) => {
      const keys = join(directory, 'keys.yaml');
      writeFileSync(keys, readFileSync(keys, 'utf8').replace('paths: {', `paths: { hook: "${SECRET}",`));
    },
  });
  await whole.ready();
  await whole.mqtt.path('hook', 'up');
});
afterAll(async () => {
  await whole.stop();
  await inbox.close();
});
beforeEach(() => {
  room += 1;
});

const LOST = 'Delivery failed: endpoint returned HTTP error 429';

test.each<[string, InboxBehaviour]>([
  ['a 200 that says that the delivery failed', { type: 'status', status: 200, body: LOST }],
  ['a 202', { type: 'status', status: 202, body: 'taken: a desk shows it', takes: true }],
  ['404', { type: 'status', status: 404 }],
])('%s acknowledges no alert: it is NOT CONFIRMED, and tried until its answer has been read', async (_what, how) => {
  await inbox.behave(how);
  const id = whole.press(`wb-${room}`);
  const doubted = await whole.mqtt.alert(id, (alert) => alert.not_confirmed);
  expect(doubted.state).not.toBe('acknowledged');
  await inbox.behave({ type: 'normal' });
  const isHandedOver = how.type === 'status' && how.status === 202;
  if (isHandedOver) expect(doubted.paths).toMatchObject({ hook: { state: 'handedOver' } });
  else expect(await whole.mqtt.acknowledged(id)).toMatchObject({ paths: { hook: { state: 'acknowledged' } } });
});

test('one that takes each message only when it comes again, and answers no poll, has it acknowledged', async () => {
  await inbox.behave({ type: 'firstTimeEach', status: 503, polls: 403 });
  const id = whole.press(`wb-${room}`);
  const alert = await whole.mqtt.acknowledged(id);
  expect(alert).toMatchObject({ paths: { hook: { state: 'acknowledged', attempts: 2 } } });
  expect(inbox.displayed.filter(({ key }) => key === id)).toHaveLength(1);
});
