import { createWriteStream, lstatSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { latinLetters } from '../../config/fields/latin-spelling.ts';
import { htmlPrintout } from '../../print/html-printout.ts';
import type { Printout } from '../../print/printout.ts';
import { jsonText } from '../json-output.ts';
import { startProgress } from '../progress.ts';
import { terminalQuestions } from '../questions.ts';
import { formatOf, type OutputOptions } from './output-options.ts';

/** A report, as data and as paper. */
interface WrittenReport {
  readonly document: object;
  printout(): Printout;
  /** Without its ending. It begins with the date, so that files sort by time. */
  readonly name: string;
  readonly madeAt: Date;
  /** Writes the site's names in Latin letters, where the paper's font lacks theirs. */
  spell?(text: string): string;
}

type Print = (line: string) => void;

/**
 * Writes a report where and how it was asked for. A file that exists is overwritten only if
 * somebody says so, and no half of a file ever has its name.
 *
 * @throws CallpointError REPORT_REFUSED
 */
export async function writeReport(report: WrittenReport, output: OutputOptions, out: Print): Promise<void> {
  const format = formatOf(output);
  const { json = false } = output;
  const file = output.out ?? (json ? '-' : `${report.name}.${format}`);
  if (file === '-') {
    if (format === 'pdf' && process.stdout.isTTY) refuse('A PDF is not for a terminal. Name a file with --out.');
    await toStdout(report, output);
    return;
  }
  // The finished file takes the name. It must not take that of a device, or of a link such as
  // /dev/stdout.
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there?.isFile() === false) refuse(`${file} is no ordinary file. Name a file with --out, or - for stdout.`);
  if (there !== undefined && output.yes !== true && !(await isAgreed(file))) {
    refuse(`${file} exists, and nothing was written. Name another with --out, or overwrite it with --yes.`);
  }
  await toFile(report, output, file);
  out(`Report written to ${file}`);
}

/** Stops when nobody reads any more. `endQuietly` tells of faults of the output. */
async function toStdout(report: WrittenReport, output: OutputOptions): Promise<void> {
  const { stdout } = process;
  const failed = new Promise<'failed'>((resolve) => stdout.once('error', () => resolve('failed')));
  for await (const piece of piecesOf(report, output)) {
    if (stdout.write(piece)) continue;
    const drained = new Promise<'drained'>((resolve) => stdout.once('drain', () => resolve('drained')));
    if ((await Promise.race([failed, drained])) === 'failed') return;
  }
}

async function toFile(report: WrittenReport, output: OutputOptions, file: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(piecesOf(report, output)), createWriteStream(unfinished, { flags: 'wx' }));
    const handle = await open(unfinished, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new CallpointError('REPORT_REFUSED', `The report could not be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function* piecesOf(report: WrittenReport, output: OutputOptions): AsyncGenerator<string | Buffer> {
  const format = formatOf(output);
  if (format === 'json') yield `${jsonText({ ok: true, ...report.document })}\n`;
  else if (format === 'html') yield* htmlPrintout(report.printout());
  else yield* pdfPieces(report, output);
}

async function* pdfPieces(report: WrittenReport, { paper = 'letter' }: OutputOptions): AsyncGenerator<Buffer> {
  // pdfkit and its fonts are loaded for a PDF only.
  const { pdfPrintout } = await import('../../print/pdf-printout.ts');
  const progress = startProgress();
  const { stream, drawn } = pdfPrintout(report.printout(), {
    paper,
    madeAt: report.madeAt,
    spell: (text) => latinLetters(report.spell?.(text) ?? text),
    progress: (pages) => progress.show(`Writing page ${pages} …`),
  });
  // A failed drawing ends the stream, too: otherwise its reader would wait for ever.
  drawn.catch((error: unknown) =>
    (stream as Readable).destroy(error instanceof Error ? error : new Error(String(error))),
  );
  for await (const chunk of stream) yield Buffer.from(chunk);
  await drawn;
  progress.end();
}

/** False also where nobody can be asked. */
async function isAgreed(file: string): Promise<boolean> {
  return (await terminalQuestions()?.confirm(`${file} exists. Overwrite it?`)) ?? false;
}

function refuse(message: string): never {
  throw new CallpointError('REPORT_REFUSED', message);
}
