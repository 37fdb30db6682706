import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Threads and processes that the gateway starts, each from a file of its own. */
const STARTED = [
  'gateway/config/load-thread.ts',
  'gateway/inputs/ble/scanner-process.ts',
  'gateway/journal/journal-thread.ts',
  'gateway/mqtt/mqtt-thread.ts',
  'gateway/names/name-process.ts',
];

/**
 * Packages that each start needs. The others are found in node_modules, because they have native
 * code or files of their own, or are seldom loaded.
 */
const JOINED: readonly string[] = ['aedes', 'commander', 'mqtt-packet', 'pino', 'saxes', 'serialport', 'yaml', 'zod'];

interface BundleAdditions {
  readonly plugins?: Plugin[];
  /** Code at the start of each file. */
  readonly banner?: string;
}

/** The joined packages are CommonJS, and ask for Node's modules by `require`. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

/**
 * Joins the compiled gateway into few files: to find, open and link 600 modules takes Node longer
 * than all else at a start. What is loaded on demand stays a file of its own.
 *
 * All files go into `gateway/cli`. Code finds what lies beside it by `import.meta.url`, which is
 * the URL of the joined file: the modules of threads, the manual and package.json are found from
 * there.
 *
 * @param directory of the compiled project, as `tsc` has written it
 * @param additions of a test
 */
export async function bundle(directory: string, additions: BundleAdditions = {}): Promise<void> {
  const { plugins = [], banner = '' } = additions;
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const common = {
    absWorkingDir: ROOT,
    outdir: join(directory, 'gateway/cli'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: Object.keys(dependencies).filter((name) => !JOINED.includes(name)),
    sourcemap: true,
    define: { CALLPOINT_BUILD: JSON.stringify(buildId()) },
    banner: { js: `${banner}${REQUIRE}` },
    plugins,
    logLevel: 'warning',
    metafile: true,
  } as const satisfies BuildOptions;
  const entryPoints = STARTED.map((file) => ({ in: file, out: basename(file, '.ts') }));
  const made = await Promise.all([
    build({ ...common, entryPoints: [{ in: 'gateway/cli/main.ts', out: 'main' }], splitting: true }),
    build({ ...common, entryPoints }),
  ]);
  const sources = made.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  writeFileSync(join(directory, 'THIRD-PARTY-LICENSES.txt'), licencesOf(sources));
}

/** Another one for each change of the code, or of the packages that it uses. */
export function buildId(): string {
  const files = ['protocol', 'gateway'].flatMap((folder) => {
    const all = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    return all.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
  });
  const hash = createHash('sha256');
  for (const file of [...files.sort(), 'package-lock.json', 'hardware/package/bundle.ts']) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** A copy of a package goes with its licence. */
function licencesOf(sources: readonly string[]): string {
  const packages = new Set(sources.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8').trim();
    return `${name} ${version}, ${license}\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

const [, script = '', directory = ''] = argv;
if (import.meta.url === pathToFileURL(script).href) {
  const target = join(ROOT, directory);
  if (!existsSync(join(target, 'gateway/cli'))) throw new Error(`${dirname(target)} holds no compiled project`);
  await bundle(target);
}
