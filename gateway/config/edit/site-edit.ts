import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CallpointError } from '../../../protocol/errors.ts';
import { whileLocked } from '../../system/directory-lock.ts';
import { readEntries, readSite } from '../load.ts';
import { firstMistakes, formatMistake, type Mistake, withoutKeys } from '../read/mistake.ts';
import { type Access, type FileText, readTextFile, tooLarge } from '../read/read-file.ts';
import { isMapping } from '../read/view.ts';
import { parseYaml } from '../read/yaml-source.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import { diffLines } from './edit-diff.ts';
import { type EditFiles, nodeEditFiles } from './edit-files.ts';
import { type KeyChange, KeyEdits, type KeySection } from './key-edits.ts';
import { finishReplacement, type Replacement, removeLeftovers, replaceFiles } from './replace-files.ts';
import { YamlEdits } from './yaml-edits.ts';

/** What an edit would do, or has done. Never holds a secret. */
export interface EditOutcome {
  /** Lines of site.yaml that change. */
  readonly diff: readonly string[];
  readonly keys: readonly KeyChange[];
  /** Warnings that were not there before. */
  readonly warnings: readonly Mistake[];
}

interface Written extends Access {
  /** As the command names it. */
  readonly file: string;
  readonly bytes: Buffer;
  readonly text: string;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * One edit of a site: `site.yaml` and `keys.yaml` together, checked before and after as
 * `callpoint check` does. Nothing is written before `save`.
 */
export class SiteEdit {
  /** The entries as they are before the edit. */
  readonly site: SiteFile;
  readonly edits: YamlEdits;
  readonly keys: KeyEdits;
  readonly #data: string;
  readonly #files: EditFiles;
  readonly #siteFile: Written;
  readonly #keysFile: Written;
  readonly #warned: ReadonlySet<string>;
  readonly #written: unknown;
  readonly #secrets: unknown;

  private constructor(
    written: { site: Written; keys: Written },
    { site, mistakes }: { site: SiteFile; mistakes: readonly Mistake[] },
    data: string,
    files: EditFiles,
  ) {
    this.site = site;
    this.#data = data;
    this.#files = files;
    this.#siteFile = written.site;
    this.#keysFile = written.keys;
    this.edits = new YamlEdits(written.site.file, written.site.text);
    this.keys = new KeyEdits(written.keys.file, written.keys.text);
    this.#written = parseYaml(written.site.file, written.site.text, { secret: false }, [])?.value;
    this.#secrets = parseYaml(written.keys.file, written.keys.text, { secret: true }, [])?.value;
    this.#warned = new Set(mistakes.map(({ message }) => message));
  }

  /**
   * Finishes an edit that was interrupted, and reads the site.
   *
   * @throws CallpointError CONFIG_INVALID if the site has mistakes: it is not edited
   */
  static async open(siteFile: string, data: string, files: EditFiles = nodeEditFiles()): Promise<SiteEdit> {
    await locked(siteFile, () => finishReplacement(files, realpathSync(siteFile)));
    return SiteEdit.read(siteFile, data, files);
  }

  /**
   * Reads the site as it stands, and writes nothing: for those who only look, perhaps without the
   * right to write.
   *
   * @throws CallpointError CONFIG_INVALID if the site has mistakes
   */
  static read(siteFile: string, data: string, files: EditFiles = nodeEditFiles()): SiteEdit {
    const { mistakes, site, keysFile } = readEntries(siteFile);
    const errors = mistakes.filter(isError);
    if (errors.length > 0)
      throw new CallpointError(
        'CONFIG_INVALID',
        refusal('The site has mistakes. Correct them before it is edited', errors),
      );
    if (site === undefined || keysFile === undefined) throw changedMeanwhile(siteFile);
    return new SiteEdit({ site: readWritten(siteFile), keys: readWritten(keysFile) }, { site, mistakes }, data, files);
  }

