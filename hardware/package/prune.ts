import { type Architecture, NODE_CPUS } from './control.ts';

/**
 * What Node loads, and what a package reads: tables (`.trie`, `.dat`, `.afm`, `.icc`, `.json`).
 * Sources, types, source maps, build files and pages stay out.
 */
const LOADED = /\.(?:[cm]?js|json|node|wasm|trie|dat|afm|icc)$/;
/**
 * Directories of tests and examples. They count at a package's top only: deeper, `doc` and `test`
 * may be code (yaml has `dist/doc`).
 */
const UNUSED = /^(?:\..*|bin|scripts|tools|benchmarks?|coverage|docs?|examples?|eg|fixtures?|tests?|__tests__|vendor)$/;
const BUILD_FILES =
  /^(?:\..*|karma\.conf\.js|gruntfile\.js|(?:rollup|eslint)\.config\.[cm]?js|bower\.json|component\.json|package-lock\.json|tsconfig.*\.json|cnoke\.cjs|(?:test|bench|example)(?:\..+)?\.js)$/i;
const LICENCE = /^(?:licen[cs]e|copying|notice|unlicense)/i;

/** Packages that the dependencies name and nothing on Linux loads, each with who names it. */
export const NEVER_LOADED: ReadonlyMap<string, string> = new Map([
  ['patch-package', 'the Bluetooth socket patches its own build with it'],
  ['usb', 'the Bluetooth socket opens USB adapters with it, on Windows and FreeBSD'],
  ['node-addon-api', 'headers for a C++ compiler'],
]);

/**
 * Whether a file of a package goes along.
 *
 * @param path of the file inside its package, such as `prebuilds/linux-x64/x.glibc.node`
 */
export function isKept(path: string, architecture: Architecture): boolean {
  const parts = path.split('/');
  const [top = '', second] = parts;
  const name = parts.at(-1) ?? '';
  if (isLicence(path)) return true;
  if (!LOADED.test(name) || BUILD_FILES.test(name)) return false;
  if (parts.length > 1 && UNUSED.test(top)) return false;
  if (top === 'prebuilds' && second !== `linux-${NODE_CPUS[architecture]}`) return false;
  // Debian's C library is glibc.
  return !(name.endsWith('.node') && /(?:^|[._/])musl[._]/.test(path));
}

/** Whether a file at a package's top is its licence or a notice that goes with it. */
export function isLicence(path: string): boolean {
  return LICENCE.test(path) && !path.includes('/');
}
