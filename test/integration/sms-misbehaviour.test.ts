import { afterEach, describe, expect, test } from 'vitest';
import type { ModemBehaviour } from '../../device-sim/sms/behaviour.ts';
import { handedOver, ONE, SmsRig, type SmsRigSettings, smsAttempt, TWO } from './sms-rig.ts';

const rigs: SmsRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function readyRig(settings?: SmsRigSettings): Promise<SmsRig> {
  const rig = await SmsRig.ready(settings);
  rigs.push(rig);
  return rig;
}

const failed = (reason: string, words: string) => ({ type: 'failed', reason, detail: expect.stringContaining(words) });

describe('a modem that misbehaves', () => {
  const cases: readonly [ModemBehaviour, object][] = [
    [{ type: 'noNetwork' }, failed('unreachable', 'has no network')],
    [{ type: 'silent' }, failed('unreachable', 'does not ask for the text')],
    [{ type: 'promptLate', ms: 50 }, handedOver],
    [{ type: 'promptLate', ms: 900 }, failed('unreachable', 'does not ask for the text')],
    [{ type: 'resultLate', ms: 50, deaf: true }, handedOver],
    [{ type: 'error', error: 'CMS 38', times: 1 }, failed('unreachable', 'out of order')],
    [{ type: 'error', error: 'CMS 42', times: 1 }, failed('unreachable', 'congested')],
    [{ type: 'error', error: 'CMS 332', times: 1 }, failed('unreachable', 'did not answer in time')],
    [{ type: 'error', error: 'CMS 28', times: 1 }, failed('refused', 'check the number')],
    [{ type: 'error', error: 'CMS 50', times: 1 }, failed('refused', 'no subscription')],
    [{ type: 'error', error: 'CMS 500', times: 2 }, failed('protocolError', 'unknown error')],
    [
      { type: 'error', error: 'CMS 513', times: 1 },
      failed('unreachable', "CMS error 513, a number of its maker's own"),
    ],
    [{ type: 'error', error: 'CMS 194', times: 1 }, failed('unreachable', 'SMS centre failed')],
    [{ type: 'error', error: 'CMS 205', times: 1 }, failed('unreachable', 'the network says CMS error 205')],
    [{ type: 'error', error: 'plain', times: 2 }, failed('protocolError', 'says ERROR')],
    [{ type: 'error', error: 'CMS 500', times: 1 }, handedOver],
    [{ type: 'error', error: 'CMS 305', times: 2 }, failed('protocolError', 'invalid in text mode')],
    [{ type: 'error', error: 'CMS 304', times: 2 }, failed('protocolError', 'invalid in PDU mode')],
    [{ type: 'chatter' }, handedOver],
  ];

  test.each(cases)('%j ends an attempt as it should; the next one works when it is well', async (how, outcome) => {
    const rig = await readyRig();
    rig.modem.behave(how);
    expect(await rig.send({ attempt: 1 })).toMatchObject(outcome);
    rig.modem.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 2 })).toEqual(handedOver);
    expect(rig.modem.desk.textsOf(ONE).at(-1)).toBe('Intruder, Rm 2');
    expect(rig.modem.desk.repeats).toBe(0);
    expect(rig.outcomeCount).toBe(2);
  });

  test.each(['', 'RDY'])('started anew in the middle (it says %j): not taken, and set up again', async (says) => {
    const rig = await readyRig();
    rig.modem.behave({ type: 'resetAtText', says });
    expect(await rig.send({ attempt: 1 })).toMatchObject({ type: 'failed', reason: 'unreachable' });
    expect(rig.modem.desk.messages).toEqual([]);
    rig.modem.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 2, sequence: 1 })).toEqual(handedOver);
    expect(rig.modem.desk.messages).toMatchObject([{ text: 'Intruder, Rm 1', times: 1 }]);
  });

  test('started anew without a word while nothing happened: the next alarm goes out all the same', async () => {
    const rig = await readyRig();
    rig.modem.restart();
    expect(await rig.send({ attempt: 1 })).toEqual(handedOver);
    expect(rig.modem.desk.messages).toMatchObject([{ times: 1 }]);
  });

  test('a poll finds one without network, and one that does not answer', async () => {
    const rig = await readyRig();
    rig.modem.behave({ type: 'noNetwork' });
    expect(await rig.poll()).toMatchObject(failed('unreachable', 'no network (it is searching, no signal)'));
    rig.modem.behave({ type: 'silent' });
    expect(await rig.poll()).toMatchObject(failed('unreachable', 'does not answer'));
    rig.modem.behave({ type: 'normal' });
    expect(await rig.poll()).toEqual(handedOver);
  });

  test('an error in words is told in its words', async () => {
    const rig = await readyRig({ modem: { wordyErrors: true } });
    rig.modem.behave({ type: 'error', error: 'CMS 38', times: 2 });
    expect(await rig.send()).toMatchObject(failed('protocolError', 'something went wrong'));
  });
});

