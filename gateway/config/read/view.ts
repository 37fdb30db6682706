import { basename } from 'node:path';
import { type Mistake, withoutKeys } from './mistake.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/**
 * A mapping of a YAML file through typed, forgiving accessors. A check that looks across the file
 * works however broken the rest is, so one run finds every mistake. A value that the schema has
 * rejected reads as absent, so it is reported once.
 */
export class View {
  readonly #source: YamlSource;
  readonly #path: YamlPath;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #rejected: ReadonlySet<string>;
  readonly #mistakes: Mistake[];

  constructor(source: YamlSource, path: YamlPath, value: unknown, rejected: ReadonlySet<string>, mistakes: Mistake[]) {
    this.#source = source;
    this.#path = path;
    this.#value = isMapping(value) ? value : {};
    this.#rejected = rejected;
    this.#mistakes = mistakes;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key) && this.#value[key] !== null;
  }

  keys(): string[] {
    return Object.keys(this.#value);
  }

  text(key: string): string | undefined {
    const value = this.#get(key);
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.#get(key);
    return typeof value === 'number' ? value : undefined;
  }

  flag(key: string): boolean | undefined {
    const value = this.#get(key);
    return typeof value === 'boolean' ? value : undefined;
  }

  isMapping(key: string): boolean {
    return Object.hasOwn(this.#value, key) && isMapping(this.#value[key]);
  }

  /** The same place in the file with what its value means. */
  resolved(resolve: (written: unknown) => unknown): View {
    return this.#view(this.#path, resolve(this.#value));
  }

  /** An empty view if the key holds no mapping. */
  child(key: string): View {
    return this.#view([...this.#path, key], Object.hasOwn(this.#value, key) ? this.#value[key] : undefined);
  }

  /** The mappings of a list. */
  list(key: string): View[] {
    const value = Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: unknown, index) =>
      isMapping(item) ? [this.#view([...this.#path, key, index], item)] : [],
    );
  }

  /**
   * A list of scalars as a view whose keys are the positions: 0, 1, … Empty if the key holds no
   * list.
   */
  items(key: string): View {
    const value = Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
    return this.#view([...this.#path, key], Array.isArray(value) ? { ...value } : undefined);
  }

  /** `site.yaml:12` of a key's value. Without the directory, because the message begins with it. */
  where(key: string): string {
    return `${basename(this.#source.file)}:${this.#source.locate([...this.#path, key]).line}`;
  }

  /** @param key `undefined`: the mapping itself */
  wrong(
    key: string | undefined,
    message: string,
    hint: string,
    more: Partial<Pick<Mistake, 'severity' | 'code' | 'ofMachine'>> = {},
  ): void {
    const at = this.#source.locate(key === undefined ? this.#path : [...this.#path, key]);
    this.#mistakes.push({
      severity: 'error',
      file: this.#source.file,
      ...at,
      message: withoutKeys(message),
      hint,
      ...more,
    });
  }

  warn(key: string | undefined, message: string, hint: string): void {
    this.wrong(key, message, hint, { severity: 'warning' });
  }

  /** Warns of what this machine does not have at the moment. */
  warnOfMachine(key: string, message: string, hint: string): void {
    this.wrong(key, message, hint, { severity: 'warning', ofMachine: true });
  }

  /** A mistake about the key's name, not its value. */
  wrongName(key: string, message: string, hint: string, severity: Mistake['severity'] = 'error'): void {
    const at = this.#source.locateKey([...this.#path, key]);
    this.#mistakes.push({ severity, file: this.#source.file, ...at, message: withoutKeys(message), hint });
  }

  #get(key: string): unknown {
    if (!Object.hasOwn(this.#value, key)) return undefined;
    // Most files have no mistakes, and then no path needs a key.
    if (this.#rejected.size > 0 && this.#rejected.has(pathKey([...this.#path, key]))) return undefined;
    return this.#value[key];
  }

  #view(path: YamlPath, value: unknown): View {
    return new View(this.#source, path, value, this.#rejected, this.#mistakes);
  }
}

/** A path as a key of a set. */
export function pathKey(path: YamlPath): string {
  return JSON.stringify(path.map(String));
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
