import { defaultsOf, inheritedFields, withInputDefaults } from '../../../protocol/input-defaults.ts';
import { textOrEmpty } from '../../../protocol/scalar.ts';
import type { Mistake } from '../read/mistake.ts';
import { isMapping } from '../read/view.ts';
import type { YamlPath, YamlSource } from '../read/yaml-source.ts';

/** Where a field that a device inherits is written. */
interface Origin {
  readonly fields: ReadonlySet<string>;
  /** Place of the defaults. */
  readonly path: YamlPath;
  readonly defaults: Readonly<Record<string, unknown>>;
}

/**
 * The file with what devices inherit from their inputs. A mistake in an inherited field is at the
 * place where the field is written.
 */
export class InheritedSource implements YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly #source: YamlSource;
  /** By the place of the device in its list. */
  readonly #origins: ReadonlyMap<number, Origin>;
  /** Places of inherited fields at which something was found. */
  readonly #shared = new Set<string>();

  constructor(source: YamlSource) {
    this.file = source.file;
    this.value = withInputDefaults(source.value);
    this.#source = source;
    this.#origins = originsOf(source.value);
  }

  /** Names of the fields that a device takes from its input. */
  inherited(device: number): readonly string[] {
    return [...(this.#origins.get(device)?.fields ?? [])];
  }

  locate(path: YamlPath) {
    return this.#at(path, (to) => this.#source.locate(to));
  }

  locateKey(path: YamlPath) {
    return this.#at(path, (to) => this.#source.locateKey(to));
  }

  /** A mistake in the defaults is one, however many devices inherit it. */
  once(mistakes: Mistake[]): void {
    const found = new Set<string>();
    const kept = mistakes.filter(({ file, line, column }) => {
      const place = `${line}:${column}`;
      if (file !== this.file || !this.#shared.has(place)) return true;
      const isFirst = !found.has(place);
      found.add(place);
      return isFirst;
    });
    mistakes.splice(0, mistakes.length, ...kept);
  }

  #at(path: YamlPath, locate: (path: YamlPath) => { line: number; column: number }) {
    const origin = this.#originOf(path);
    const place = locate(origin ?? path);
    // The zone of an inherited button is written at its device.
    if (origin !== undefined && origin[0] === 'inputs') this.#shared.add(`${place.line}:${place.column}`);
    return place;
  }

  #originOf(path: YamlPath): YamlPath | undefined {
    const [section, device, field, index, inner] = path;
    if (section !== 'devices' || field === undefined) return undefined;
    const origin = this.#origins.get(Number(device));
    if (origin === undefined || !origin.fields.has(String(field))) return undefined;
    if (inner === 'zone' && !hasZone(origin.defaults[field], Number(index))) return ['devices', Number(device), 'zone'];
    return [...origin.path, ...path.slice(2)];
  }
}

function hasZone(parts: unknown, index: number): boolean {
  const part: unknown = Array.isArray(parts) ? parts[index] : undefined;
  return isMapping(part) && Object.hasOwn(part, 'zone');
}

function originsOf(site: unknown): ReadonlyMap<number, Origin> {
  const origins = new Map<number, Origin>();
  if (!isMapping(site)) return origins;
  const defaults = defaultsOf(site);
  const { inputs, devices } = site;
  if (defaults.size === 0 || !Array.isArray(inputs) || !Array.isArray(devices)) return origins;
  for (const [index, device] of devices.entries()) {
    if (!isMapping(device)) continue;
    const { input: written } = device;
    const named = textOrEmpty(written);
    const input = inputs.findIndex((each: unknown) => isNamed(each, named));
    const own = defaults.get(named);
    if (own === undefined) continue;
    const fields = new Set(inheritedFields(device, own));
    origins.set(index, { fields, path: ['inputs', input, 'defaults'], defaults: own });
  }
  return origins;
}

function isNamed(entry: unknown, name: string): boolean {
  const { id } = isMapping(entry) ? entry : {};
  return textOrEmpty(id) === name;
}
