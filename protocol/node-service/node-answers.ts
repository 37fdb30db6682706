/** What a node says of itself on its service port. */
export interface NodeBoard {
  readonly name: string;
  readonly protocol: number;
  readonly firmware: string;
  readonly buttonsMax: number;
  readonly pointsMax: number;
}

export interface NodeState {
  readonly settings: 'none' | 'saved' | 'changed';
  /** Epoch of the last start; absent: the memory holds none. */
  readonly epoch?: number;
  readonly supplyMillivolts?: number;
  readonly batteryMillivolts?: number;
}

/** What is closed now, by number. */
export interface NodeContacts {
  readonly isCoverOn: boolean;
  readonly buttons: readonly number[];
  readonly points: readonly number[];
}

/** The values that stand behind their names. */
function valuesOf(words: readonly string[], names: readonly string[]): readonly string[] | undefined {
  const [, ...pairs] = words;
  if (pairs.length !== 2 * names.length || names.some((name, at) => pairs[2 * at] !== name)) return undefined;
  return names.map((_, at) => pairs[2 * at + 1] ?? '');
}

/** Each returns `undefined` if the answer is none of this protocol. */
export function readBoard(words: readonly string[]): NodeBoard | undefined {
  const [kind, name = '', ...rest] = words;
  const [protocol = '', firmware = '', buttons = '', points = ''] =
    valuesOf(['', ...rest], ['protocol', 'firmware', 'buttons', 'points']) ?? [];
  if (kind !== 'board' || !/^[a-z0-9-]{1,20}$/.test(name) || !/^\d{1,3}\.\d{1,3}$/.test(firmware)) return undefined;
  const [version, buttonsMax, pointsMax] = [protocol, buttons, points].map(whole);
  if (version === undefined || buttonsMax === undefined || pointsMax === undefined) return undefined;
  return { name, protocol: version, firmware, buttonsMax, pointsMax };
}

export function readBauds(words: readonly string[]): readonly number[] | undefined {
  const [kind, list = '', ...rest] = words;
  const rates = list.split(',').map(whole);
  if (kind !== 'bauds' || rest.length > 0 || rates.some((rate) => rate === undefined)) return undefined;
  return rates.filter((rate) => rate !== undefined);
}

export function readState(words: readonly string[]): NodeState | undefined {
  const values = words[0] === 'status' ? valuesOf(words, ['settings', 'epoch', 'supply', 'battery']) : undefined;
  const [settings, ...numbers] = values ?? [];
  if (settings !== 'none' && settings !== 'saved' && settings !== 'changed') return undefined;
  if (numbers.some((text) => text !== 'none' && whole(text) === undefined)) return undefined;
  const [epoch, supply, battery] = numbers.map(whole);
  return {
    settings,
    ...(epoch !== undefined && { epoch }),
    ...(supply !== undefined && { supplyMillivolts: supply }),
    ...(battery !== undefined && { batteryMillivolts: battery }),
  };
}

export function readContacts(words: readonly string[]): NodeContacts | undefined {
  const values = words[0] === 'contacts' ? valuesOf(words, ['cover', 'buttons', 'points']) : undefined;
  const [cover, buttons = '', points = ''] = values ?? [];
  if ((cover !== 'on' && cover !== 'off') || !MASK.test(buttons) || !MASK.test(points)) return undefined;
  return { isCoverOn: cover === 'on', buttons: bitsOf(buttons), points: bitsOf(points) };
}

const MASK = /^[0-9A-F]{4}$/;

function bitsOf(mask: string): readonly number[] {
  const bits = Number.parseInt(mask, 16);
  return Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (bits >>> bit) & 1);
}

function whole(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
