import { afterEach, describe, expect, test } from 'vitest';
import type { ModemBehaviour } from '../../device-sim/sms/behaviour.ts';
import { baseReport } from './dc09-rig.ts';
import { handedOver, ONE, SmsRig, type SmsRigSettings, TWO } from './sms-rig.ts';

const rigs: SmsRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

/** Makes a modem with this behaviour from the first byte on. */
function rigOf(how: ModemBehaviour, settings: SmsRigSettings = {}): SmsRig {
  const rig = new SmsRig({ ...settings, plugged: false });
  rigs.push(rig);
  rig.modem.behave(how);
  rig.plug();
  return rig;
}

const failed = (reason: string, words: string) => ({ type: 'failed', reason, detail: expect.stringContaining(words) });

describe('a modem with manners of its own takes messages and answers polls', () => {
  test.each<ModemBehaviour>([
    { type: 'spelling', how: 'blanks' },
    { type: 'spelling', how: 'nul' },
    { type: 'spelling', how: 'noise' },
    { type: 'echoStays' },
    { type: 'chatter' },
    { type: 'radioOff', functionality: 0, allows: true },
    { type: 'radioOff', functionality: 4, allows: true },
  ])('%j', async (how) => {
    const rig = rigOf(how);
    expect(await rig.send({ attempt: 1 })).toEqual(handedOver);
    expect(await rig.poll()).toEqual(handedOver);
    expect(rig.modem.desk.messages).toEqual([{ number: ONE, text: 'Intruder, Rm 1', times: 1 }]);
  });

  test('blanks in the answer about the PIN’s tries', async () => {
    const rig = rigOf(
      { type: 'spelling', how: 'blanks' },
      { modem: { sim: { pin: '0123' } }, settings: { pin: '0123' } },
    );
    expect(await rig.send()).toEqual(handedOver);
  });
});

test('a radio that stays off is named, with its number and the modem’s answer', async () => {
  const rig = rigOf({ type: 'radioOff', functionality: 4, allows: false });
  const words = 'its radio is off (+CFUN: 4) and stays off: the modem refuses AT+CFUN=1';
  expect(await rig.send()).toMatchObject(failed('protocolError', words));
  rig.modem.behave({ type: 'normal' });
  expect(await rig.send()).toEqual(handedOver);
});

describe('commands of the site', () => {
  test('are sent first, and what they reset is set again', async () => {
    const rig = rigOf({ type: 'normal' }, { settings: { init: ['AT+CGSMS=1', 'ATE1'] } });
    expect(await rig.send()).toEqual(handedOver);
    expect(rig.modem.commands.slice(0, 8)).toEqual([
      'AT+CMEE?',
      'ATE0V1',
      'AT+CMEE=1',
      'AT+CGSMS=1',
      'ATE1',
      'ATE0V1',
      'AT+CMEE=1',
      'AT+CFUN?',
    ]);
  });

  test('a refused one keeps no message back; a poll tells of it', async () => {
    const rig = rigOf({ type: 'normal' }, { settings: { init: ['AT^NONSENSE=1'] } });
    expect(await rig.send()).toEqual(handedOver);
    const words =
      'the modem refuses AT^NONSENSE=1: the modem gives no reason (unknown error) (CME error 100): check init:';
    expect(await rig.poll()).toMatchObject(failed('protocolError', words));
  });
});

describe('names in other scripts', () => {
  const text = 'Нападение, Главный корпус, 2 этаж, Rm 203 Химия';

  test('reach the phone as they are, in UCS-2', async () => {
    const rig = await SmsRig.ready();
    rigs.push(rig);
    expect(await rig.send({ report: { ...baseReport, text } })).toEqual(handedOver);
    expect(rig.modem.desk.textsOf(ONE)).toEqual([text]);
    // The modem uses the GSM alphabet again afterwards.
    expect(await rig.send({ attempt: 5 })).toEqual(handedOver);
    expect(rig.modem.desk.textsOf(ONE)[1]).toBe('Intruder, Rm 5');
  });

  test('in parts where they are long: whole on every phone, at most three parts', async () => {
    const rig = await SmsRig.ready({ settings: { recipients: [ONE, TWO] } });
    rigs.push(rig);
    const long = `${text}; ${'学校🔥'.repeat(60)}`;
    expect(await rig.send({ attempt: 1, report: { ...baseReport, text: `${text}, ${text}` } })).toEqual(handedOver);
    expect(await rig.send({ attempt: 2, report: { ...baseReport, text: long } })).toEqual(handedOver);
    for (const number of [ONE, TWO]) {
      const [two, three = ''] = rig.modem.desk.textsOf(number);
      expect(two).toBe(`${text}, ${text}`);
      expect(three.endsWith('...')).toBe(true);
      expect(long.startsWith(three.slice(0, -3))).toBe(true);
      expect(three.length).toBeGreaterThan(190);
    }
    expect(rig.modem.commands.filter((command) => /^AT\+CMGS=\d/.test(command))).toHaveLength(10);
  });

  test('a refused part is sent again, those that were taken are not', async () => {
    const rig = await SmsRig.ready();
    rigs.push(rig);
    const report = { ...baseReport, text: `${text}, ${text}` };
    rig.modem.behave({ type: 'error', error: 'CMS 42', times: 1 });
    expect(await rig.send({ attempt: 1, sequence: 9, report })).toMatchObject(failed('unreachable', 'congested'));
    expect(await rig.send({ attempt: 2, sequence: 9, report })).toEqual(handedOver);
    expect(rig.modem.desk.messages).toEqual([{ number: ONE, text: report.text, times: 1 }]);
  });
});

test.each([
  ['CMS 513', 2],
  ['CMS 305', 6],
  ['CMS 302', 4],
])(
  'whatever the modem says (%s), the report is failed, never refused for good, and goes out in the end',
  async (error, times) => {
    const rig = await SmsRig.ready();
    rigs.push(rig);
    rig.modem.behave({ type: 'error', error, times });
    let outcome = await rig.send({ sequence: 7 });
    while (outcome.type !== 'handedOver') {
      expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining(error.replace(' ', ' error ')) });
      outcome = await rig.send({ sequence: 7 });
    }
    expect(rig.modem.desk.messages).toMatchObject([{ times: 1 }]);
  },
);
