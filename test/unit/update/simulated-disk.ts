import type { ReleaseDisk } from '../../../gateway/update/release-disk.ts';

/** What has a name on the simulated disk. Files and directories are told apart by identity. */
type DiskNode = FileNode | LinkNode | DirectoryNode;

interface FileNode {
  readonly kind: 'file';
  content: string;
  /** What is on the medium. */
  synced: string;
}

/** A link is one inode with its target: file systems write both at once. */
interface LinkNode {
  readonly kind: 'link';
  readonly target: string;
}

interface DirectoryNode {
  readonly kind: 'directory';
  readonly names: Map<string, DiskNode>;
  readonly synced: Map<string, DiskNode>;
}

/** A whole tree, as it is after a power cut: all of it is on the medium. */
export type Tree = { readonly [name: string]: Tree | string | { readonly link: string } };

interface Naming {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: DiskNode | undefined;
}

/** Names that change together: a rename is one change. */
type Change = readonly Naming[];

/** More changes that are not on the medium have too many combinations. */
const PENDING_MAX = 8;
/** Directories that no release starts from. */
const HIDDEN = ['staging', 'replaced'];

/**
 * A disk that keeps apart what is on the medium. A power cut keeps that, and of the rest anything:
 * each change of names or not, in order, and of each file the old, the new or half of the new
 * content. So a file can have its new name and no content, and a later change can be there without
 * an earlier one.
 */
export class SimulatedDisk implements ReleaseDisk {
  readonly root: DirectoryNode;
  #pending: Change[] = [];
  /** Called after each step, where the power may fail. */
  onStep: (disk: SimulatedDisk) => void = () => undefined;

  constructor(tree: Tree) {
    this.root = nodeOf(tree) as DirectoryNode;
  }

  async readText(path: string): Promise<string | undefined> {
    const node = this.#find(path);
    return node?.kind === 'file' ? node.content : undefined;
  }

  async readLink(path: string): Promise<string | undefined> {
    const node = this.#find(path);
    return node?.kind === 'link' ? node.target : undefined;
  }

  async isThere(path: string): Promise<boolean> {
    return this.#find(path) !== undefined;
  }

  async makeDirectory(path: string): Promise<void> {
    this.#name(path, { kind: 'directory', names: new Map(), synced: new Map() }, 'new');
  }

  async write(path: string, content: Uint8Array): Promise<void> {
    const file: FileNode = { kind: 'file', content: '', synced: '' };
    this.#name(path, file, 'new');
    file.content = Buffer.from(content).toString('utf8');
    this.onStep(this);
  }

  /** As a shell does with `>>`. */
  async append(path: string, content: string): Promise<void> {
    const node = this.#find(path);
    if (node === undefined) await this.write(path, Buffer.from(content));
    else if (node.kind === 'file') node.content += content;
    this.onStep(this);
  }

