import { crc16Arc } from '../../protocol/crc16.ts';

/** How receivers in the field write an answer. */
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

/** The same answer in another spelling; its CRC and length fit. */
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
  // pysiaalarm 3.1 where the request has no R field.
  noReceiver: (body) => body.replace(/(\d)R[0-9A-Fa-f]*L/, '$1NoneL'),
  // pysiaalarm's NAK to what it can't read.
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
