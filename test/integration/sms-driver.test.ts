import { afterEach, describe, expect, test } from 'vitest';
import { baseReport } from './dc09-rig.ts';
import { handedOver, ONE, SmsRig, type SmsRigSettings, smsAttempt, TWO } from './sms-rig.ts';

const rigs: SmsRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

function rigWith(settings?: SmsRigSettings): SmsRig {
  const rig = new SmsRig(settings);
  rigs.push(rig);
  return rig;
}

async function readyRig(settings?: SmsRigSettings): Promise<SmsRig> {
  const rig = await SmsRig.ready(settings);
  rigs.push(rig);
  return rig;
}

describe('a modem that is well', () => {
  test('is set up before anything is sent, and a message is handed over when the centre has taken it', async () => {
    const rig = await readyRig();
    expect(rig.modem.commands.join(' ')).toBe(
      'AT+CMEE? ATE0V1 AT+CMEE=1 AT+CFUN? AT+CPIN? AT+CMGF=1 AT+CSCS="GSM" AT+CSMP=17,167,0,0',
    );
    const { text } = baseReport;
    expect(await rig.send({ attempt: 1, report: baseReport })).toEqual(handedOver);
    expect(rig.sent).toEqual([1]);
    expect(rig.modem.desk.messages).toEqual([{ number: ONE, text, times: 1 }]);
    expect(rig.modem.commands.at(-1)).toBe(`AT+CMGS="${ONE}"`);
  });

  test('an attempt before it is set up waits for that', async () => {
    const rig = rigWith();
    await rig.modem.until(() => rig.modem.commands.length > 0);
    expect(await rig.send()).toEqual(handedOver);
  });

  test('each number gets each message once', async () => {
    const rig = await readyRig({ settings: { recipients: [ONE, TWO] } });
    const all = [1, 2, 3].map((attempt) => rig.send({ attempt }));
    expect(await Promise.all(all)).toEqual([handedOver, handedOver, handedOver]);
    expect(rig.modem.desk.textsOf(ONE)).toEqual(['Intruder, Rm 1', 'Intruder, Rm 2', 'Intruder, Rm 3']);
    expect(rig.modem.desk.textsOf(TWO)).toEqual(rig.modem.desk.textsOf(ONE));
    expect(rig.modem.desk.repeats).toBe(0);
  });

  test('a poll says that it is registered, and sends nothing', async () => {
    const rig = await readyRig();
    expect(await rig.poll()).toEqual(handedOver);
    expect(rig.modem.desk.messages).toEqual([]);
    expect(rig.modem.commands.slice(-2)).toEqual(['AT+CMEE?', 'AT+CREG?']);
  });

  test('a message fits into 160 septets, whatever has to be written in other words', async () => {
    const rig = await readyRig();
    const texts = ['é'.repeat(200), '€'.repeat(100), `${'x'.repeat(158)}…`, 'Wing {A} [2] ~ @_$'];
    for (const text of texts) expect(await rig.send({ report: { ...baseReport, text } })).toEqual(handedOver);
    const [long, euros, cut, marks] = rig.modem.desk.textsOf(ONE);
    expect(long).toBe(`${'é'.repeat(157)}...`);
    expect(euros).toMatch(/^(EUR){52}E\.\.\.$/);
    expect(cut?.length).toBeLessThanOrEqual(160);
    expect(marks).toBe('Wing (A) (2) - @-$');
  });

  test('an alarm goes before a poll that waits, and is not held up by one that was asked for', async () => {
    const rig = rigWith({ plugged: false });
    rig.plug();
    const poll = rig.poll();
    expect(await rig.send()).toEqual(handedOver);
    expect(await poll).toEqual(handedOver);
  });
});

