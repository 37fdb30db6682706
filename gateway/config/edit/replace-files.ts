import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import * as z from 'zod';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import type { EditFiles, Owner } from './edit-files.ts';

/** One file gets new content. */
export interface Replacement extends Owner {
  /** The file itself, behind all links. */
  readonly file: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The steps that are still to be taken, beside the site's file. Written before the first one. */
const PLAN_SUFFIX = '.callpoint-edit';
const NEW_SUFFIX = '.callpoint-new-';
/** keys.yaml, site.yaml, and keys.yaml again. */
const STEPS_MAX = 3;

const planShape = z.object({
  steps: z.array(z.object({ file: z.string(), next: z.string(), before: z.string(), after: z.string() })),
});
type Plan = z.output<typeof planShape>;

/**
 * Replaces the content of files, one after the other: one that is named twice passes through the
 * first content. If the machine stops in between, either nothing was done, or
 * `finishReplacement` does the rest. The steps are chosen so that the site can be read after each
 * of them.
 *
 * @throws CallpointError EDIT_REFUSED if a file was changed meanwhile or can't be written; then
 *   nothing was changed
 */
export function replaceFiles(files: EditFiles, siteFile: string, steps: readonly Replacement[]): void {
  const plan: Plan = {
    steps: steps.map(({ file, before, after }, at) => {
      return { file, next: `${file}${NEW_SUFFIX}${at}`, before: hashOf(before), after: hashOf(after) };
    }),
  };
  const planFile = `${siteFile}${PLAN_SUFFIX}`;
  try {
    for (const [at, { next }] of plan.steps.entries()) {
      const step = steps[at];
      if (step !== undefined) files.write(next, step.after, step);
    }
    for (const file of new Set(steps.map((step) => step.file))) unchanged(files, file, plan);
    files.remove(`${planFile}-new`);
    files.write(`${planFile}-new`, Buffer.from(JSON.stringify(plan)), { ...(steps[0] ?? NOBODY), mode: 0o600 });
    settleAll(files, [planFile, ...plan.steps.map(({ next }) => next)]);
    files.rename(`${planFile}-new`, planFile);
    files.settle(dirname(planFile));
  } catch (error) {
    for (const { next } of plan.steps) tryRemove(files, next);
    tryRemove(files, `${planFile}-new`);
    if (error instanceof CallpointError) throw error;
    throw notWritten(error);
  }
  try {
    finish(files, planFile, plan);
  } catch (error) {
    undo(files, planFile, plan, steps);
    throw error instanceof CallpointError && error.cause !== undefined ? notWritten(error.cause) : error;
  }
}

/**
 * Takes back what was done of an edit whose next step is refused. Without its plan nobody finishes
 * it: should this end early, the files are a site that can be run, perhaps with a key too many.
 *
 * @throws CallpointError EDIT_REFUSED if that is refused, too
 */
function undo(files: EditFiles, planFile: string, plan: Plan, steps: readonly Replacement[]): void {
  try {
    files.remove(planFile);
    files.settle(dirname(planFile));
    for (const [at, { next }] of plan.steps.entries()) {
      files.remove(next);
      const first = steps.find(({ file }) => file === steps[at]?.file);
      const now = hashOf(files.read(first?.file ?? next) ?? new Uint8Array());
      // What a person has written meanwhile stays.
      const isOurs = plan.steps.some(
        ({ file, before, after }) => file === first?.file && now === after && now !== before,
      );
      if (first === undefined || !isOurs) continue;
      files.write(next, first.before, first);
      files.rename(next, first.file);
    }
    settleAll(
      files,
      steps.map(({ file }) => file),
    );
  } catch (error) {
    const what = `The edit was begun and can be neither finished nor taken back: ${messageOf(error)}`;
    throw new CallpointError('EDIT_REFUSED', `${what}. Mend that, and run callpoint check.`, { cause: error });
  }
}

/** Removes new files that an edit left behind which ended before its first step. */
export function removeLeftovers(files: EditFiles, written: readonly string[]): void {
  for (const file of written) {
    for (let at = 0; at < STEPS_MAX; at++) tryRemove(files, `${file}${NEW_SUFFIX}${at}`);
  }
}

/**
 * Does the rest of an edit that was interrupted.
 *
 * @returns true if there was one
 * @throws CallpointError EDIT_REFUSED if a person has changed one of its files since
 */
export function finishReplacement(files: EditFiles, siteFile: string): boolean {
  const planFile = `${siteFile}${PLAN_SUFFIX}`;
  const written = files.read(planFile);
  if (written === undefined) return false;
  let plan: Plan;
  try {
    plan = planShape.parse(JSON.parse(Buffer.from(written).toString('utf8')));
  } catch (error) {
    throw new CallpointError('EDIT_REFUSED', `${planFile} can't be read, remove it: ${messageOf(error)}`);
  }
  finish(files, planFile, plan);
  return true;
}

function finish(files: EditFiles, planFile: string, plan: Plan): void {
  const done = new Map<string, number>();
  for (const file of new Set(plan.steps.map((step) => step.file)))
    done.set(file, stepsDone(files, file, plan, planFile));
  try {
    const counted = new Map<string, number>();
    for (const { file, next } of plan.steps) {
      const at = counted.get(file) ?? 0;
      counted.set(file, at + 1);
      if (at < (done.get(file) ?? 0)) files.remove(next);
      else files.rename(next, file);
      files.settle(dirname(file));
    }
    files.remove(planFile);
    files.settle(dirname(planFile));
  } catch (error) {
    throw new CallpointError(
      'EDIT_REFUSED',
      `The edit was begun and not finished: ${messageOf(error)}. The next edit of this site finishes it.`,
      { cause: error },
    );
  }
}

/** How many of a file's steps were taken. */
function stepsDone(files: EditFiles, file: string, { steps }: Plan, planFile: string): number {
  const own = steps.filter((step) => step.file === file);
  const content = hashOf(files.read(file) ?? new Uint8Array());
  const at = own.findLastIndex(({ after }) => after === content);
  if (at >= 0) return at + 1;
  if (own[0]?.before === content && own.every(({ next }) => files.read(next) !== undefined)) return 0;
  throw new CallpointError(
    'EDIT_REFUSED',
    `An earlier edit was interrupted, and ${file} was changed since. Bring the file in order, run callpoint check, and remove ${planFile}.`,
  );
}

function unchanged(files: EditFiles, file: string, { steps }: Plan): void {
  const first = steps.find((step) => step.file === file);
  if (hashOf(files.read(file) ?? new Uint8Array()) === first?.before) return;
  throw new CallpointError(
    'EDIT_REFUSED',
    `${file} was changed by somebody else meanwhile. Nothing was changed here; give the command again.`,
  );
}

function settleAll(files: EditFiles, written: readonly string[]): void {
  for (const directory of new Set(written.map(dirname))) files.settle(directory);
}

/** A new file that stays is removed by the next edit. */
function tryRemove(files: EditFiles, file: string): void {
  try {
    files.remove(file);
  } catch {
    // The first error is the one to report.
  }
}

const NOBODY: Owner = { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

function notWritten(error: unknown): CallpointError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const hint =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? 'run this as the owner of the files or as root, on a disk that may be written'
      : code === 'EBUSY'
        ? 'a file that is mounted by itself, as in a container, has to stay; mount its directory instead'
        : 'mend that and give the command again';
  const what = `Nothing was changed. The files can't be written (${messageOf(error)})`;
  return new CallpointError('EDIT_REFUSED', `${what}: ${hint}.`, { cause: error });
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
