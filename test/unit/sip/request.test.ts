import { describe, expect, test } from 'vitest';
import type { Attempt, Report } from '../../../gateway/core/report.ts';
import { requestOf, type Stamp, targetOf } from '../../../gateway/paths/sip/request.ts';
import type { SipSettings } from '../../../gateway/paths/sip/settings.ts';
import { headerValue, type SipRequest } from '../../../protocol/sip/message.ts';
import { parseMultipart } from '../../../protocol/sip/multipart.ts';

const settings: SipSettings = {
  driver: 'sip',
  id: 'psap',
  target: 'urn:service:sos',
  host: 'fe80::1',
  port: 5060,
  from: 'sip:gw-1@northfield.example:5060',
  transactions: 8,
  connectTimeoutMs: 500,
  language: 'en-US',
  places: { site: 'Northfield & Sons', gateway: 'gw-1', buildings: new Map() },
};

const stamp: Stamp = {
  sentBy: '[fe80::2]:40312',
  branch: 'z9hG4bKb1',
  tag: 't1',
  callId: 'c1@gw-1',
  sequence: 41,
  boundary: 'part-1',
  nowMs: Date.UTC(2026, 0, 2, 3, 4, 6),
  credentials: [],
};

const trouble: Report = {
  id: 'trouble.central.1',
  class: 'trouble',
  sia: 'YS',
  contactId: '350',
  qualifier: 1,
  zone: 0,
  area: 0,
  text: 'Path central does not answer',
  occurredMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

const attempt: Attempt = { attempt: 1, path: 'psap', sequence: 1, clockOffsetMs: 0, format: 0, report: trouble };

function partsOf(request: SipRequest) {
  const parts = parseMultipart(headerValue(request, 'Content-Type') ?? '', request.body) ?? [];
  return parts.map(({ headers, body }) => ({
    ...Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    text: new TextDecoder().decode(body),
  }));
}

describe('a report of what is no alert', () => {
  test('says where the site is; the headers point to the parts', () => {
    const request = requestOf(settings, attempt, stamp);
    expect(request.headers.slice(0, 7)).toEqual([
      { name: 'Via', value: 'SIP/2.0/TCP [fe80::2]:40312;branch=z9hG4bKb1' },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: '<sip:gw-1@northfield.example:5060>;tag=t1' },
      { name: 'To', value: '<urn:service:sos>' },
      { name: 'Call-ID', value: 'c1@gw-1' },
      { name: 'CSeq', value: '41 MESSAGE' },
      { name: 'User-Agent', value: 'Callpoint' },
    ]);
    const capId = 'cap.trouble.central.1@northfield.example';
    const placeId = 'place.trouble.central.1@northfield.example';
    expect(headerValue(request, 'Call-Info')).toBe(`<cid:${capId}>;purpose=EmergencyCallData.cap`);
    expect(headerValue(request, 'Geolocation')).toBe(`<cid:${placeId}>`);
    expect(partsOf(request)).toMatchObject([
      { 'Content-ID': `<${capId}>`, text: expect.stringContaining('<status>System</status>') },
      { 'Content-ID': `<${placeId}>`, text: expect.stringContaining('<ca:NAM>Northfield &amp; Sons</ca:NAM>') },
    ]);
    expect(partsOf(request)[1]?.text).not.toContain('ROOM');
  });

  test('in the second format has no word of a location', () => {
    const request = requestOf(settings, { ...attempt, format: 1 }, stamp);
    expect(partsOf(request)).toHaveLength(1);
    expect(headerValue(request, 'Geolocation')).toBeUndefined();
    expect(headerValue(request, 'Geolocation-Routing')).toBeUndefined();
  });
});

test('a poll of a service goes to the proxy, never to the service', () => {
  const { report: _, ...poll } = attempt;
  expect(requestOf(settings, poll, stamp)).toMatchObject({
    method: 'OPTIONS',
    uri: 'sip:[fe80::1]:5060;transport=tcp',
  });
  const { uri } = requestOf({ ...settings, host: 'sip.example', tls: {} }, poll, stamp);
  expect(uri).toBe('sip:sip.example:5060;transport=tls');
});

test.each([
  ['urn:service:sos', 'urn:service:test.sos'],
  ['urn:service:sos.fire', 'urn:service:test.sos.fire'],
  ['urn:service:test.sos', 'urn:service:test.sos'],
  ['sip:alarms@centre.example', 'sip:alarms@centre.example'],
])('a drill for %s calls %s', (target, called) => {
  expect(targetOf(target, { ...trouble, exercise: 'drill' })).toBe(called);
  expect(targetOf(target, trouble)).toBe(target);
});
