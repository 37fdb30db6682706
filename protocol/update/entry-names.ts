/** The names that fit a ustar header without its prefix's rules getting in the way. */
const NAME_LENGTH_MAX = 240;
const PART = /^[A-Za-z0-9 !#$%&'()+,\-.;=@[\]^_`{}~]+$/;

/** A plain relative name: it leads nowhere else, and means the same on every machine. */
function isPlainName(name: string): boolean {
  if (name.length > NAME_LENGTH_MAX) return false;
  return name.split('/').every((part) => part !== '.' && part !== '..' && PART.test(part));
}

/** Notices names of files that can't all be there: twice, by case alone, or below another file. */
export class EntryNames {
  readonly #files = new Set<string>();
  /** By their names in lower case. */
  readonly #directories = new Map<string, string>();

  /** @returns a text about what is wrong */
  add(name: string): string | undefined {
    if (!isPlainName(name)) return `it holds ${JSON.stringify(name)}, which no release has`;
    const parts = name.split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const parent = parts.slice(0, length).join('/');
      const folded = parent.toLowerCase();
      if (this.#files.has(folded)) return `it holds ${name} below a file`;
      const known = this.#directories.get(folded) ?? parent;
      if (known !== parent) return `it holds ${known} and ${parent}, which differ by case alone`;
      this.#directories.set(folded, parent);
    }
    const folded = name.toLowerCase();
    if (this.#files.has(folded)) return `it holds ${name} twice, or differently by case alone`;
    if (this.#directories.has(folded)) return `it holds ${name} as a file and as a directory`;
    this.#files.add(folded);
    return undefined;
  }
}
