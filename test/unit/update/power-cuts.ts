import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSlot, PROGRAM, type ReleaseName } from '../../../gateway/update/release-layout.ts';
import { type Decision, ReleaseStore } from '../../../gateway/update/release-store.ts';
import type { Trial } from '../../../gateway/update/trial-file.ts';
import { PROJECT } from '../source-files.ts';
import { SimulatedDisk, type Tree } from './simulated-disk.ts';

/** What may happen to a machine between two power cuts. */
export type Action = 'update' | 'confirm' | 'return' | 'resume' | 'start';

const VERSIONS = ['2', '3', '4'];
const STORE_NAME = 'store';
const STORE = `/${STORE_NAME}`;
/** The files of a release: all of them have to be there. */
const FILES = (version: string): readonly (readonly [string, string])[] => [
  ['package.json', `{"version":"${version}"}`],
  [PROGRAM, `program of ${version}`],
  ['node_modules/x/index.js', `library of ${version}`],
];

/** A machine without power: its disk, and what is true of it. */
export interface Machine {
  readonly tree: Tree;
  /** Versions that were confirmed; the packaged one is. */
  readonly confirmed: readonly string[];
}

export const NEW_MACHINE: Machine = { tree: { store: {} }, confirmed: ['1'] };

/** What is the same here is the same for all that follows. */
export function keyOf({ tree, confirmed }: Machine): string {
  const { staging, replaced, ...store } = tree[STORE_NAME] as { readonly [name: string]: Tree };
  const waste = [staging, replaced].map((each) => (each === undefined ? 0 : 1));
  return JSON.stringify([store, waste, confirmed]);
}

/**
 * Carries out an action, and loses power after each of its steps.
 *
 * @returns the machines that may be left, the last being those where nothing happened
 */
export async function afterCuts(machine: Machine, action: Action, scripts: Scripts): Promise<readonly Machine[]> {
  const disk = new SimulatedDisk(machine.tree);
  const store = new ReleaseStore(STORE, disk);
  const left = new Map<string, Machine>();
  let { confirmed } = machine;
  const keep = (): void => {
    for (const tree of disk.crashes()) {
      const each = { tree, confirmed };
      left.set(keyOf(each), each);
    }
  };
  disk.onStep = keep;
  await perform(action, { store, disk, scripts, tree: machine.tree }, (version) => {
    confirmed = [...new Set([...confirmed, version])].sort();
  });
  keep();
  return [...left.values()];
}

interface Place {
  readonly store: ReleaseStore;
  readonly disk: SimulatedDisk;
  readonly scripts: Scripts;
  readonly tree: Tree;
}

async function perform(action: Action, { store, disk, scripts, tree }: Place, confirm: (version: string) => void) {
  const trial = await store.trial();
  if (action === 'start') return await replay(scripts.beforeStart(tree), disk);
  if (action === 'update') return trial === undefined ? await update(store, disk) : undefined;
  if (trial === undefined) return;
  // As `runTrial` does.
  const known = await store.decision();
  const isCurrent = (await store.current()) === trial.to;
  const result = known?.id === trial.id ? known.result : isCurrent && action === 'confirm' ? 'confirmed' : 'returned';
  if (action === 'resume' && known?.id !== trial.id) return;
  if (result === 'confirmed') confirm(trial.details.version);
  if (known?.id !== trial.id) await store.decide(decisionOf(trial.id, result));
  if (result !== 'confirmed' && (await store.current()) === trial.to) await store.use(trial.from);
  await store.end();
}

function decisionOf(id: string, result: Decision['result']): Decision {
  const versions = { version: '', fromVersion: '', from: 'packaged' } as const;
  return { id, result, at: '', ...versions, reasons: [], lost: [], notes: [] };
}

async function update(store: ReleaseStore, disk: SimulatedDisk): Promise<void> {
  const from = await store.current();
  const running = isSlot(from) ? versionIn(await disk.readText(`${STORE}/${from}/package.json`)) : '1';
  const version = VERSIONS.find((each) => Number(each) > Number(running));
  if (version === undefined) return;
  const to = await store.prepare(async (directory, into) => {
    for (const parent of ['dist', 'dist/gateway', 'dist/gateway/cli', 'node_modules', 'node_modules/x'])
      await into.makeDirectory(`${directory}/${parent}`);
    for (const [name, content] of FILES(version)) await into.write(`${directory}/${name}`, Buffer.from(content));
  });
  await store.begin({ id: version.padStart(16, '0'), from, to, details: { version } as Trial['details'] });
}

/** What a script did, on the simulated disk. */
async function replay(steps: readonly Step[], disk: SimulatedDisk): Promise<void> {
  for (const [what, ...args] of steps) {
    const [first = '', second = ''] = args.map((each) => `${STORE}/${each}`);
    if (what === 'append') await disk.append(first, args[1] ?? '');
    else if (what === 'syncFile') await disk.syncTree(first);
    else if (what === 'syncNames') await disk.syncNames(STORE);
    else if (what === 'link') await disk.makeLink(args[0] ?? '', second);
    else if (what === 'rename') await disk.rename(first, second);
    else await disk.remove(first);
  }
}

