import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { createViteServer } from 'vitest/node';
import { bundlerPatches, checkPatches, patched, type SourcePatch, vitePatches } from '../../rig/source-patch.ts';
import { PROJECT } from '../source-files.ts';

const FILE = 'protocol/crc16.ts';
const CHECK = new TextEncoder().encode('123456789');
const patch = (name: string, find: string, replace: string): SourcePatch => ({ name, file: FILE, find, replace });
/** Makes of CRC-16/GENIBUS the variant CRC-16/CCITT-FALSE, whose check value is 29B1. */
const OTHER_CRC = patch('crc.notInverted', 'forward(0x1021, 0xffff, 0xffff)', 'forward(0x1021, 0xffff, 0)');

interface Crcs {
  readonly crc16Genibus: (bytes: Uint8Array) => number;
  readonly crc16Modbus: (bytes: Uint8Array) => number;
}

describe('a patch of a source', () => {
  test('changes its place and nothing else; signs that a replacement pattern would read stay as they are', () => {
    expect(patched('a = 1; b = 2;', [patch('two', 'b = 2', "b = '$&'")])).toBe("a = 1; b = '$&';");
  });

  test('finds its place in the text as it was, in any order', () => {
    const one = patch('one', 'a', 'b');
    const two = patch('two', 'b', 'a');
    expect(patched('ab', [one, two])).toBe('ba');
    expect(patched('ab', [two, one])).toBe('ba');
  });

  test.each([
    ['is not there', 'x = 1', 'z', '0 times'],
    ['is there twice', 'x = 1; x = 1', 'x = 1', '2 times'],
    ['is empty', 'x = 1', '', '0 times'],
  ])('is refused by its name where the text that it looks for %s', (_what, text, find, why) => {
    expect(() => patched(text, [patch('its name', find, '')])).toThrow(new RegExp(`its name: .*${why}`));
  });

  test('is refused where two change the same place', () => {
    expect(() => patched('abc', [patch('one', 'ab', ''), patch('two', 'bc', '')])).toThrow('two');
  });

  test('is refused before anything is built when the file on disk has changed', () => {
    expect(() => checkPatches([patch('stale', 'no such line', '')])).toThrow('stale');
    expect(() => bundlerPatches([patch('stale', 'no such line', '')])).toThrow('stale');
    expect(() => vitePatches([patch('stale', 'no such line', '')])).toThrow('stale');
  });
});

describe('patched code runs', () => {
  const results = ({ crc16Genibus, crc16Modbus }: Crcs) => [crc16Genibus(CHECK), crc16Modbus(CHECK)];

  test('in the bundle of the compiled gateway', async () => {
    const bundled = async (patches: readonly SourcePatch[]): Promise<Crcs> => {
      const { outputFiles } = await build({
        ...{
          absWorkingDir: PROJECT,
          entryPoints: [FILE],
          bundle: true,
          format: 'esm',
          write: false,
          logLevel: 'silent',
        },
        plugins: [bundlerPatches(patches)],
      });
      return await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
    };
    expect(results(await bundled([OTHER_CRC]))).toEqual([0x29b1, 0x4b37]);
    expect(results(await bundled([]))).toEqual([0xd64e, 0x4b37]);
  });

  test('in what Vitest loads', async () => {
    const server = await createViteServer({
      ...{ root: PROJECT, configFile: false, logLevel: 'silent', appType: 'custom' },
      server: { middlewareMode: true, ws: false, watch: null },
      plugins: [vitePatches([OTHER_CRC])],
    });
    try {
      expect(results((await server.ssrLoadModule(`/${FILE}`)) as unknown as Crcs)).toEqual([0x29b1, 0x4b37]);
    } finally {
      await server.close();
    }
  });
});
