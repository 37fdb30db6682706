import type { Mistake } from '../../gateway/config/read/mistake.ts';
import { suggest } from '../../gateway/config/read/nearest.ts';
import { readTextFile } from '../../gateway/config/read/read-file.ts';
import { isMapping } from '../../gateway/config/read/view.ts';
import { parseYaml, type YamlPath, type YamlSource } from '../../gateway/config/read/yaml-source.ts';
import { SchemaMistakes } from '../../gateway/config/schema/schema-mistakes.ts';
import { EXPECTATION_NAMES, EXPECTATION_SHAPES, type Expectation, type ExpectationName } from './expectation-shapes.ts';
import { HEAD_SHAPE } from './scenario-shape.ts';
import { type SiteNames, unknownNames } from './site-names.ts';
import { ACTION_NAMES, type ActionName, STEP_SHAPES, type Step } from './step-shapes.ts';

/** One step of a timeline. A step that waits has what it waits for. */
export interface TimelineStep {
  readonly step: Step;
  readonly waitsFor?: Expectation;
}

export interface Scenario {
  readonly file: string;
  readonly name: string;
  /** As written: the path of a file, the name of a built-in site, or a whole site. */
  readonly site: string | Readonly<Record<string, unknown>>;
  readonly broker: 'embedded' | 'external';
  readonly timeline: readonly TimelineStep[];
  readonly expect: readonly Expectation[];
}

/** Returns the ids of the site that a scenario names; `undefined` if it cannot be read. */
type NamesOf = (site: Scenario['site'], file: string) => SiteNames | undefined;

/**
 * Reads a scenario. Adds a mistake for everything that does not fit.
 * @param namesOf if it is given, names are compared with those of the site
 */
export function readScenario(file: string, mistakes: Mistake[], namesOf: NamesOf): Scenario | undefined {
  const read = readTextFile(file);
  if ('problem' in read) {
    const hint = read.hint ?? 'name the file of a scenario';
    mistakes.push({ severity: 'error', file, line: 1, column: 1, message: `the file ${read.problem}`, hint });
    return undefined;
  }
  return readScenarioText(file, read.text, mistakes, namesOf);
}

export function readScenarioText(
  file: string,
  text: string,
  mistakes: Mistake[],
  namesOf: NamesOf = () => undefined,
): Scenario | undefined {
  const source = parseYaml(file, text, { secret: false }, mistakes);
  return source && new ScenarioReader(source, mistakes, namesOf).read();
}

class ScenarioReader {
  readonly #source: YamlSource;
  readonly #mistakes: Mistake[];
  readonly #schema: SchemaMistakes;

  readonly #namesOf: NamesOf;

  constructor(source: YamlSource, mistakes: Mistake[], namesOf: NamesOf) {
    this.#namesOf = namesOf;
    this.#source = source;
    this.#mistakes = mistakes;
    this.#schema = new SchemaMistakes(source, mistakes);
  }

