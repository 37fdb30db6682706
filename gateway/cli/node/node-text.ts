import type { NodeBoard, NodeContacts } from '../../../protocol/node-service/node-answers.ts';

interface Names {
  readonly buttonNames: readonly string[];
  readonly pointNames: readonly string[];
}

export function boardText({ name, firmware, buttonsMax, pointsMax }: NodeBoard, port: string): string {
  return `Wall node on ${port}: board ${name}, firmware ${firmware}, ${buttonsMax} buttons, ${pointsMax} points.`;
}

const UNITS: Readonly<Record<string, string>> = { heartbeat: ' s', baud: ' Bd', 'low-battery': ' mV' };

/** One row for each setting. `names`: of the device's buttons and points, if it is known. */
export function settingRows(settings: ReadonlyMap<string, string>, names?: Names): string[] {
  return [...settings].map(([name, value]) => {
    const list = { buttons: names?.buttonNames, points: names?.pointNames }[name] ?? [];
    const notes = name === 'key' && names !== undefined ? ['that of keys.yaml'] : list;
    const more = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
    return `  ${name.padEnd(16)}${valueText(name, value)}${more}`;
  });
}

function valueText(name: string, value: string): string {
  if (name === 'key') return value.replace(/^check /, 'check value ');
  if (name === 'low-battery' && value === '0') return 'no battery';
  return `${value}${UNITS[name] ?? ''}`;
}

export function contactsText({ isCoverOn, buttons, points }: NodeContacts): string {
  const closed = [...buttons.map((n) => `button ${n}`), ...points.map((n) => `point ${n}`)];
  return `${closed.length === 0 ? 'no contact is closed' : `closed: ${closed.join(', ')}`}; cover ${isCoverOn ? 'on' : 'off'}`;
}
