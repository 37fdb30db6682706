import { expect, test } from 'vitest';
import { sourceFiles } from '../unit/source-files.ts';
import { targets } from './all-targets.ts';

/** Names by which functions and classes say that they read what comes from outside. */
const FUNCTION = /^export (?:async )?function ((?:parse|decode|read|open|unseal|interpret|sightings|challenges)\w*)/gm;
const CLASS = /^export class (\w+(?:Scanner|Reader|Stream|Lines|Dialogue|Mask))\b/gm;

/** Read nothing from outside, or have no bytes to fuzz. A reason for each. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['readable', 'topics that a user may read'],
  ['openEvent', 'the name of an event'],
  ['openNames', 'looks names up'],
  ['openLog', 'writes'],
  ['openKernelClock', 'asks the kernel'],
  ['openNotifySocket', 'writes'],
  ['openEmbeddedBroker', 'starts a server'],
  ['openJournal', 'starts a thread, which reads by recover'],
  ['openJournalEarly', 'the same'],
  ['openTrouble', 'an error code in words'],
  ['openReading', 'opens what AES-GCM proves to be its own'],
  ['openUpdate', 'reads by readManifest, after a signature proved it'],
  ['openBackup', 'reads by parseCipherHeader and readBackup'],
  ['readBackup', 'reads by parseManifest; tar is checked by test/unit/cli'],
  ['readTrustedKeys', 'files that root alone may write'],
  ['readVerified', 'reads by verifyJournal'],
  ['readAgain', 'calls what reads'],
  ['readNode', 'asks by readServiceAnswer'],
  ['readNodeContacts', 'the same'],
  ['readChip', 'reads by readChipInfo and readLineInfo'],
  ['readWriteRequest', 'the number of an ioctl'],
  ['readPaced', 'paces a stream'],
  ['readTextFile', 'the bytes of a file'],
  ['readPemFiles', 'reads by whyUnusable'],
  ['readKeys', 'a part of readSite'],
  ['readSiteInThread', 'reads by readSite'],
  ['readSiteWithoutKeys', 'reads as readSite does'],
  ['readJournalDirectories', 'the same'],
  ['readRetainMegabytes', 'the same'],
  ['readEntries', 'the same'],
  ['readWantedKeys', 'the same'],
  ['readExplainedDevices', 'the same'],
  ['SiteReader', 'reads by readSite'],
  ['LineReader', 'reads by FrameScanner, parseFrame and openFrame'],
  ['GatewayStream', 'lines of the own gateway'],
  ['BlockReader', 'exact numbers of bytes'],
  ['PackedReader', 'what this process has packed'],
  ['ButtonReader', 'a part of DeviceMessages'],
  ['ContactLines', 'lines of a GPIO chip'],
  ['EdgeLines', 'the same'],
  ['HeldLines', 'the same'],
  ['OutputLines', 'the same'],
]);

test('every function and class that reads what comes from outside has a fuzz target', () => {
  const called = sourceFiles('test/fuzz/targets')
    .map(({ code }) => code.replace(/^import [\s\S]*?;$/gm, ''))
    .join('\n');
  const parsers = sourceFiles('protocol', 'gateway').flatMap(({ code }) =>
    [...code.matchAll(FUNCTION), ...code.matchAll(CLASS)].map(([, name = '']) => name),
  );
  expect(parsers.length).toBeGreaterThan(80);
  const missing = parsers.filter((name) => !new RegExp(`\\b${name}\\b`).test(called) && !EXCEPTIONS.has(name));
  expect(missing).toEqual([]);
});

test('each target has its own name', () => {
  const names = targets.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