  async makeLink(target: string, path: string): Promise<void> {
    this.#name(path, { kind: 'link', target }, 'new');
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#find(from);
    if (node === undefined) throw new Error(`ENOENT ${from}`);
    const [source, target] = [this.#place(from), this.#place(to)];
    this.#change([
      { ...source, node: undefined },
      { ...target, node },
    ]);
  }

  async remove(path: string): Promise<void> {
    const node = this.#find(path);
    if (node === undefined) return;
    if (node.kind === 'directory') for (const name of [...node.names.keys()]) await this.remove(`${path}/${name}`);
    this.#name(path, undefined, 'any');
  }

  async syncTree(path: string): Promise<void> {
    const node = this.#find(path);
    if (node === undefined) throw new Error(`ENOENT ${path}`);
    this.#sync(node);
    this.onStep(this);
  }

  async syncNames(path: string): Promise<void> {
    const node = this.#find(path);
    if (node?.kind !== 'directory') throw new Error(`ENOTDIR ${path}`);
    this.#settle(node);
    this.onStep(this);
  }

  /** Every tree that a power cut may leave now. */
  *crashes(): Generator<Tree> {
    const visible = this.#visible();
    const isHidden = (change: Change) => change.every(({ directory }) => !visible.has(directory));
    const open = this.#pending.filter((change) => !isHidden(change));
    if (open.length > PENDING_MAX) throw new Error(`${open.length} changes are not on the medium: too many to try`);
    // In a directory that nothing uses, a few combinations are enough.
    const hiddenKept = open.length === this.#pending.length ? [0] : open.length > 2 ? [1] : [0, 1, 2];
    for (const some of hiddenKept) {
      for (let subset = 0; subset < 2 ** open.length; subset += 1) {
        const kept = new Set(open.filter((_, at) => Math.floor(subset / 2 ** at) % 2 === 1));
        yield* this.#crashed((change, at) => (isHidden(change) ? some === 2 || at % 2 < some : kept.has(change)));
      }
    }
  }

  *#crashed(isKept: (change: Change, at: number) => boolean): Generator<Tree> {
    const names = new Map<DirectoryNode, Map<string, DiskNode>>();
    const namesOf = (directory: DirectoryNode) => {
      const known = names.get(directory) ?? new Map(directory.synced);
      names.set(directory, known);
      return known;
    };
    for (const [at, change] of this.#pending.entries()) {
      if (!isKept(change, at)) continue;
      for (const { directory, name, node } of change) {
        if (node === undefined) namesOf(directory).delete(name);
        else namesOf(directory).set(name, node);
      }
    }
    const contents = [
      ({ synced }: FileNode) => synced,
      ({ content }: FileNode) => content,
      ({ content, synced }: FileNode) => content.slice(0, Math.max(synced.length, Math.ceil(content.length / 2))),
    ];
    const isDirty = this.#isDirty(this.root);
    for (const contentOf of isDirty ? contents : contents.slice(0, 1))
      yield treeOf(this.root, namesOf, contentOf) as Tree;
  }

  #isDirty(node: DiskNode): boolean {
    if (node.kind === 'file') return node.content !== node.synced;
    return node.kind === 'directory' && [...node.names.values()].some((each) => this.#isDirty(each));
  }

  /** Directories that have, now or on the medium, a name that a release may start from. */
  #visible(): ReadonlySet<DirectoryNode> {
    const store = this.#find('store');
    const tops = store?.kind === 'directory' ? [...store.names, ...store.synced] : [];
    const shown = tops.filter(([name]) => !HIDDEN.includes(name)).flatMap(([, node]) => this.#directoriesIn(node));
    return new Set([this.root, ...(store?.kind === 'directory' ? [store] : []), ...shown]);
  }

  #directoriesIn(node: DiskNode | undefined): DirectoryNode[] {
    if (node?.kind !== 'directory') return [];
    return [node, ...[...node.names.values()].flatMap((each) => this.#directoriesIn(each))];
  }

  #sync(node: DiskNode): void {
    if (node.kind === 'file') node.synced = node.content;
    if (node.kind !== 'directory') return;
    this.#settle(node);
    for (const each of node.names.values()) this.#sync(each);
  }

  #settle(directory: DirectoryNode): void {
    directory.synced.clear();
    for (const [name, node] of directory.names) directory.synced.set(name, node);
    this.#pending = this.#pending.filter((change) => change.every((each) => each.directory !== directory));
  }

  #name(path: string, node: DiskNode | undefined, what: 'new' | 'any'): void {
    const place = this.#place(path);
    if (what === 'new' && place.directory.names.has(place.name)) throw new Error(`EEXIST ${path}`);
    this.#change([{ ...place, node }]);
  }

  #change(change: Change): void {
    for (const { directory, name, node } of change) {
      if (node === undefined) directory.names.delete(name);
      else directory.names.set(name, node);
    }
    this.#pending.push(change);
    this.onStep(this);
  }

  #place(path: string): { readonly directory: DirectoryNode; readonly name: string } {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? '';
    const directory = this.#find(parts.join('/'));
    if (directory?.kind !== 'directory') throw new Error(`ENOENT ${path}`);
    return { directory, name };
  }

  #find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.root;
    for (const part of path.split('/').filter((each) => each !== ''))
      node = node?.kind === 'directory' ? node.names.get(part) : undefined;
    return node;
  }
}

function nodeOf(tree: Tree | string | { readonly link: string }): DiskNode {
  if (typeof tree === 'string') return { kind: 'file', content: tree, synced: tree };
  if ('link' in tree && typeof tree.link === 'string') return { kind: 'link', target: tree.link };
  const names = new Map(Object.entries(tree as Tree).map(([name, each]) => [name, nodeOf(each)]));
  return { kind: 'directory', names, synced: new Map(names) };
}

function treeOf(
  node: DiskNode,
  namesOf: (directory: DirectoryNode) => ReadonlyMap<string, DiskNode>,
  contentOf: (file: FileNode) => string,
): Tree | string | { readonly link: string } {
  if (node.kind === 'file') return contentOf(node);
  if (node.kind === 'link') return { link: node.target };
  const names = [...namesOf(node)].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map(([name, each]) => [name, treeOf(each, namesOf, contentOf)]));
}
