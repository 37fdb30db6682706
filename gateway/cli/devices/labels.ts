import { type DrillScope, scopeText } from '../../../protocol/drill-scope.ts';
import { findDevice } from '../../config/edit/device-edits.ts';
import { refused } from '../../config/edit/rooms.ts';
import { SiteEdit } from '../../config/edit/site-edit.ts';
import { latinLetters } from '../../config/fields/latin-spelling.ts';
import { readSiteWithoutKeys } from '../../config/load.ts';
import { htmlPrintout } from '../../print/html-printout.ts';
import type { Printout } from '../../print/printout.ts';
import { dataDirectory } from '../site-options.ts';
import { labelSheet, labelsOf } from './label-sheet.ts';
import { deliver, type OutputOptions } from './output-file.ts';

export interface LabelOptions extends OutputOptions {
  readonly scope?: DrillScope;
  readonly showKeys?: boolean;
  readonly paper?: 'letter' | 'a4';
}

/** `callpoint devices labels`: a PDF if the name of the file ends so, else HTML. */
export async function writeLabels(options: LabelOptions, out: (line: string) => void): Promise<void> {
  const { scope = { kind: 'site' }, showKeys = false, output = '', paper = 'letter' } = options;
  const edit = SiteEdit.read(options.config, dataDirectory(options));
  const built = readSiteWithoutKeys(options.config);
  const labels = labelsOf(edit.site, scope, {
    keyOf: (device) => (showKeys ? edit.secretOf('devices', device) : undefined),
    hasLight: (device) =>
      findDevice(edit, device).driver === 'button-bus' && built?.devices.get(device)?.silent === false,
  });
  if (labels.length === 0) throw refused(`${scopeText(scope)} has no devices: callpoint devices export lists them.`);
  const madeAt = new Date();
  const sheet = labelSheet(edit.site.site.name, labels, madeAt.toLocaleDateString('en-GB', { dateStyle: 'long' }));
  const isPdf = /\.pdf$/i.test(output);
  deliver(isPdf ? await pdfOf(sheet, paper, madeAt) : [...htmlPrintout(sheet)].join(''), options, out, { labels });
}

async function pdfOf(sheet: Printout, paper: 'letter' | 'a4', madeAt: Date): Promise<Buffer> {
  // pdfkit and its fonts are loaded for a PDF only.
  const { pdfPrintout } = await import('../../print/pdf-printout.ts');
  const { stream, drawn } = pdfPrintout(sheet, { paper, madeAt, spell: latinLetters });
  const pieces: Buffer[] = [];
  // The drawing ends the stream.
  const [written] = await Promise.all([collected(stream, pieces), drawn]);
  return written;
}

async function collected(stream: NodeJS.ReadableStream, pieces: Buffer[]): Promise<Buffer> {
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