describe('the SIM card', () => {
  const pin = (settings: Partial<SmsRigSettings['modem'] & object> & { readonly own?: string }) =>
    rigWith({ modem: settings, settings: settings.own === undefined ? {} : { pin: settings.own } });

  test.each(['CPINR', 'CSIM'] as const)('gets its PIN, if %s says that all tries are left', async (tellsTries) => {
    const rig = pin({ sim: { pin: '0123', tellsTries }, own: '0123' });
    expect(await rig.send()).toEqual(handedOver);
  });

  test('a wrong PIN is tried once, and never again', async () => {
    const rig = pin({ sim: { pin: '0123' }, own: '9999' });
    const first = await rig.send();
    expect(first).toMatchObject({ type: 'failed', reason: 'refused' });
    rig.unplug();
    rig.plug();
    await rig.modem.until(() => rig.modem.commands.filter((command) => command === 'AT+CPIN?').length > 4);
    expect(await rig.poll()).toMatchObject({ detail: expect.stringContaining('refuses the PIN in keys.yaml') });
    expect(rig.modem.sim.wrongPins).toBe(1);
  });

  test.each([
    [
      'with tries gone by somebody else: none is tried',
      { sim: { pin: '0123', tries: 2 }, own: '0123' },
      '2 tries left',
    ],
    [
      'that nobody tells the tries of: none is tried',
      { sim: { pin: '0123', tellsTries: 'not' }, own: '0123' },
      'take the PIN off',
    ],
    ['whose PIN in the file can be none', { sim: { pin: '0123' }, own: '123' }, '4 to 8 digits'],
    ['that asks for a PIN nobody wrote down', { sim: { pin: '0123' } }, 'write pin: true'],
    ['that is locked', { sim: { pin: '0123', tries: 0 }, own: '0123' }, 'PUK'],
  ] as const)('%s', async (_case, settings, words) => {
    const rig = pin(settings);
    const refused = { type: 'failed', reason: 'refused', detail: expect.stringContaining(words) };
    expect(await rig.send()).toMatchObject(refused);
    expect(rig.modem.sim.wrongPins).toBe(0);
  });

  test('after the right PIN was entered in a phone it is taken up by itself', async () => {
    const rig = pin({ sim: { pin: '0123', tries: 2 }, own: '0123' });
    expect(await rig.send()).toMatchObject({ reason: 'refused' });
    rig.modem.sim.enterInPhone();
    await rig.modem.until(() => rig.modem.sim.isOpen);
    expect(await rig.send()).toEqual(handedOver);
  });

  test('none is there', async () => {
    const rig = rigWith();
    rig.modem.behave({ type: 'noSim' });
    const missing = { type: 'failed', reason: 'refused', detail: expect.stringContaining('no SIM card') };
    expect(await rig.send()).toMatchObject(missing);
    rig.modem.behave({ type: 'normal' });
    expect(await rig.send()).toEqual(handedOver);
  });
});

describe('a modem that comes and goes', () => {
  test('without one an attempt fails at once, and not within send', async () => {
    const rig = rigWith({ plugged: false });
    rig.driver.send(smsAttempt(1));
    expect(rig.outcomes.size).toBe(0);
    const outcome = await rig.outcome(1);
    expect(outcome).toMatchObject({ type: 'failed', reason: 'unreachable' });
    rig.plug();
    await rig.modem.until(() => rig.modem.commands.at(-1)?.startsWith('AT+CSMP') === true);
    expect(await rig.send()).toEqual(handedOver);
  });

  test.each([
    ['prompt', false],
    ['text', false],
    ['text', true],
  ] as const)('unplugged at the %s (sent: %j): unreachable at once, and the next works', async (at, sends) => {
    const rig = await readyRig({ times: { promptMs: 60_000, centreMs: 60_000 } });
    rig.modem.behave({ type: 'unplug', at, sends });
    const gone = { type: 'failed', reason: 'unreachable', detail: expect.stringContaining('went away') };
    expect(await rig.send({ attempt: 1 })).toMatchObject(gone);
    rig.modem.behave({ type: 'normal' });
    rig.plug();
    await rig.modem.until(() => rig.modem.commands.filter((each) => each.startsWith('AT+CSMP')).length === 2);
    expect(await rig.send({ attempt: 2, sequence: 1 })).toEqual(handedOver);
    expect(rig.modem.desk.messages).toEqual([{ number: ONE, text: 'Intruder, Rm 1', times: sends ? 2 : 1 }]);
  });

  test('one that takes a message and vanishes has taken it', async () => {
    const rig = await readyRig();
    rig.modem.behave({ type: 'acceptThenVanish' });
    expect(await rig.send()).toEqual(handedOver);
  });

  test('after stop nothing is told any more', async () => {
    const rig = await readyRig();
    rig.modem.behave({ type: 'silent' });
    rig.driver.send(smsAttempt(1));
    rig.driver.send(smsAttempt(2));
    await rig.driver.stop();
    expect(rig.outcomeCount).toBe(0);
  });
});
