import type { Printout } from '../../../gateway/print/printout.ts';

/** A printout with every kind of block, which says `text` wherever a text may stand. */
export function saying(text: string): Printout {
  return {
    title: text,
    subtitle: text,
    language: 'en',
    footer: text,
    blocks: [
      { kind: 'heading', text },
      { kind: 'paragraph', text, tone: 'bad' },
      { kind: 'facts', rows: [{ label: text, value: { text, tone: 'good' } }] },
      {
        kind: 'table',
        caption: text,
        columns: [
          { title: text, weight: 1 },
          { title: text, weight: 1, isNumber: true },
        ],
        rows: [{ group: text }, [text, { text, tone: 'unknown' }]],
      },
      { kind: 'blanks', fields: [{ label: text, lines: 2 }] },
      { kind: 'labels', labels: [{ title: text, name: text, lines: [text, text] }] },
      { kind: 'choices', label: text, options: [text] },
      { kind: 'signatures', people: [text] },
    ],
  };
}
