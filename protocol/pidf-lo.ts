import { element, textElement, xmlText } from './cap/xml.ts';
import { isoTime } from './wall-time.ts';

/**
 * A location as SIP carries it: PIDF-LO (RFC 4119), civic addresses by RFC 5139, circles by RFC
 * 5491.
 */
interface PidfLocation {
  /** URI of the entity at the location (RFC 3863 §4.1.1). */
  readonly entity: string;
  /** Letters, digits, `.`, `-` and `_`. It begins with a letter (an XML name). */
  readonly id: string;
  readonly civic: CivicLocation;
  /** WGS 84 degrees; radius in metres. */
  readonly circle?: { readonly latitude: number; readonly longitude: number; readonly radius: number };
  /** Time of the location, ms since 1970 UTC. */
  readonly timestampMs: number;
  /** Time after which no recipient may keep it. */
  readonly retentionMs: number;
}

/** A civic address. Unknown parts are left out. */
interface CivicLocation {
  /** ISO 3166-1, two capitals. */
  readonly country?: string;
  /** State or province (A1), city (A3). */
  readonly region?: string;
  readonly city?: string;
  readonly street?: string;
  readonly number?: string;
  readonly postcode?: string;
  /** Name of the place: "Northfield School". */
  readonly name?: string;
  readonly building?: string;
  readonly floor?: string;
  readonly room?: string;
  /** Additional information as text. */
  readonly more?: string;
}

const NAMESPACES = [
  'xmlns="urn:ietf:params:xml:ns:pidf"',
  'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"',
  'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"',
  'xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"',
  'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"',
  'xmlns:gml="http://www.opengis.net/gml"',
  'xmlns:gs="http://www.opengis.net/pidflo/1.0"',
].join(' ');

/** Returns the XML document. People entered the place: method `Manual` (RFC 4119 §6.1). */
export function encodePidfLo(location: PidfLocation): string {
  const { entity, id, civic, circle, timestampMs, retentionMs } = location;
  const place = element('gp:location-info', circle === undefined ? '' : circleElement(circle), civicElement(civic));
  const rules = element(
    'gp:usage-rules',
    // The receiver sends responders there, so it must be free to pass the location on.
    textElement('gbp:retransmission-allowed', 'true'),
    textElement('gbp:retention-expiry', isoTime(retentionMs)),
  );
  const device = [
    element('gp:geopriv', place, rules, textElement('gp:method', 'Manual')),
    textElement('dm:deviceID', entity),
    textElement('dm:timestamp', isoTime(timestampMs)),
  ].join('');
  const presence = `<presence ${NAMESPACES} entity="${attribute(entity)}">`;
  const body = `<dm:device id="${attribute(id)}">\n${device}</dm:device>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${presence}\n${body}</presence>\n`;
}

/** RFC 5491 §3.4: if there are both, the position comes before the address that refines it. */
function circleElement({ latitude, longitude, radius }: NonNullable<PidfLocation['circle']>): string {
  return [
    '<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326">\n',
    textElement('gml:pos', `${latitude.toFixed(6)} ${longitude.toFixed(6)}`),
    `<gs:radius uom="urn:ogc:def:uom:EPSG::9001">${radius.toFixed(1)}</gs:radius>\n`,
    '</gs:Circle>\n',
  ].join('');
}

/** The elements in the order of the schema (RFC 5139 §4). */
function civicElement(civic: CivicLocation): string {
  return element(
    'ca:civicAddress',
    textElement('ca:country', civic.country),
    textElement('ca:A1', civic.region),
    textElement('ca:A3', civic.city),
    textElement('ca:RD', civic.street),
    textElement('ca:HNO', civic.number),
    textElement('ca:LOC', civic.more),
    textElement('ca:FLR', civic.floor),
    textElement('ca:NAM', civic.name),
    textElement('ca:PC', civic.postcode),
    textElement('ca:BLD', civic.building),
    textElement('ca:ROOM', civic.room),
  );
}

function attribute(text: string): string {
  return xmlText(text).replaceAll('"', '&quot;');
}
