/** `1.2.3` or `1.2.3-beta.1`: the part of Semantic Versioning 2.0.0 that releases use. */
const VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const VERSION_LENGTH_MAX = 64;
const BOUND = /^(>=|<)(\d+)(?:\.(\d+))?(?:\.(\d+))?$/;
const NODE_VERSION = /^v?(\d+)\.(\d+)\.(\d+)/;

export function isVersion(text: string): boolean {
  return text.length <= VERSION_LENGTH_MAX && VERSION.test(text);
}

/**
 * Semantic Versioning 2.0.0 clause 11. Below 0: `a` is the older one.
 *
 * @param a as `isVersion` accepts
 */
export function compareVersions(a: string, b: string): number {
  const [, ...first] = VERSION.exec(a) ?? [];
  const [, ...second] = VERSION.exec(b) ?? [];
  const byNumber = compareNumbers(first.slice(0, 3).map(Number), second.slice(0, 3).map(Number));
  return byNumber === 0 ? comparePreReleases(first[3], second[3]) : byNumber;
}

/** `>=20.19 <26`: bounds that all have to hold. */
export function isNodeRange(text: string): boolean {
  return text.length <= VERSION_LENGTH_MAX && text.split(' ').every((bound) => BOUND.test(bound));
}

/** @param range as `isNodeRange` accepts */
export function isNodeWithin(nodeVersion: string, range: string): boolean {
  const [, ...version] = NODE_VERSION.exec(nodeVersion) ?? [];
  if (version.length === 0) return false;
  return range.split(' ').every((bound) => {
    const [, relation, ...limit] = BOUND.exec(bound) ?? [];
    const order = compareNumbers(
      version.map(Number),
      limit.map((part = '0') => Number(part)),
    );
    return relation === '<' ? order < 0 : relation === '>=' && order >= 0;
  });
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [at, each] of a.entries()) {
    const other = b[at] ?? 0;
    if (each !== other) return each - other;
  }
  return 0;
}

function comparePreReleases(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  const [first, second] = [a.split('.'), b.split('.')];
  for (const [at, each] of first.entries()) {
    const other = second[at];
    if (other === undefined) return 1;
    const order = compareIdentifiers(each, other);
    if (order !== 0) return order;
  }
  return first.length - second.length;
}

/** Numbers come before texts. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