  read(): Scenario | undefined {
    const before = this.#mistakes.length;
    const head = HEAD_SHAPE.safeParse(this.#source.value ?? undefined);
    if (!head.success) for (const issue of head.error.issues) this.#schema.add(issue, [], HEAD_SHAPE);
    const timeline = this.#list('timeline').flatMap((item, at) => this.#timelineStep(item, ['timeline', at]) ?? []);
    const expect = this.#list('expect').flatMap((item, at) => this.#expectation(item, ['expect', at]) ?? []);
    this.#checkNames(timeline, expect);
    if (head.success) this.#checkReferences(head.data.site, timeline, expect);
    if (!head.success || this.#mistakes.length > before) return undefined;
    const { name, site, broker } = head.data;
    return { file: this.#source.file, name, site, broker, timeline, expect };
  }

  #list(name: string): readonly unknown[] {
    const { value } = this.#source;
    const list = isMapping(value) ? value[name] : undefined;
    return Array.isArray(list) ? list : [];
  }

  #timelineStep(item: unknown, path: YamlPath): TimelineStep | undefined {
    const step = this.#entry(item, path, ACTION_NAMES, STEP_SHAPES, 'a step', 'press: wb-101');
    if (step === undefined) return undefined;
    const whole = { ...step.data, action: step.name, ...this.#place(path, step.name) } as Step;
    if (whole.action !== 'wait') return { step: whole };
    const waitsFor = this.#expectation(whole.wait, [...path, 'wait']);
    return waitsFor && { step: whole, waitsFor };
  }

  #expectation(item: unknown, path: YamlPath): Expectation | undefined {
    const entry = this.#entry(item, path, EXPECTATION_NAMES, EXPECTATION_SHAPES, 'an expectation', 'alert: intruder');
    return entry && ({ ...entry.data, what: entry.name, ...this.#place(path, entry.name) } as Expectation);
  }

  /** An entry of a list whose fields depend on the one that says what it is. */
  #entry<N extends ActionName | ExpectationName>(
    item: unknown,
    path: YamlPath,
    names: readonly N[],
    shapes: Readonly<Record<N, (typeof STEP_SHAPES)[ActionName] | (typeof EXPECTATION_SHAPES)[ExpectationName]>>,
    what: string,
    example: string,
  ): { readonly name: N; readonly data: object } | undefined {
    const keys = isMapping(item) ? Object.keys(item) : [];
    const named = names.filter((each) => keys.includes(each));
    // Some words are a field of another: press has a hold.
    const isFieldOf = (each: N, other: N) => each !== other && Object.hasOwn(shapes[other].shape, each);
    const heads = named.filter((each) => !named.some((other) => isFieldOf(each, other)));
    const [name] = heads;
    if (name === undefined) {
      const [first] = keys;
      const said = first === undefined ? `this is not ${what}` : `"${first}" is not ${what}`;
      this.#wrong(path, said, first === undefined ? `write ${what} such as ${example}` : suggest(first, names, ''));
      return undefined;
    }
    if (heads.length > 1) {
      this.#wrong(path, `${heads.join(' and ')} stand in one entry`, 'begin each with a dash of its own');
      return undefined;
    }
    const shape = shapes[name];
    const result = shape.safeParse(item);
    if (result.success) return { name, data: result.data };
    for (const issue of result.error.issues) this.#schema.add(issue, path, shape);
    return undefined;
  }

  #checkNames(timeline: readonly TimelineStep[], expect: readonly Expectation[]): void {
    const names = timeline.flatMap(({ step }) => step.name ?? []);
    const waited = timeline.flatMap(({ waitsFor }, at) => (waitsFor ? [{ of: waitsFor, path: ['timeline', at] }] : []));
    for (const { of, path } of [...waited, ...expect.map((each, at) => ({ of: each, path: ['expect', at] }))]) {
      if (of.since === undefined || names.includes(of.since)) continue;
      const hint = suggest(of.since, names, 'give the step a name: with name:');
      this.#wrong([...path, 'since'], `no step has the name "${of.since}"`, hint);
    }
  }

  #checkReferences(site: Scenario['site'], timeline: readonly TimelineStep[], expect: readonly Expectation[]): void {
    const names = this.#namesOf(site, this.#source.file);
    if (names === undefined) return;
    const check = (entry: Step | Expectation, path: YamlPath) => {
      const hold = 'action' in entry && entry.action === 'press' ? ['hold'] : [];
      for (const { field, value, sorts, known } of unknownNames(entry, names, hold)) {
        const message = `the site has no ${sorts.join(' or ')} "${value}"`;
        this.#wrong([...path, field], message, suggest(value, known, `it has no ${sorts.join(' or ')} at all`));
      }
    };
    for (const [at, { step, waitsFor }] of timeline.entries()) {
      check(step, ['timeline', at]);
      if (waitsFor !== undefined) check(waitsFor, ['timeline', at, 'wait']);
    }
    for (const [at, each] of expect.entries()) check(each, ['expect', at]);
  }

  #place(path: YamlPath, name: string): { readonly fileLine: number; readonly written: string } {
    return { fileLine: this.#source.locate(path).line, written: this.#written(path, name) };
  }

  /** An entry on one line, as its verdict begins: `press: wb-101, long: true`. */
  #written(path: YamlPath, name: string): string {
    let value: unknown = this.#source.value;
    for (const step of path) value = (value as Readonly<Record<string | number, unknown>>)[step];
    if (!isMapping(value)) return name;
    const fields = [name, ...Object.keys(value).filter((key) => key !== name)];
    return fields.map((key) => `${key}: ${inline(value[key])}`).join(', ');
  }

  #wrong(path: YamlPath, message: string, hint: string): void {
    const at = this.#source.locate(path);
    this.#mistakes.push({ severity: 'error', file: this.#source.file, ...at, message, hint });
  }
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (!isMapping(value)) return String(value);
  const fields = Object.entries(value).map(([key, inner]) => `${key}: ${inline(inner)}`);
  return `{ ${fields.join(', ')} }`;
}