function versionIn(text: string | undefined): string {
  return /"version":"(\d)"/.exec(text ?? '')?.[1] ?? '';
}

type Step = readonly [what: 'append' | 'syncFile' | 'syncNames' | 'link' | 'rename' | 'remove', ...args: string[]];

/** The real scripts, on a real disk that is made to be as a simulated one. */
export class Scripts {
  readonly #root = mkdtempSync(join(tmpdir(), 'callpoint-cuts-'));
  readonly #store = join(this.#root, 'store');
  runs = 0;

  constructor() {
    for (const script of ['launch', 'before-start'])
      cpSync(join(PROJECT, 'hardware/package', script), join(this.#root, script));
    write(join(this.#root, 'release'), release('1'));
    const tools = join(this.#root, 'tools');
    mkdirSync(tools);
    // Each tool notes what it is asked, then does it.
    for (const tool of ['mv', 'ln', 'rm', 'sync'])
      writeFileSync(join(tools, tool), `#!/bin/sh\necho ${tool} "$@" >>"$STEPS"\nexec /usr/bin/${tool} "$@"\n`, {
        mode: 0o755,
      });
  }

  close(): void {
    rmSync(this.#root, { recursive: true });
  }

  /** @returns the directory that `launch` starts from, and whether all of the release is in it */
  launch(
    tree: Tree,
    ...args: string[]
  ): { readonly name: ReleaseName; readonly version: string; readonly whole: boolean } {
    this.#make(tree);
    const { stdout, status, stderr } = this.#run('launch', args, { CALLPOINT_NODE: '/bin/echo' });
    if (status !== 0 || stderr !== '') throw new Error(`launch failed: ${stderr}`);
    const directory = (stdout.trim().split(' ')[0] ?? '').slice(0, -PROGRAM.length - 1);
    const slot = directory.startsWith(`${this.#store}/`) ? directory.slice(this.#store.length + 1) : undefined;
    const found = isSlot(slot) ? slot : 'packaged';
    const version = versionIn(readFileSync(join(directory, 'package.json'), 'utf8'));
    const whole = FILES(version).every(([file, content]) => contentOf(join(directory, file)) === content);
    return { name: found, version, whole };
  }

  /** @returns what it did to the store */
  beforeStart(tree: Tree): readonly Step[] {
    const before = this.#make(tree);
    const { PATH } = process.env;
    const steps = join(this.#root, 'steps');
    writeFileSync(steps, '');
    const path = `${join(this.#root, 'tools')}:${PATH}`;
    const { status } = this.#run('before-start', [], { STEPS: steps, PATH: path });
    if (status !== 0) throw new Error('before-start keeps the gateway from starting');
    const starts = contentOf(join(this.#store, 'starts')) ?? '';
    const appended = starts.slice(before.length);
    const done = readFileSync(steps, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return [
      ...(appended === '' ? [] : [['append', 'starts', appended] as const]),
      ...done.flatMap((line) => this.#step(line)),
    ];
  }

  #step(line: string): readonly Step[] {
    const [tool, ...all] = line.split(' ').filter((part) => !part.startsWith('-'));
    const args = all.map((each) => (each.startsWith(`${this.#store}/`) ? each.slice(this.#store.length + 1) : each));
    if (tool === 'sync') return args.map((each) => (each === this.#store ? ['syncNames'] : ['syncFile', each]));
    return [[tool === 'mv' ? 'rename' : tool === 'ln' ? 'link' : 'remove', ...args]];
  }

  #run(script: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.runs += 1;
    return spawnSync('/bin/sh', [join(this.#root, script), ...args], {
      env: { ...process.env, CALLPOINT_RELEASES: this.#store, ...environment },
      encoding: 'utf8',
    });
  }

  /** @returns the counted starts */
  #make(tree: Tree): string {
    rmSync(this.#store, { recursive: true, force: true });
    write(this.#store, tree[STORE_NAME] as Tree);
    return contentOf(join(this.#store, 'starts')) ?? '';
  }
}

function release(version: string): Tree {
  const [description, program, library] = FILES(version).map(([, content]) => content);
  return {
    'package.json': description ?? '',
    dist: { gateway: { cli: { 'main.js': program ?? '' } } },
    node_modules: { x: { 'index.js': library ?? '' } },
  };
}

function write(path: string, tree: Tree | string | { readonly link: string }): void {
  if (typeof tree === 'string') writeFileSync(path, tree);
  else if ('link' in tree && typeof tree.link === 'string') symlinkSync(tree.link, path);
  else {
    mkdirSync(path);
    for (const [name, each] of Object.entries(tree as Tree)) write(join(path, name), each);
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
