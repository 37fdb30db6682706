import { encodeCap } from '../../../protocol/cap/cap-message.ts';
import type { WallMs } from '../../../protocol/clocks.ts';
import { encodePidfLo } from '../../../protocol/pidf-lo.ts';
import type { SipHeader, SipRequest } from '../../../protocol/sip/message.ts';
import { type BodyPart, encodeMultipart } from '../../../protocol/sip/multipart.ts';
import type { Attempt, Report } from '../../core/report.ts';
import { capMessageOf } from '../cap-report.ts';
import type { CivicAddress } from '../site-places.ts';
import type { SipSettings } from './settings.ts';

/** What differs between two sendings of the same report. */
export interface Stamp {
  /** `127.0.0.1:40312`, this end of the connection. */
  readonly sentBy: string;
  readonly branch: string;
  readonly tag: string;
  readonly callId: string;
  readonly sequence: number;
  /** A token that appears in no text. */
  readonly boundary: string;
  /** This machine's wall clock, ms since 1970 UTC. */
  readonly nowMs: WallMs;
  /** Authorization and Proxy-Authorization, one for each realm that asked. */
  readonly credentials: readonly SipHeader[];
}

/** RFC 4119 §2.2.2: a day is usual. */
const RETENTION_MS = 86_400_000;

/** Method and Request-URI of an attempt: MESSAGE for a report (RFC 8876 §4), OPTIONS for a poll. */
export function lineOf(settings: SipSettings, { report }: Attempt): Pick<SipRequest, 'method' | 'uri'> {
  return report === undefined
    ? { method: 'OPTIONS', uri: pollTarget(settings) }
    : { method: 'MESSAGE', uri: targetOf(settings.target, report) };
}

/** What one attempt sends. */
export function requestOf(settings: SipSettings, attempt: Attempt, stamp: Stamp): SipRequest {
  const { report } = attempt;
  const line = lineOf(settings, attempt);
  const common = commonHeaders(settings, line, stamp);
  if (report === undefined) return { type: 'request', ...line, headers: common, body: new Uint8Array() };
  const domain = hostOf(settings.from);
  const names = { cap: `cap.${report.id}@${domain}`, place: `place.${report.id}@${domain}` };
  const parts = [xmlPart('application/EmergencyCallData.cap+xml', names.cap, capOf(settings, report))];
  const headers = [...common, { name: 'Call-Info', value: `<cid:${names.cap}>;purpose=EmergencyCallData.cap` }];
  if (attempt.format === 0) {
    parts.push(xmlPart('application/pidf+xml', names.place, locationOf(settings, report, stamp.nowMs)));
    headers.push({ name: 'Geolocation', value: `<cid:${names.place}>` }, { name: 'Geolocation-Routing', value: 'yes' });
  }
  headers.push(
    { name: 'Supported', value: 'geolocation' },
    { name: 'Content-Type', value: `multipart/mixed;boundary=${stamp.boundary}` },
  );
  return { type: 'request', ...line, headers, body: encodeMultipart(parts, stamp.boundary) };
}

/** RFC 3261 §8.1.1; no Contact in a MESSAGE (RFC 3428 §4). */
function commonHeaders(
  { from, tls }: SipSettings,
  { method, uri }: Pick<SipRequest, 'method' | 'uri'>,
  stamp: Stamp,
): readonly SipHeader[] {
  const transport = tls === undefined ? 'TCP' : 'TLS';
  return [
    { name: 'Via', value: `SIP/2.0/${transport} ${stamp.sentBy};branch=${stamp.branch}` },
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: `<${from}>;tag=${stamp.tag}` },
    { name: 'To', value: `<${uri}>` },
    { name: 'Call-ID', value: stamp.callId },
    { name: 'CSeq', value: `${stamp.sequence} ${method}` },
    ...stamp.credentials,
    { name: 'User-Agent', value: 'Callpoint' },
  ];
}

/**
 * A drill or test never calls the real service (RFC 6881 §17). A receiver with a `sip:` URI sees it
 * in the CAP status.
 */
export function targetOf(target: string, { exercise, class: reportClass }: Report): string {
  const real = exercise === undefined && reportClass !== 'test';
  return real ? target : target.replace(/^urn:service:sos(?=\.|$)/, 'urn:service:test.sos');
}

/** A poll to a service would call it, so the poll goes to the proxy on the way. */
function pollTarget({ target, host, port, tls }: SipSettings): string {
  if (!target.startsWith('urn:')) return target;
  const name = host.includes(':') ? `[${host.replace(/%.*$/, '')}]` : host;
  return `sip:${name}:${port};transport=${tls === undefined ? 'tcp' : 'tls'}`;
}

/**
 * Without a charset, which the XML declaration names (RFC 7303 §3): Kamailio finds no part whose
 * type has parameters.
 */
function xmlPart(type: string, id: string, document: string): BodyPart {
  return {
    headers: [
      { name: 'Content-Type', value: type },
      { name: 'Content-ID', value: `<${id}>` },
      { name: 'Content-Disposition', value: 'by-reference;handling=optional' },
    ],
    body: new TextEncoder().encode(document),
  };
}

/** RFC 8876 §4.1: the sender is the sender's URI, and the scope is private. */
function capOf({ from, target, language, places }: SipSettings, report: Report): string {
  const scope = { type: 'Private', addresses: [target] } as const;
  return encodeCap(capMessageOf(report, { sender: from, scope, language, places }));
}

/** Where it happened. For a report that is not an alert: where the site is. */
function locationOf({ from, places }: SipSettings, { alert, occurredMs }: Report, nowMs: WallMs): string {
  const building = alert === undefined ? undefined : places.buildings.get(alert.building);
  const address: Partial<CivicAddress> = building?.address ?? places.address ?? {};
  const inside =
    alert === undefined
      ? {}
      : { building: building?.name ?? alert.building, floor: alert.floor, room: alert.room, more: alert.place };
  return encodePidfLo({
    entity: from,
    id: `at-${alert?.device ?? places.gateway}`,
    civic: { ...address, name: places.site, ...inside },
    ...(building?.position === undefined ? {} : { circle: building.position }),
    timestampMs: occurredMs,
    retentionMs: nowMs + RETENTION_MS,
  });
}

/** `gw.example.com` of `sip:gw1@gw.example.com:5061`. */
function hostOf(uri: string): string {
  return /@([^:;]+)/.exec(uri)?.[1] ?? 'callpoint.invalid';
}
