import { afterEach, expect, test } from 'vitest';
import type { SipBehaviour } from '../../device-sim/sip/behaviour.ts';
import { type SipReceiver, startSipReceiver } from '../../device-sim/sip/receiver.ts';
import { WholeGateway } from './support/whole-gateway.ts';

let whole: WholeGateway | undefined;
let desk: SipReceiver | undefined;
afterEach(async () => {
  await whole?.stop();
  await desk?.close();
});

/** A gateway whose medical alerts go to a SIP receiver only. */
async function started(behaviour: SipBehaviour) {
  const receiver = await startSipReceiver({ port: 0 });
  desk = receiver;
  await receiver.behave(behaviour);
  whole = await WholeGateway.start({
    rooms: 2,
    path: `  - id: psap
    driver: sip
    transport: tcp
    host: 127.0.0.1
    port: ${receiver.port}
    target: "sip:alarms@centre.example"
    from: "sip:gw-1@northfield.example"
    supervision: { mode: "null", intervalSeconds: 5, downAfter: 1, upAfter: 1 }`,
    more: `plan: [{ kinds: [medical], start: [psap] }, { kinds: [all], start: [central] }]
deadlines: { nextPathSeconds: 0.5, notConfirmedSeconds: 1 }`,
  });
  await whole.ready();
  return { whole, receiver };
}

test('a receiver that answers no poll and takes each alarm when it comes again has it acknowledged', async () => {
  const { whole, receiver } = await started({ type: 'failPolls', poll: 503, first: 503 });
  await whole.mqtt.path('psap', 'down');
  const id = whole.press('wb-101');
  expect(await whole.mqtt.acknowledged(id)).toMatchObject({ paths: { psap: { state: 'acknowledged', attempts: 2 } } });
  expect(receiver.displayed.filter(({ identifier }) => identifier === id)).toHaveLength(1);
});

test('a receiver that answers polls and refuses alarms is down, whatever its polls say', async () => {
  const { whole, receiver } = await started({ type: 'normal' });
  await whole.mqtt.path('psap', 'up');
  await receiver.behave({ type: 'refuseMessages', status: 403 });
  const id = whole.press('wb-101');
  await whole.mqtt.path('psap', 'down');
  const polls = () => receiver.requests.filter(({ method }) => method === 'OPTIONS').length;
  const before = polls();
  // At the second poll the answer to the first has arrived: 200.
  await receiver.until(() => polls() >= before + 2);
  const ups = whole.log.filter((line) => line.event === 'path.up' && JSON.stringify(line).includes('"psap"'));
  expect(ups).toHaveLength(1);
  expect(receiver.displayed.filter(({ identifier }) => identifier === id)).toEqual([]);
});
