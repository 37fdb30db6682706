import type { YamlPath } from '../read/yaml-source.ts';
import { YamlEdits } from './yaml-edits.ts';

export type KeySection = 'devices' | 'paths' | 'mqtt';

/** What happens to the secret of one name. Never holds the secret. */
export interface KeyChange {
  readonly section: KeySection;
  readonly name: string;
  readonly what: 'added' | 'changed' | 'removed' | 'renamed';
  /** The name before. */
  readonly from?: string;
}

/**
 * Changes of keys.yaml, in two steps: the first one adds, the last one removes. In between
 * site.yaml is changed, so that each state of the files is a site that can be run.
 */
export class KeyEdits {
  readonly #first: YamlEdits;
  readonly #last: YamlEdits;
  readonly #changes: KeyChange[] = [];

  constructor(file: string, text: string) {
    this.#first = new YamlEdits(file, text, true);
    this.#last = new YamlEdits(file, text, true);
  }

  add(section: KeySection, name: string, secret: string): void {
    this.addAll(section, [[name, secret]]);
  }

  addAll(section: KeySection, secrets: readonly (readonly [name: string, secret: string])[]): void {
    this.#first.addNames(section, secrets);
    this.#last.addNames(section, secrets);
    for (const [name] of secrets) this.#changes.push({ section, name, what: 'added' });
  }

  change(section: KeySection, name: string, secret: string, inner: YamlPath = []): void {
    this.#first.set([section, name, ...inner], secret);
    this.#last.set([section, name, ...inner], secret);
    this.#changes.push({ section, name, what: 'changed' });
  }

  remove(section: KeySection, name: string): void {
    this.#last.remove([section, name]);
    this.#changes.push({ section, name, what: 'removed' });
  }

  rename(section: KeySection, from: string, name: string, secret: string): void {
    this.#first.set([section, name], secret);
    this.#last.rename([section, from], name);
    this.#changes.push({ section, name, what: 'renamed', from });
  }

  get changes(): readonly KeyChange[] {
    return this.#changes;
  }

  /** The text to write before site.yaml, and the one to write after it. */
  texts(): { readonly first: string; readonly last: string } {
    return { first: this.#first.text(), last: this.#last.text() };
  }
}
