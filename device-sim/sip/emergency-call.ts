import { headerValue, type SipRequest } from '../../protocol/sip/message.ts';
import { type BodyPart, parseMultipart } from '../../protocol/sip/multipart.ts';

/** What a MESSAGE by RFC 8876 brings. */
export interface EmergencyCall {
  /** Request-URI. */
  readonly target: string;
  readonly from: string;
  readonly callId: string;
  readonly cap: string;
  /** CAP's `identifier`: the same in every repeat. */
  readonly identifier: string;
  readonly status: string;
  readonly msgType: string;
  readonly headline: string;
  /** PIDF-LO; absent: the message has no Geolocation. */
  readonly location?: string;
}

/**
 * Reads it as a receiver does, by what the headers point to; a number is the AlertMsg-Error (RFC
 * 8876 §5.1) of what can't be read.
 */
export function readCall(request: SipRequest): EmergencyCall | number {
  const parts = parseMultipart(headerValue(request, 'Content-Type') ?? '', request.body);
  const callInfo = headerValue(request, 'Call-Info') ?? '';
  if (!/;\s*purpose\s*=\s*EmergencyCallData\.cap\b/i.test(callInfo)) return 102;
  const cap = documentOf(parts, callInfo, 'application/EmergencyCallData.cap+xml');
  if (cap === undefined) return 101;
  const identifier = elementOf(cap, 'identifier');
  if (!cap.includes('urn:oasis:names:tc:emergency:cap:1.2') || identifier === '') return 103;
  const geolocation = headerValue(request, 'Geolocation');
  const location = geolocation && documentOf(parts, geolocation, 'application/pidf+xml');
  return {
    target: request.uri,
    from: headerValue(request, 'From') ?? '',
    callId: headerValue(request, 'Call-ID') ?? '',
    cap,
    identifier,
    status: elementOf(cap, 'status'),
    msgType: elementOf(cap, 'msgType'),
    headline: elementOf(cap, 'headline'),
    ...(location === undefined ? {} : { location }),
  };
}

/** The part that `<cid:…>` names, if it is of that type. */
function documentOf(parts: readonly BodyPart[] = [], pointer: string, type: string): string | undefined {
  const [, id] = /<cid:([^>]+)>/i.exec(pointer) ?? [];
  const part = parts.find((one) => partHeader(one, 'Content-ID') === `<${id}>`);
  const [found = ''] = (part && partHeader(part, 'Content-Type'))?.split(';') ?? [];
  return part !== undefined && found.trim() === type ? new TextDecoder().decode(part.body) : undefined;
}

function partHeader({ headers }: BodyPart, name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value;
}

/** Text of the first element of that name, as written. */
function elementOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}
