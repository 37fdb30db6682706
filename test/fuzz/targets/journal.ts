import { chainAfter, decodeLine, encodeLine, GENESIS } from '../../../gateway/journal/journal-line.ts';
import { parseEntry, parseRecords } from '../../../gateway/journal/recovered-records.ts';
import { recover } from '../../../gateway/journal/recovery.ts';
import { listSegments } from '../../../gateway/journal/segment-file.ts';
import { decodeHeader, encodeHeader } from '../../../gateway/journal/segment-header.ts';
import type { WallMs } from '../../../protocol/clocks.ts';
import { MemoryDisk, Rig, range } from '../../unit/journal/memory-files.ts';
import { promise, same, sameBytes, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const json = '{"record":{"t":"start","at":1}}';
const line = encodeLine({ number: 1, write: { before: 0, behind: 0 }, chain: chainAfter(GENESIS, 1, json), json });
const header = encodeHeader({
  segment: 1,
  after: { number: 0, chain: GENESIS },
  begunAt: 1_000 as WallMs,
  held: new Map([['alert:a', 1]]),
  away: new Map(),
  seen: { '/a': 1 },
});

/** A line of a segment, and the same text with a right CRC and chain. */
const lines: FuzzTarget = {
  name: 'journal-lines',
  seeds: [
    line.subarray(0, -1),
    header.subarray(0, -1),
    json,
    '{"callpointJournal":2,"segment":1,"after":1,"chain":"","begunAt":1,"held":{"a":1}}',
  ],
  words: [
    '{"callpointJournal":',
    '"held":',
    '"away":',
    '"seen":',
    '"record":{"t":"',
    'null',
    '[',
    '{',
    '}',
    '-0+0 ',
    '"toString":1',
  ],
  slowMs: 50,
  run: (input) => {
    const read = decodeLine(input);
    if (read !== undefined) decodeHeader(read);
    const text = utf8(input);
    parseEntry(text);
    parseRecords({ texts: [input], damaged: 0, detail: '' } as never);
    if (/[\n\0]/.test(text) || !text.startsWith('{') || !text.endsWith('}')) return;
    for (const chain of [chainAfter(GENESIS, 1, text), GENESIS]) {
      const written = encodeLine({ number: 1, chain, json: text });
      const again = decodeLine(written.subarray(0, -1));
      same(again, { number: 1, chain, json: text }, 'the line as it is read again');
      if (again !== undefined) decodeHeader(again);
    }
  },
};

/** The segments of a journal that a gateway wrote. */
function written(): readonly Uint8Array[] {
  const rig = new Rig();
  for (const mark of range(1, 12)) rig.append(mark, undefined, 'x'.repeat(60));
  return rig.disk.segments().map((path) => Uint8Array.from(rig.disk.files.get(path) ?? []));
}

const [segment = new Uint8Array()] = written();

/** A segment that a crash, a dying card or a person has changed. */
const segments: FuzzTarget = {
  name: 'journal-segments',
  mutations: 30,
  seeds: [segment, segment.subarray(0, 700), header, new Uint8Array(600)],
  words: ['\n', '\0', '\0\0\0\0\0\0\0\0', '{"record":'],
  lengthMax: 16_384,
  slowMs: 200,
  run: (input) => {
    const disk = new MemoryDisk();
    disk.files.set('/a/journal-000001.cpj', Buffer.from(input));
    disk.files.set('/a/journal-000002.cpj', Buffer.from(segment));
    const found = recover(disk, listSegments(disk, '/a'));
    const before = disk.files.get('/a/journal-000001.cpj') ?? Buffer.alloc(0);
    sameBytes(before, input, 'reading changes nothing');
    promise(found.unread.length === 0, 'a damaged file is read all the same');
    const { records } = parseRecords({ texts: found.texts, damaged: 0, detail: '' } as never);
    promise(records.length <= 30, 'no record is made up');
  },
};

export const journalTargets: readonly FuzzTarget[] = [lines, segments];
