import type { Report, ReportClass } from './report.ts';
import type { AlertKind, Button, Device } from './site.ts';
import { TROUBLE_TYPES, type TroubleTypeName } from './trouble-types.ts';

/** Contact ID 406 / SIA OC: cancel by a user. */
const CANCEL = { sia: 'OC', contactId: '406' } as const;
const UNTYPED = { sia: 'YX', siaRestore: 'YZ', contactId: '380' } as const;
/** Contact ID 602 / SIA RP: periodic test. */
const PERIODIC_TEST = { sia: 'RP', contactId: '602' } as const;

export interface AlarmFacts {
  readonly id: string;
  readonly kind: AlertKind;
  readonly device: Device;
  readonly button: Button;
  readonly authenticated: boolean;
  readonly occurredMs: number;
}

/** Plain language, most important first. What proved nothing about its sender says so. */
export function alarmReport(facts: AlarmFacts): Report {
  const doubt = facts.authenticated ? '' : ' (unauthenticated)';
  return {
    id: facts.id,
    class: 'alarm',
    sia: facts.kind.sia,
    contactId: facts.kind.contactId,
    qualifier: 1,
    zone: facts.button.zone,
    area: facts.device.area,
    text: `${facts.kind.name}, ${facts.device.location.text}${doubt}`,
    occurredMs: facts.occurredMs,
  };
}

/** Tells the receivers that the alert of `alarm` is over: a restore when resolved, a cancel when it was raised in error. */
export function closingReport(alarm: Report, kind: AlertKind, state: 'resolved' | 'cancelled', atMs: number): Report {
  const resolved = state === 'resolved';
  return {
    ...alarm,
    id: `${alarm.id}.${resolved ? 'restore' : 'cancel'}`,
    class: resolved ? 'restore' : 'cancel',
    sia: resolved ? kind.siaRestore : CANCEL.sia,
    contactId: resolved ? kind.contactId : CANCEL.contactId,
    qualifier: resolved ? 3 : 1,
    text: `${resolved ? 'Resolved' : 'Cancelled'}: ${alarm.text}`,
    occurredMs: atMs,
    follows: alarm.id,
  };
}

export interface TroubleFacts {
  readonly id: string;
  readonly type: TroubleTypeName;
  readonly text: string;
  readonly zone: number;
  readonly area: number;
  readonly occurredMs: number;
}

/** The id of the report a trouble, its end or a notice is told with. */
export function troubleReportId({ id, state }: { readonly id: string; readonly state: string }): string {
  return state === 'restored' ? `${id}.restore` : id;
}

export function troubleReport(facts: TroubleFacts, state: 'standing' | 'restored'): Report {
  // A trouble kept by another version of the gateway may be of a type this one does not know.
  const type = Object.hasOwn(TROUBLE_TYPES, facts.type) ? TROUBLE_TYPES[facts.type] : UNTYPED;
  const restored = state === 'restored';
  const reportClass: ReportClass = restored ? 'troubleRestore' : 'trouble';
  return {
    id: troubleReportId({ id: facts.id, state }),
    class: reportClass,
    sia: restored ? type.siaRestore : type.sia,
    contactId: type.contactId,
    qualifier: restored ? 3 : 1,
    zone: facts.zone,
    area: facts.area,
    text: restored ? `Restored: ${facts.text}` : facts.text,
    occurredMs: facts.occurredMs,
    ...(restored ? { follows: facts.id } : {}),
  };
}

export function periodicTestReport(id: string, occurredMs: number): Report {
  return {
    id,
    class: 'test',
    ...PERIODIC_TEST,
    qualifier: 1,
    zone: 0,
    area: 0,
    text: 'TEST: periodic test',
    exercise: 'test',
    occurredMs,
  };
}
