import { CAP_1_2 } from '@dec112/cap-ts';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../../gateway/core/report.ts';
import { type CapSource, capMessageOf } from '../../../gateway/paths/cap-report.ts';
import { encodeCap } from '../../../protocol/cap/cap-message.ts';
import { alarm, cancel, drill, periodicTest, restore, source, trouble, troubleRestore, update } from './cap-reports.ts';

/** Reads the message with an independent parser, in the terms of the standard. */
async function read(report: Report, from: CapSource = source) {
  const xml = encodeCap(capMessageOf(report, from));
  const message = await CAP_1_2.Alert.fromXML(xml);
  // The library asks for a `code`, which CAP 1.2 §3.2.1 leaves to the sender.
  expect(message.validate()).toEqual(new Error("'code_list' cannot be empty"));
  expect(message.info_list.map((each) => each.validate())).toEqual([undefined]);
  const [info] = message.info_list;
  if (info === undefined) throw new Error('no info');
  return {
    message,
    info,
    xml,
    status: CAP_1_2._to_string_Alert_status(message.status),
    msgType: CAP_1_2._to_string_Alert_msgType(message.msgType),
    scope: CAP_1_2._to_string_Alert_scope(message.scope),
    category: info.category_list.map(CAP_1_2._to_string_Alert_info_list_info_category_list_category),
    response: info.responseType_list.map(CAP_1_2._to_string_Alert_info_list_info_responseType_list_responseType),
    urgency: CAP_1_2._to_string_Alert_info_list_info_urgency(info.urgency),
    severity: CAP_1_2._to_string_Alert_info_list_info_severity(info.severity),
    certainty: CAP_1_2._to_string_Alert_info_list_info_certainty(info.certainty),
    parameter: (name: string) =>
      info.parameter_list.filter(({ valueName }) => valueName === name).map(({ value }) => value),
  };
}

/** What another message must say of this one. */
const triple = ({ message }: Awaited<ReturnType<typeof read>>) =>
  `${message.sender},${message.identifier},${message.sent}`;

