import { civilTime } from '../wall-time.ts';
import { element, textElement } from './xml.ts';

/**
 * OASIS Common Alerting Protocol 1.2 (ITU-T X.1303 bis), as far as a panic alarm needs it. Clauses
 * are those of OASIS CAP-v1.2-os.
 */
export interface CapMessage {
  /**
   * Unique for its sender, and the same on each retry (§3.2.1). A space, comma, `<` or `&` becomes
   * `_`.
   */
  readonly identifier: string;
  /** Unique in the world. The same characters are replaced as in `identifier`. */
  readonly sender: string;
  /** Ms since 1970 UTC. The wire has whole seconds. */
  readonly sentMs: number;
  /** Receivers act on `Actual` only. `System` is about the alarm system itself. */
  readonly status: 'Actual' | 'Exercise' | 'System' | 'Test';
  /** `Update` and `Cancel` need `references`. */
  readonly msgType: 'Alert' | 'Update' | 'Cancel';
  readonly scope: CapScope;
  readonly note?: string;
  /** Every earlier message about the same event, oldest first. */
  readonly references: readonly CapReference[];
  /** Names the incident that several messages are about. */
  readonly incident?: string;
  readonly info: CapInfo;
}

export type CapScope =
  | { readonly type: 'Restricted'; readonly restriction: string }
  | { readonly type: 'Private'; readonly addresses: readonly string[] };

/** Names an earlier message. It must be coded exactly as in that message. */
export interface CapReference {
  readonly sender: string;
  readonly identifier: string;
  readonly sentMs: number;
}

export interface CapInfo {
  /** RFC 3066, e.g. `en-US`. */
  readonly language: string;
  readonly category: 'Safety' | 'Security' | 'Rescue' | 'Fire' | 'Health' | 'Infra' | 'Other';
  readonly event: string;
  readonly responseType: 'Shelter' | 'Evacuate' | 'Assess' | 'AllClear' | 'None';
  readonly urgency: 'Immediate' | 'Expected' | 'Past' | 'Unknown';
  readonly severity: 'Extreme' | 'Severe' | 'Minor';
  readonly certainty: 'Observed' | 'Likely';
  readonly eventCodes: readonly CapValue[];
  readonly senderName: string;
  /** At most 160 characters (§3.2.2). */
  readonly headline: string;
  readonly description: string;
  readonly parameters: readonly CapValue[];
  readonly area: CapArea;
}

export interface CapValue {
  readonly valueName: string;
  readonly value: string;
}

export interface CapArea {
  readonly areaDesc: string;
  /** WGS 84; `radius` in metres. */
  readonly circle?: { readonly latitude: number; readonly longitude: number; readonly radius: number };
}

export const CAP_NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2';

/**
 * Returns the XML document, with its elements in the order of the schema (§3.4). The same message
 * always gives the same characters.
 */
export function encodeCap(message: CapMessage): string {
  const { status, msgType, note, references, incident, info } = message;
  const children = [
    textElement('identifier', capName(message.identifier)),
    textElement('sender', capName(message.sender)),
    textElement('sent', capTime(message.sentMs)),
    textElement('status', status),
    textElement('msgType', msgType),
    scopeElements(message.scope),
    textElement('note', note),
    textElement('references', references.map(capReference).join(' ')),
    textElement('incidents', incident === undefined ? undefined : capName(incident)),
    infoElement(info),
  ];
  const alert = `<alert xmlns="${CAP_NAMESPACE}">\n${children.join('')}</alert>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${alert}`;
}

function scopeElements(scope: CapScope): string {
  const detail =
    scope.type === 'Restricted'
      ? textElement('restriction', scope.restriction)
      : textElement('addresses', scope.addresses.map(quoted).join(' '));
  return textElement('scope', scope.type) + detail;
}

/** §3.2.1: spaces separate addresses. An address with a space is in quotes. */
function quoted(address: string): string {
  return /\s/.test(address) ? `"${address}"` : address;
}

function infoElement(info: CapInfo): string {
  return element(
    'info',
    textElement('language', info.language),
    textElement('category', info.category),
    textElement('event', info.event),
    textElement('responseType', info.responseType),
    textElement('urgency', info.urgency),
    textElement('severity', info.severity),
    textElement('certainty', info.certainty),
    ...info.eventCodes.map((code) => valueElement('eventCode', code)),
    textElement('senderName', info.senderName),
    textElement('headline', info.headline),
    textElement('description', info.description),
    ...info.parameters.map((parameter) => valueElement('parameter', parameter)),
    areaElement(info.area),
  );
}

function valueElement(name: string, { valueName, value }: CapValue): string {
  if (valueName === '' || value === '') return '';
  return element(name, textElement('valueName', valueName), textElement('value', value));
}

function areaElement({ areaDesc, circle }: CapArea): string {
  const around =
    circle === undefined
      ? undefined
      : `${decimal(circle.latitude, 6)},${decimal(circle.longitude, 6)} ${decimal(circle.radius / 1000, 3)}`;
  return element('area', textElement('areaDesc', areaDesc), textElement('circle', around));
}

/** Writes a number without an exponent. `String` would write one for a small number. */
function decimal(value: number, places: number): string {
  return value.toFixed(places).replace(/\.?0+$/, '');
}

/** Replaces what `identifier` and `sender` may not contain (§3.2.1): space, comma, `<` and `&`. */
function capName(name: string): string {
  return name.replace(/[\s,<&\p{Cc}]/gu, '_');
}

/**
 * Writes `YYYY-MM-DDThh:mm:ss-00:00`. UTC is `-00:00`; `Z` and fractions are not valid (§3.3.2).
 */
export function capTime(wallMs: number): string {
  const t = civilTime(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${String(t.year).padStart(4, '0')}-${two(t.month)}-${two(t.day)}`;
  return `${date}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}-00:00`;
}

/** Writes `sender,identifier,sent`, each exactly as in the message it refers to. */
export function capReference({ sender, identifier, sentMs }: CapReference): string {
  return `${capName(sender)},${capName(identifier)},${capTime(sentMs)}`;
}
