const DEPTH_MAX = 32;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The value of a JSON text; `undefined` if it is none, or nested deeper than any device's message.
 * Never throws.
 */
export function parseJson(text: string): unknown {
  if (depthOf(text) > DEPTH_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller counts it
  }
}

/** The value of the member; `undefined` if there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

/**
 * The value of the member as text; `undefined` if there is none or it is no scalar. Numbers and
 * booleans as JSON writes them. A scalar is also its own first element: Shelly's scripts write a
 * list of one without brackets.
 */
export function textAt(value: unknown, path: readonly string[]): string | undefined {
  const at = valueAt(value, path) ?? (path.at(-1) === '0' ? scalarAt(value, path.slice(0, -1)) : undefined);
  if (typeof at === 'string') return at;
  return typeof at === 'number' || typeof at === 'boolean' ? String(at) : undefined;
}

function scalarAt(value: unknown, path: readonly string[]): unknown {
  const at = path.length === 0 ? undefined : valueAt(value, path);
  return typeof at === 'object' ? undefined : at;
}

/** How deep arrays and objects are nested at most, before anything of them is built. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted) at += code === BACKSLASH ? 1 : 0;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}

/** True if the text is one of these, whatever its case and the spaces around it: devices differ. */
export function isAmong(texts: readonly string[], text: string): boolean {
  const plain = text.trim().toLowerCase();
  return texts.some((each) => each.trim().toLowerCase() === plain);
}
