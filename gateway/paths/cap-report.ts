import type { CapArea, CapInfo, CapMessage, CapReference, CapScope, CapValue } from '../../protocol/cap/cap-message.ts';
import type { Report, ReportedAlert } from '../core/report.ts';
import { doorText, reportText } from '../core/report-text.ts';
import type { CivicAddress, SitePlaces } from './site-places.ts';

/** The sender of a message, and its scope. */
export interface CapSource {
  /** Unique in the world and constant. With the report's id it identifies the message. */
  readonly sender: string;
  readonly scope: CapScope;
  /** RFC 3066, e.g. `en-US`. */
  readonly language: string;
  readonly places: SitePlaces;
}

/** CAP 1.2 §3.2.2 */
const HEADLINE_LENGTH_MAX = 160;
/** More doors than any building has. The text itself has no limit. */
const DESCRIPTION_LENGTH_MAX = 20_000;

/**
 * Makes a CAP message from a report. Nothing in it depends on the time of the attempt, so a repeat
 * is the same message, and a later message can refer to it.
 */
export function capMessageOf(report: Report, source: CapSource): CapMessage {
  const { alert } = report;
  const references = referencesOf(alert, source.sender);
  const note = noteOf(report);
  // A trouble has no alert. Its restoral has the trouble's id.
  const incident = alert?.id ?? (isTrouble(report.class) ? (report.follows ?? report.id) : undefined);
  return {
    identifier: report.id,
    sender: source.sender,
    sentMs: report.occurredMs,
    status: statusOf(report),
    msgType: references.length === 0 ? 'Alert' : report.class === 'cancel' ? 'Cancel' : 'Update',
    scope: source.scope,
    ...(note === undefined ? {} : { note }),
    references,
    ...(incident === undefined ? {} : { incident }),
    info: infoOf(report, source),
  };
}

/**
 * A message that refers to no earlier message can only be an `Alert`. Then its text and `AllClear`
 * say that it is an end.
 */
function referencesOf(alert: ReportedAlert | undefined, sender: string): readonly CapReference[] {
  return (alert?.earlier ?? []).map(({ id, occurredMs }) => ({ sender, identifier: id, sentMs: occurredMs }));
}

function statusOf({ exercise, class: reportClass }: Report): CapMessage['status'] {
  if (exercise !== undefined) return exercise === 'drill' ? 'Exercise' : 'Test';
  if (reportClass === 'test') return 'Test';
  return isTrouble(reportClass) ? 'System' : 'Actual';
}

function isTrouble(reportClass: Report['class']): boolean {
  return reportClass === 'trouble' || reportClass === 'troubleRestore';
}

function noteOf({ class: reportClass, alert }: Report): string | undefined {
  if (reportClass !== 'cancel' && reportClass !== 'restore') return undefined;
  const by = alert?.by ? ` by ${alert.by}` : '';
  const why = alert?.reason ? `: ${alert.reason}` : '';
  return `${reportClass === 'cancel' ? 'Cancelled' : 'Resolved'}${by}${why}`;
}

function infoOf(report: Report, { language, places }: CapSource): CapInfo {
  const { alert } = report;
  return {
    language,
    category: alert?.category ?? (isTrouble(report.class) ? 'Infra' : 'Other'),
    event: alert?.kindName ?? eventOf(report),
    ...gravityOf(report),
    certainty: alert?.authenticated === false ? 'Likely' : 'Observed',
    eventCodes: [
      { valueName: 'SIA', value: report.sia },
      // SIA DC-05: qualifier, then event.
      { valueName: 'CID', value: `${report.qualifier}${report.contactId}` },
    ],
    senderName: `${places.site} (${places.gateway})`,
    headline: reportText(report, HEADLINE_LENGTH_MAX),
    description: reportText(report, DESCRIPTION_LENGTH_MAX),
    parameters: parametersOf(report),
    area: areaOf(alert, places),
  };
}

function eventOf({ class: reportClass, exercise }: Report): string {
  if (isTrouble(reportClass)) return 'Alarm system trouble';
  return exercise === 'drill' ? 'Drill' : 'Alarm system test';
}

type Gravity = Pick<CapInfo, 'responseType' | 'urgency' | 'severity'>;

/** The severity, and what people should do. */
function gravityOf({ class: reportClass, alert }: Report): Gravity {
  switch (reportClass) {
    case 'alarm':
    case 'update': {
      // An alert that the whole building must act on is more severe.
      const severity = alert?.action === undefined ? 'Severe' : 'Extreme';
      return { responseType: responseTo(alert), urgency: 'Immediate', severity };
    }
    case 'cancel':
    case 'restore':
    case 'troubleRestore':
      return { responseType: 'AllClear', urgency: 'Past', severity: 'Minor' };
    case 'trouble':
      return { responseType: 'Assess', urgency: 'Expected', severity: 'Minor' };
    case 'test':
      return { responseType: 'None', urgency: 'Unknown', severity: 'Minor' };
  }
}

function responseTo(alert: ReportedAlert | undefined): CapInfo['responseType'] {
  if (alert?.action === undefined) return 'Assess';
  return alert.action === 'evacuate' ? 'Evacuate' : 'Shelter';
}

/** Parameters for what CAP has no element for. Their names are those of the report. */
function parametersOf({ zone, area, alert }: Report): readonly CapValue[] {
  const values: (readonly [string, string | undefined])[] = [
    ['zone', zone === 0 ? undefined : String(zone)],
    ['partition', area === 0 ? undefined : String(area)],
  ];
  if (alert !== undefined) {
    const { kind, device, building, floor, room, authenticated } = alert;
    values.push(['kind', kind], ['device', device], ['building', building], ['floor', floor], ['room', room]);
    values.push(['authenticated', String(authenticated)]);
    for (const door of alert.doors ?? []) values.push(['doorsNotSecured', doorText(door)]);
  }
  return values.flatMap(([valueName, value]) => (value === undefined ? [] : [{ valueName, value }]));
}

function areaOf(alert: ReportedAlert | undefined, places: SitePlaces): CapArea {
  const building = alert === undefined ? undefined : places.buildings.get(alert.building);
  const address = addressLine(building?.address ?? places.address);
  const areaDesc = [alert?.place, places.site, address].filter((part) => part !== undefined).join(', ');
  return { areaDesc, ...(building?.position === undefined ? {} : { circle: building.position }) };
}

/** "Elm Street 12, 62704 Springfield, IL, US" */
function addressLine(address: CivicAddress | undefined): string | undefined {
  if (address === undefined) return undefined;
  const { street, number, postcode, city, region, country } = address;
  const together = (...parts: readonly (string | undefined)[]) => parts.filter((part) => part !== undefined).join(' ');
  return [together(street, number), together(postcode, city), together(region), country]
    .filter((part) => part !== '')
    .join(', ');
}
