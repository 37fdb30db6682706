import { crc16Arc } from '../../protocol/crc16.ts';

/** The spellings of an answer by receivers in the field. */
export type Spelling = (typeof SPELLINGS)[number];

export const SPELLINGS = [
  'noAccount',
  'leadingZeros',
  'lowerCaseAccount',
  'noReceiver',
  'lineBeforeReceiver',
  'noBrackets',
  'withTime',
  'withoutTime',
  'lowerCaseHex',
  'noEnd',
  'endsWithLf',
  'endsWithCrLf',
  'endsWithNul',
] as const;

/** Returns the same answer in another spelling, with matching CRC and length. */
export function spelled(answer: Uint8Array, spelling: Spelling, time: string): Uint8Array {
  const proper = Buffer.from(answer).toString('latin1').slice(9, -1);
  const body = BODIES[spelling]?.(proper, time) ?? proper;
  const head = `${hex4(crc16Arc(Buffer.from(body, 'latin1')))}${hex4(body.length)}`;
  const end = ENDS[spelling] ?? '\r';
  return Buffer.from(`\n${spelling === 'lowerCaseHex' ? head.toLowerCase() : head}${body}${end}`, 'latin1');
}

const BODIES: Readonly<Partial<Record<Spelling, (body: string, time: string) => string>>> = {
  noAccount: (body) => body.replace(/#[0-9A-Fa-f]+/, ''),
  leadingZeros: (body) => body.replace('#', '#0000'),
  lowerCaseAccount: (body) => body.replace(/#[0-9A-Fa-f]+/, (account) => account.toLowerCase()),
  // pysiaalarm 3.1 sends this where the request has no R field.
  noReceiver: (body) => body.replace(/(\d)R[0-9A-Fa-f]*L/, '$1NoneL'),
  // pysiaalarm sends this NAK to a frame it cannot read.
  lineBeforeReceiver: (body) => body.replace(/(R[0-9A-Fa-f]+)(L[0-9A-Fa-f]+)(?=[#A])/, '$2$1'),
  noBrackets: (body) => body.replace('[]', ''),
  withTime: (body, time) => (body.endsWith('[]') ? `${body}_${time}` : body),
  withoutTime: (body) => body.replace(/\[\]_.*$/, '[]'),
};

const ENDS: Readonly<Partial<Record<Spelling, string>>> = {
  noEnd: '',
  endsWithLf: '\n',
  endsWithCrLf: '\r\n',
  endsWithNul: '\r\0',
};

function hex4(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0');
}
