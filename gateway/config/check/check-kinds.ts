import { BUILT_IN_KINDS } from '../fields/kinds.ts';
import type { View } from '../read/view.ts';

/** DC-03 alarm codes. A receiver's software sorts by them. */
const ALARM_CODES: readonly string[] = [
  'BA',
  'EA',
  'FA',
  'GA',
  'HA',
  'JA',
  'KA',
  'MA',
  'PA',
  'QA',
  'SA',
  'UA',
  'WA',
  'ZA',
];
/** DC-03 codes that mean "this is a test". A real press must never carry one. */
const TEST_CODES: readonly string[] = ['RP', 'RX', 'RR', 'TS', 'TE', 'TX', 'TP', 'TC'];

/** The ids of all kinds. */
export function checkKinds(site: View): readonly string[] {
  const written = site.child('kinds');
  const builtIn = BUILT_IN_KINDS.map((kind) => kind.id);
  for (const id of written.keys()) {
    const kind = written.child(id);
    if (!builtIn.includes(id)) checkComplete(written, id, kind);
    checkCodes(kind);
  }
  return [...new Set([...builtIn, ...written.keys()])];
}

function checkComplete(written: View, id: string, kind: View): void {
  const missing = ['name', 'sia', 'contactId'].filter((key) => !kind.has(key));
  if (missing.length > 0) {
    const hint = 'write it in full, such as { name: Lockdown, sia: PA, contactId: "120" }';
    written.wrongName(id, `the kind ${id} is not built in and lacks ${missing.join(', ')}`, hint);
  }
}

function checkCodes(kind: View): void {
  const sia = kind.text('sia');
  const contactId = kind.text('contactId');
  if (sia !== undefined && TEST_CODES.includes(sia)) {
    kind.wrong('sia', `${sia} tells the receiver that this is a test`, 'write an alarm code: PA, HA, MA, FA or QA');
  } else if (sia !== undefined && !ALARM_CODES.includes(sia)) {
    kind.warn('sia', `${sia} is not a usual alarm code`, 'ask the monitoring centre whether it raises an alarm there');
  }
  if (contactId?.startsWith('6')) {
    kind.wrong(
      'contactId',
      `${contactId} tells the receiver that this is a test`,
      'write an alarm code: "100" to "199"',
    );
  } else if (contactId !== undefined && !contactId.startsWith('1')) {
    kind.warn(
      'contactId',
      `${contactId} is not an alarm code`,
      'ask the monitoring centre whether it raises an alarm there',
    );
  }
  const restore = kind.text('restore');
  if (sia !== undefined && restore === sia) {
    kind.wrong('restore', 'alarm and restore have the same code', 'write the restore code, such as PR for PA');
  }
}
