import { choice, flag, label, latin, mapping, text } from '../fields/fields.ts';

const eventCode = (about: string) => text(/^[A-Z]{2}$/, 'a two-letter SIA code in capitals, such as PA', about);

/** The mapping under `kinds:`, by name. */
export const kind = mapping(
  {
    name: label('Plain language, for example Lockdown.').optional(),
    latin,
    sia: eventCode(
      'SIA DC-03 event code of the alarm: PA panic, HA hold-up, MA medical, FA fire, QA assistance.',
    ).optional(),
    restore: eventCode('SIA DC-03 code of its end; default: the alarm code with R for A.').optional(),
    contactId: text(
      /^\d{3}$/,
      'a three-digit Contact ID code, such as "120"',
      'Contact ID (SIA DC-05) event code: 120 panic, 122 silent panic, 100 medical, 110 fire, 101 assistance.',
    ).optional(),
    silent: flag('True: nothing at the wall or in the room may reveal the press. Default false.').optional(),
    category: choice(
      ['Safety', 'Security', 'Rescue', 'Fire', 'Health', 'Other'],
      'Category in CAP messages. Default Security.',
    ).optional(),
    action: choice(
      ['lockdown', 'secure', 'evacuate', 'none'],
      'What people should do. With lockdown and secure the alert lists the doors that are not secured. Default none.',
    ).optional(),
  },
  '{ name: Lockdown, sia: PA, contactId: "120" }',
);