describe('what a report becomes', () => {
  test('an alarm is an Actual Alert with its place, doors and codes', async () => {
    const { message, info, parameter, ...said } = await read(alarm);
    expect(said).toMatchObject({
      status: 'Actual',
      msgType: 'Alert',
      scope: 'Restricted',
      category: ['Security'],
      response: ['Shelter'],
      urgency: 'Immediate',
      severity: 'Extreme',
      certainty: 'Observed',
    });
    expect(message).toMatchObject({ identifier: 'wb-101.5.17', incidents: 'wb-101.5.17', references: undefined });
    expect(info).toMatchObject({ event: 'Intruder', senderName: 'Northfield School (gw-1)', language: 'en-US' });
    expect(parameter('doorsNotSecured')).toEqual(['Rm 102 Office open', 'Rm 103 <Lab> & Store unlocked']);
    expect(parameter('room')).toEqual(['101']);
    expect(info.eventCode_list).toEqual([
      { valueName: 'SIA', value: 'HA' },
      { valueName: 'CID', value: '1122' },
    ]);
    expect(info.area_list[0]?.circle_list).toEqual(['39.781721,-89.650148 0.08']);
  });

  test.each([
    ['evacuate', 'Evacuate', 'Extreme'],
    ['secure', 'Shelter', 'Extreme'],
    [undefined, 'Assess', 'Severe'],
  ] as const)('action %s is response %s, severity %s', async (action, response, severity) => {
    const { action: _, ...alert } = alarm.alert;
    const said = await read({ ...alarm, alert: { ...alert, ...(action && { action }) } });
    expect(said).toMatchObject({ response: [response], severity });
  });

  test('what could not prove its sender is Likely', async () => {
    const said = await read({ ...alarm, alert: { ...alarm.alert, authenticated: false } });
    expect(said.certainty).toBe('Likely');
    expect(said.parameter('authenticated')).toEqual(['false']);
  });

  test('new doors are an Update, a resolution an Update that is all clear, a mistake a Cancel that says why', async () => {
    expect(await read(update)).toMatchObject({ msgType: 'Update', urgency: 'Immediate', status: 'Actual' });
    const resolved = await read(restore);
    expect(resolved).toMatchObject({ msgType: 'Update', response: ['AllClear'], urgency: 'Past', severity: 'Minor' });
    expect(resolved.message.note).toBe('Resolved by desk: police left');
    const cancelled = await read(cancel);
    expect(cancelled).toMatchObject({ msgType: 'Cancel', response: ['AllClear'], urgency: 'Past' });
    expect(cancelled.message.note).toBe('Cancelled by desk: pressed by mistake');
  });

  test('references are exact copies of what the earlier messages said, oldest first', async () => {
    const first = await read(alarm);
    const second = await read(update);
    expect(second.message.references).toBe(triple(first));
    for (const closing of [cancel, restore]) {
      const last = await read(closing);
      expect(last.message.references).toBe(`${triple(first)} ${triple(second)}`);
      expect(last.message.incidents).toBe(first.message.incidents);
      expect(last.message.identifier).not.toBe(first.message.identifier);
    }
  });

  test('a drill is an Exercise, a test a Test, to the last message about it', async () => {
    expect(await read(drill)).toMatchObject({ status: 'Exercise', msgType: 'Alert' });
    expect((await read(drill)).info.headline).toMatch(/^DRILL: /);
    for (const report of [update, cancel, restore]) {
      expect(await read({ ...report, exercise: 'drill' })).toMatchObject({ status: 'Exercise' });
      expect(await read({ ...report, exercise: 'test' })).toMatchObject({ status: 'Test' });
    }
    expect(await read(periodicTest)).toMatchObject({ status: 'Test', response: ['None'], category: ['Other'] });
    // A test is a test, even if it was not marked as one.
    const { exercise: _, ...unmarked } = periodicTest;
    expect(await read(unmarked)).toMatchObject({ status: 'Test' });
  });

  test('that a drill begins or ends is an Exercise, too', async () => {
    const said = await read({ ...periodicTest, exercise: 'drill', text: 'DRILL: drill started, building A' });
    expect(said).toMatchObject({ status: 'Exercise', response: ['None'], info: { event: 'Drill' } });
  });

  test('a trouble is about the system, and its end is all clear under the same incident', async () => {
    const begun = await read(trouble);
    expect(begun).toMatchObject({ status: 'System', msgType: 'Alert', category: ['Infra'], severity: 'Minor' });
    const over = await read(troubleRestore);
    expect(over).toMatchObject({ status: 'System', response: ['AllClear'], urgency: 'Past' });
    expect(over.message.incidents).toBe(begun.message.incidents);
  });

  test('an end that knows no earlier message claims none: it is an Alert that is all clear', async () => {
    const said = await read({ ...cancel, alert: { ...alarm.alert, earlier: [] } });
    expect(said).toMatchObject({ msgType: 'Alert', response: ['AllClear'] });
    expect(said.message.references).toBeUndefined();
  });
});

describe('what is not known is not said', () => {
  const bare: CapSource = { ...source, places: { site: 'S', gateway: 'g', buildings: new Map() } };

  test('no position, no circle', async () => {
    const { info } = await read(alarm, bare);
    expect(info.area_list[0]?.circle_list ?? []).toEqual([]);
    expect(info.area_list[0]?.areaDesc).toBe('Main building, Floor 1, Rm 101 Reception, S');
  });

  test('no zone, no doors: no parameter', async () => {
    const { doors: _, ...alert } = alarm.alert;
    const said = await read({ ...alarm, zone: 0, area: 0, alert }, bare);
    expect(['zone', 'partition', 'doorsNotSecured'].flatMap(said.parameter)).toEqual([]);
  });
});

test('a headline is at most 160 characters; the description has the whole', async () => {
  const text = `Intruder, ${'a very long name '.repeat(20)}`;
  const { info } = await read({ ...alarm, text });
  expect(info.headline?.length).toBeLessThanOrEqual(160);
  expect(info.description).toContain(text);
  expect(info.description).toContain('Rm 102 Office open');
});

test('private messages name their addresses, quoted where they have spaces', async () => {
  const said = await read(alarm, {
    ...source,
    scope: { type: 'Private', addresses: ['sip:desk@x.example', 'The desk'] },
  });
  expect(said.scope).toBe('Private');
  expect(said.message.addresses).toBe('sip:desk@x.example "The desk"');
});

test('the same report is the same message, whenever it is coded', () => {
  for (const report of [alarm, update, cancel, restore, trouble]) {
    const once = encodeCap(capMessageOf(report, source));
    expect(encodeCap(capMessageOf(structuredClone(report), structuredClone(source)))).toBe(once);
  }
});
