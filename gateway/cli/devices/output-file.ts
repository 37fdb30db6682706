import { closeSync, constants, fchmodSync, openSync, rmSync, writeSync } from 'node:fs';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { type JsonFlag, jsonText } from '../json-output.ts';
import type { SiteOptions } from '../site-options.ts';

export interface OutputOptions extends SiteOptions, JsonFlag {
  readonly output?: string;
  readonly yes?: boolean;
}

/** Writes a file, or to stdout, and says so. `more`: further fields of the JSON answer. */
export function deliver(
  content: string | Buffer,
  { output, yes, json }: OutputOptions,
  out: (line: string) => void,
  more: object,
): void {
  if (output !== undefined) writeNew(output, Buffer.from(content), yes === true);
  if (json === true) out(jsonText({ ok: true, ...(output === undefined ? {} : { output }), ...more }));
  else if (output !== undefined) out(`Written: ${output}`);
  else process.stdout.write(content);
}

/** Readable for its owner only: it may hold keys. */
function writeNew(file: string, bytes: Buffer, isOver: boolean): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = constants;
  let isBegun = false;
  try {
    const descriptor = openSync(file, O_WRONLY | O_CREAT | (isOver ? O_TRUNC : O_EXCL), 0o600);
    isBegun = true;
    try {
      fchmodSync(descriptor, 0o600);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    // Half a sheet would be taken for a whole one.
    if (isBegun) rmSync(file, { force: true });
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const why = isThere ? 'it exists; name another one, or write over it with --yes' : messageOf(error);
    throw new CallpointError('EDIT_REFUSED', `${file} can't be written: ${why}.`, { cause: error });
  }
}
