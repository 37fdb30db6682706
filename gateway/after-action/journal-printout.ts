import type { ProvenJournal } from '../../protocol/after-action-document.ts';
import type { Block } from '../print/printout.ts';
import type { LocalTimes } from './local-times.ts';

/** What the report rests on. */
export function journalBlocks(journal: ProvenJournal, times: LocalTimes): Block[] {
  const { from_record, to_record, from_beginning, first_at, last_at, chain } = journal;
  const span = first_at === null || last_at === null ? '' : `, ${times.both(first_at)} to ${times.both(last_at)}`;
  const start = from_beginning ? 'from its beginning' : `from record ${from_record}`;
  return [
    { kind: 'heading', text: 'Proof' },
    {
      kind: 'facts',
      rows: [
        { label: 'Journal', value: `complete and unaltered ${start} to record ${to_record}${span}` },
        { label: 'Chain value', value: chain },
      ],
    },
    {
      kind: 'paragraph',
      text: 'Everything above comes from this journal. “Not recorded” means that it holds no record of it.',
    },
  ];
}
