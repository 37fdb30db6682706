import type { FuzzTarget } from './target.ts';
import { bleTargets } from './targets/ble.ts';
import { buttonBusTargets } from './targets/button-bus.ts';
import { commandTargets } from './targets/commands.ts';
import { dc09Targets } from './targets/dc09.ts';
import { documentTargets } from './targets/documents.ts';
import { httpsTargets } from './targets/https.ts';
import { journalTargets } from './targets/journal.ts';
import { mqttTargets } from './targets/mqtt.ts';
import { pagingTargets } from './targets/paging.ts';
import { radioTargets } from './targets/radio.ts';
import { serialModuleTargets } from './targets/serial-modules.ts';
import { sipTargets } from './targets/sip.ts';
import { siteTargets } from './targets/site.ts';
import { smsTargets } from './targets/sms.ts';

/** A file of targets, so that a thread loads no code of others. */
interface Family {
  readonly file: string;
  readonly targets: readonly FuzzTarget[];
}

const families: readonly Family[] = [
  { file: './targets/ble.ts', targets: bleTargets },
  { file: './targets/button-bus.ts', targets: buttonBusTargets },
  { file: './targets/commands.ts', targets: commandTargets },
  { file: './targets/dc09.ts', targets: dc09Targets },
  { file: './targets/documents.ts', targets: documentTargets },
  { file: './targets/https.ts', targets: httpsTargets },
  { file: './targets/journal.ts', targets: journalTargets },
  { file: './targets/mqtt.ts', targets: mqttTargets },
  { file: './targets/paging.ts', targets: pagingTargets },
  { file: './targets/radio.ts', targets: radioTargets },
  { file: './targets/serial-modules.ts', targets: serialModuleTargets },
  { file: './targets/sip.ts', targets: sipTargets },
  { file: './targets/site.ts', targets: siteTargets },
  { file: './targets/sms.ts', targets: smsTargets },
];

export const targets: readonly FuzzTarget[] = families.flatMap((family) => family.targets);

/** The file that a target is in, from this folder. */
export function fileOf({ name }: FuzzTarget): string {
  return families.find((family) => family.targets.some((each) => each.name === name))?.file ?? '';
}