describe('several numbers', () => {
  const both = { settings: { recipients: [ONE, TWO] } };

  test('the one that failed is tried again within the attempt, the other not', async () => {
    const rig = await readyRig(both);
    rig.modem.behave({ type: 'refuseNumber', number: TWO, error: 'CMS 42' });
    const outcome = rig.send({ attempt: 1 });
    const asked = () => rig.modem.commands.filter((command) => command.includes(TWO)).length;
    await rig.modem.until(() => asked() === 2);
    rig.modem.behave({ type: 'normal' });
    expect(await outcome).toEqual(handedOver);
    expect(rig.modem.desk.messages.map(({ number, times }) => [number, times])).toEqual([
      [ONE, 1],
      [TWO, 1],
    ]);
  });

  test('what is missing is told, and the next attempt goes only there', async () => {
    const rig = await readyRig(both);
    rig.modem.behave({ type: 'refuseNumber', number: TWO, error: 'CMS 28' });
    const words = `taken for 1 of 2 numbers; ${TWO}: the network does not know this number`;
    expect(await rig.send({ attempt: 1 })).toMatchObject(failed('refused', words));
    rig.modem.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 2, sequence: 1 })).toEqual(handedOver);
    expect(rig.modem.desk.repeats).toBe(0);
  });

  test('none has taken it: told at once', async () => {
    const rig = await readyRig(both);
    rig.modem.behave({ type: 'noNetwork' });
    expect(await rig.send()).toMatchObject(failed('unreachable', `${ONE}: the modem has no network`));
    expect(rig.modem.commands.filter((command) => command.startsWith('AT+CMGS'))).toHaveLength(2);
  });
});

describe('an answer that comes too late', () => {
  test('counts for its own message, not for the next one', async () => {
    const rig = await readyRig();
    rig.modem.behave({ type: 'resultLate', ms: 700, deaf: true });
    expect(await rig.send({ attempt: 1 })).toMatchObject(failed('unreachable', 'has not answered yet'));
    rig.modem.behave({ type: 'noNetwork' });
    // The answer to the first message comes now. It must not end this one.
    expect(await rig.send({ attempt: 2 })).toMatchObject(failed('unreachable', 'has no network'));
    rig.modem.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 3, sequence: 1 })).toEqual(handedOver);
    expect(rig.modem.desk.messages).toEqual([{ number: ONE, text: 'Intruder, Rm 1', times: 1 }]);
  });

  test('abandoned while the centre has not answered: the late answer is remembered, nothing is told', async () => {
    const rig = await readyRig({ times: { centreMs: 60_000 } });
    rig.modem.behave({ type: 'resultLate', ms: 100, deaf: true });
    rig.driver.send(smsAttempt(1));
    await rig.modem.until(() => rig.modem.desk.messages.length === 1);
    rig.driver.abandon(1);
    expect(await rig.send({ attempt: 2, sequence: 1 })).toEqual(handedOver);
    expect(rig.modem.desk.messages).toMatchObject([{ times: 1 }]);
    expect(rig.outcomes.has(1)).toBe(false);
  });

  test('abandoned at the prompt: the text is not sent', async () => {
    const rig = await readyRig({ times: { promptMs: 60_000 } });
    rig.modem.behave({ type: 'promptLate', ms: 100 });
    rig.driver.send(smsAttempt(1));
    await rig.modem.until(() => rig.modem.commands.at(-1)?.startsWith('AT+CMGS') === true);
    rig.driver.abandon(1);
    rig.modem.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 2 })).toEqual(handedOver);
    expect(rig.modem.desk.textsOf(ONE)).toEqual(['Intruder, Rm 2']);
    expect(rig.outcomes.has(1)).toBe(false);
  });
});
