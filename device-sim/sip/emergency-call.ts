import { headerValue, type SipRequest } from '../../protocol/sip/message.ts';
import { type BodyPart, parseMultipart } from '../../protocol/sip/multipart.ts';

/** The content of a MESSAGE by RFC 8876. */
export interface EmergencyCall {
  /** Request-URI. */
  readonly target: string;
  readonly from: string;
  readonly callId: string;
  readonly cap: string;
  /** CAP's `identifier`, which is the same in every repeat. */
  readonly identifier: string;
  readonly status: string;
  readonly msgType: string;
  readonly headline: string;
  /** PIDF-LO; absent if the message has no Geolocation. */
  readonly location?: string;
}

/**
 * Reads the message as a receiver does, following the references in its headers. If it cannot be
 * read, returns the number for AlertMsg-Error (RFC 8876 §5.1).
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

/** Returns the part that `<cid:…>` names, if it is of that type. */
function documentOf(parts: readonly BodyPart[] = [], pointer: string, type: string): string | undefined {
  const [, id] = /<cid:([^>]+)>/i.exec(pointer) ?? [];
  const part = parts.find((one) => partHeader(one, 'Content-ID') === `<${id}>`);
  const [found = ''] = (part && partHeader(part, 'Content-Type'))?.split(';') ?? [];
  return part !== undefined && found.trim() === type ? new TextDecoder().decode(part.body) : undefined;
}

function partHeader({ headers }: BodyPart, name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value;
}

/** Returns the text of the first element of that name, as written. */
function elementOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}
