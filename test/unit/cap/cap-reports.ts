import type { Report, ReportedAlert } from '../../../gateway/core/report.ts';
import type { CapSource } from '../../../gateway/paths/cap-report.ts';
import type { SitePlaces } from '../../../gateway/paths/site-places.ts';

export const places: SitePlaces = {
  site: 'Northfield School',
  gateway: 'gw-1',
  address: { country: 'US', region: 'IL', city: 'Springfield', street: 'Elm Street', number: '12', postcode: '62704' },
  buildings: new Map([
    [
      'A',
      {
        name: 'Main building',
        position: { latitude: 39.781721, longitude: -89.650148, radius: 80 },
        floors: new Map([['1', 'Floor 1']]),
        rooms: new Map([['101', 'Reception']]),
      },
    ],
  ]),
};

export const source: CapSource = {
  sender: 'gw-1@northfield.example',
  scope: { type: 'Restricted', restriction: 'For those who answer alarms' },
  language: 'en-US',
  places,
};

const alert: ReportedAlert = {
  id: 'wb-101.5.17',
  kind: 'intruder',
  kindName: 'Intruder',
  category: 'Security',
  action: 'lockdown',
  device: 'wb-101',
  building: 'A',
  floor: '1',
  room: '101',
  place: 'Main building, Floor 1, Rm 101 Reception',
  authenticated: true,
  doors: [
    { id: 'door-102', name: 'Rm 102 Office', state: 'open' },
    { id: 'door-103', name: 'Rm 103 <Lab> & Store', state: 'closedUnlocked' },
  ],
  earlier: [],
};

const occurredMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export const alarm: Report & { readonly alert: ReportedAlert } = {
  id: alert.id,
  class: 'alarm',
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 101,
  area: 1,
  text: 'Intruder, Main building, Floor 1, Rm 101 Reception',
  alert,
  occurredMs,
};

const told = { id: alarm.id, occurredMs };

export const update: Report = {
  ...alarm,
  id: `${alert.id}.doors.1`,
  class: 'update',
  alert: { ...alert, doors: [], earlier: [told] },
  occurredMs: occurredMs + 20_000,
};

const earlier = [told, { id: update.id, occurredMs: update.occurredMs }];

export const cancel: Report = {
  ...alarm,
  id: `${alert.id}.cancel`,
  class: 'cancel',
  sia: 'OC',
  contactId: '406',
  text: `Cancelled: ${alarm.text}`,
  alert: { ...alert, earlier, by: 'desk', reason: 'pressed by mistake' },
  occurredMs: occurredMs + 60_000,
  follows: alarm.id,
};

export const restore: Report = {
  ...alarm,
  id: `${alert.id}.restore`,
  class: 'restore',
  sia: 'HR',
  qualifier: 3,
  text: `Resolved: ${alarm.text}`,
  alert: { ...alert, earlier, by: 'desk', reason: 'police left' },
  occurredMs: occurredMs + 3_600_000,
  follows: alarm.id,
};

const { alert: _, ...withoutAlert } = alarm;

export const trouble: Report = {
  ...withoutAlert,
  id: 'trouble.deviceMissing.wb-101.3',
  class: 'trouble',
  sia: 'YX',
  contactId: '380',
  text: 'Wall button wb-101 is missing',
};

export const troubleRestore: Report = {
  ...trouble,
  id: `${trouble.id}.restore`,
  class: 'troubleRestore',
  sia: 'YZ',
  qualifier: 3,
  text: `Restored: ${trouble.text}`,
  follows: trouble.id,
};

export const periodicTest: Report = {
  ...withoutAlert,
  id: 'test.central.9',
  class: 'test',
  sia: 'RP',
  contactId: '602',
  zone: 0,
  area: 0,
  text: 'TEST: periodic test',
  exercise: 'test',
};

export const drill: Report = { ...alarm, text: `DRILL: ${alarm.text}`, exercise: 'drill' };
