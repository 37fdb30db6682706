/** A page of the manual, before it is written as roff or HTML. */
export interface Page {
  /** `callpoint-drill-start`, `site.yaml` */
  readonly name: string;
  /** Section of the manual (man-pages(7)): commands, or files. */
  readonly section: 1 | 5;
  /** One line: what `whatis` shows. */
  readonly about: string;
  readonly parts: readonly Part[];
}

interface Part {
  readonly title: string;
  /** 1 for the sections of man-pages(7), 2 below them. */
  readonly level: 1 | 2;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  /** Terms, each with its meaning in paragraphs. */
  | { readonly kind: 'terms'; readonly terms: readonly Meant[] }
  /** Lines as they are typed or printed. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] };

export interface Meant {
  readonly term: string;
  readonly meaning: readonly string[];
}

export function text(words: string): Block {
  return { kind: 'text', text: words };
}

export function terms(all: readonly Meant[]): Block {
  return { kind: 'terms', terms: all };
}

/** A part of a page, or none if there is nothing in it. */
export function part(title: string, blocks: readonly Block[], level: 1 | 2 = 1): Part[] {
  const filled = blocks.filter((block) => block.kind !== 'terms' || block.terms.length > 0);
  return filled.length === 0 ? [] : [{ title, level, blocks: filled }];
}
