import type { Block } from '../print/printout.ts';

/**
 * What the forms of the states ask after a drill and no gateway can know: among them Washington's
 * Emergency Drill Reporting Form (SSB 5097), Maryland's Drill and Evacuation Log (COMAR) and
 * Michigan's School Emergency Drills Documentation Form. Date, time and duration are on top of the
 * report.
 */
export const DRILL_FORM: readonly Block[] = [
  { kind: 'heading', text: 'To be filled in by hand' },
  {
    kind: 'choices',
    label: 'Type of drill',
    options: ['Lockdown', 'Secure', 'Evacuation', 'Shelter in place', 'Medical', 'Other: ____________'],
  },
  {
    kind: 'choices',
    label: 'Situation at its start',
    options: ['Class time', 'Passing time', 'Lunch or recess', 'Before school', 'After school', 'Other: ____________'],
  },
  { kind: 'choices', label: 'Announced before', options: ['Yes', 'No'] },
  {
    kind: 'choices',
    label: 'Taking part',
    options: ['Students', 'Staff', 'Law enforcement', 'Fire department', 'Medical service', 'Other: ____________'],
  },
  {
    kind: 'choices',
    label: 'Problems',
    options: [
      'Alarm not heard',
      'Doors not locked',
      'Persons unaccounted for',
      'Radio or telephone',
      'Instructions not known',
      'None',
    ],
  },
  {
    kind: 'blanks',
    fields: [
      { label: 'Weather' },
      { label: 'Persons: students / staff / visitors' },
      { label: 'Time until all were secured or out' },
      { label: 'Agencies and officials told or present' },
      { label: 'Observations and problems', lines: 3 },
      { label: 'What will be improved, by whom, until when', lines: 3 },
    ],
  },
];