  /** The entry of a device as it stands in the file, without what defaults fill in. */
  writtenDevice(index: number): Readonly<Record<string, unknown>> {
    const { devices } = isMapping(this.#written) ? this.#written : {};
    const device: unknown = Array.isArray(devices) ? devices[index] : undefined;
    return isMapping(device) ? device : {};
  }

  /** A secret as it stands in the file: a text, or a mapping around one. */
  writtenSecret(section: KeySection, name: string): unknown {
    const names = isMapping(this.#secrets) ? this.#secrets[section] : undefined;
    return isMapping(names) && Object.hasOwn(names, name) ? names[name] : undefined;
  }

  /** @returns `undefined` if the name has no secret, or one of several parts */
  secretOf(section: KeySection, name: string): string | undefined {
    const value = this.writtenSecret(section, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** @throws CallpointError EDIT_REFUSED if the site would have a mistake afterwards */
  outcome(): EditOutcome {
    const { site, keys } = this.#texts();
    const mistakes = this.#check(site, keys.last);
    const errors = mistakes.filter(isError);
    if (errors.length > 0)
      throw new CallpointError(
        'EDIT_REFUSED',
        refusal('The edit would make a mistake. Nothing was changed', errors, (mistake) => this.#lineOf(mistake, site)),
      );
    const warnings = mistakes.filter(({ message }) => !this.#warned.has(message));
    return { diff: diffLines(this.#siteFile.text, this.edits.splices), keys: this.keys.changes, warnings };
  }

  /** @throws CallpointError EDIT_REFUSED */
  async save(): Promise<void> {
    const { site, keys } = this.#texts();
    const steps = [
      { of: this.#keysFile, from: this.#keysFile.text, to: keys.first },
      { of: this.#siteFile, from: this.#siteFile.text, to: site },
      { of: this.#keysFile, from: keys.first, to: keys.last },
    ].filter(({ from, to }) => from !== to);
    if (steps.length === 0) return;
    const replacements = steps.map(({ of, from, to }) => replacement(of, from, to));
    const { file } = this.#siteFile;
    await locked(file, () => {
      removeLeftovers(
        this.#files,
        [file, this.#keysFile.file].map((each) => realpathSync(each)),
      );
      replaceFiles(this.#files, realpathSync(file), replacements);
    });
  }

  /** The line as it would be written: nobody finds it in the file. */
  #lineOf({ file, line }: Mistake, site: string): string[] {
    const text = file === this.#siteFile.file ? site.split(/\r?\n/)[line - 1]?.trim() : undefined;
    return text === undefined || line === 1 ? [] : [`  | ${withoutKeys(visible(text))}`];
  }

  #texts(): { readonly site: string; readonly keys: { readonly first: string; readonly last: string } } {
    return { site: this.edits.text(), keys: this.keys.texts() };
  }

  #check(site: string, keys: string): readonly Mistake[] {
    const texts = new Map([
      [this.#siteFile.file, { ...this.#siteFile, text: site }],
      [this.#keysFile.file, { ...this.#keysFile, text: keys }],
    ]);
    const read = (file: string): FileText => {
      const text = texts.get(file);
      // The gateway would refuse the file after the edit.
      return text === undefined ? readTextFile(file) : (tooLarge(Buffer.byteLength(text.text)) ?? text);
    };
    return readSite(this.#siteFile.file, this.#data, { read }).mistakes;
  }
}

function readWritten(file: string): Written {
  const read = readTextFile(file);
  if ('problem' in read) throw new CallpointError('CONFIG_UNREADABLE', `${file} ${read.problem}`);
  const bytes = readFileSync(file);
  if (bytes.toString('utf8').replace(/^\uFEFF/, '') !== read.text) throw changedMeanwhile(file);
  return { file, bytes, ...read };
}

function replacement({ file, bytes }: Written, from: string, to: string): Replacement {
  const real = realpathSync(file);
  const { mode, uid, gid } = statSync(real);
  const encoded = (text: string) =>
    bytes.subarray(0, BOM.length).equals(BOM) ? Buffer.concat([BOM, Buffer.from(text)]) : Buffer.from(text);
  return { file: real, mode: mode & 0o7777, uid, gid, before: encoded(from), after: encoded(to) };
}

async function locked<T>(siteFile: string, act: () => T): Promise<T> {
  let directory: string;
  try {
    directory = dirname(realpathSync(siteFile));
  } catch (error) {
    const hint = 'name the site with --config, or make one with callpoint init DIR';
    throw new CallpointError('CONFIG_UNREADABLE', `The site file ${siteFile} can't be found: ${hint}.`, {
      cause: error,
    });
  }
  const done = await whileLocked(directory, act);
  if (done !== undefined) return done.result;
  throw new CallpointError('EDIT_REFUSED', 'Another command edits this site at this moment. Give the command again.');
}

function changedMeanwhile(file: string): CallpointError {
  return new CallpointError('EDIT_REFUSED', `${file} is being changed by somebody else. Give the command again.`);
}

function refusal(
  what: string,
  errors: readonly Mistake[],
  lineOf: (mistake: Mistake) => readonly string[] = () => [],
): string {
  const { shown, more } = firstMistakes(errors);
  const rest = more === 0 ? [] : [`… and ${more} more`];
  return [`${what}:`, ...shown.flatMap((mistake) => [formatMistake(mistake), ...lineOf(mistake)]), ...rest].join('\n');
}

/** What a file says can't write to the terminal. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function isError({ severity }: Mistake): boolean {
  return severity === 'error';
}
