import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { pdfPrintout } from '../../../gateway/print/pdf-printout.ts';
import { saying } from './printouts.ts';

/** pdfkit numbers a font each time that it reads one, and keeps the number of the first time. */
test('each font is read from its file once, not again for each text', async () => {
  const options = { paper: 'letter', madeAt: new Date(0), spell: (text: string) => text } as const;
  const { stream, drawn } = pdfPrintout(saying('Rm 101'), options);
  const [file] = await Promise.all([buffer(stream), drawn]);
  const names = [...file.toString('latin1').matchAll(/\/F(\d+) \d+ 0 R/g)].map(([, number]) => number);
  expect([...new Set(names)].sort()).toEqual(['1', '2']);
});
