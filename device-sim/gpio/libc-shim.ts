import fs from 'node:fs';
import koffi, { type LibraryHandle } from 'koffi';

/** Answers ioctl(2): 0 or an errno. */
type IoctlAnswer = (request: number, argument: Uint8Array) => number;

/** Answers by device and inode of the file that a descriptor is open on. */
const answers = new Map<string, IoctlAnswer>();
const realLoad = koffi.load;
let installed = false;

/** libc without the shim. */
export function realLibc(): LibraryHandle {
  return realLoad(null);
}

/**
 * Lets `answer` answer ioctl(2) on every descriptor that is open on the same file as `fd`. It
 * applies to programs in this process that call libc through koffi. Every other call goes to libc.
 * Returns a function that ends it.
 */
export function answerIoctls(fd: number, answer: IoctlAnswer): () => void {
  if (!installed) koffi.load = shimmedLoad;
  installed = true;
  const key = keyOf(fd);
  answers.set(key, answer);
  return () => {
    if (answers.get(key) === answer) answers.delete(key);
  };
}

function shimmedLoad(...given: Parameters<typeof koffi.load>): LibraryHandle {
  const library = realLoad(...given);
  return new Proxy(library, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'func') return value.bind(target);
      return (...definition: [string]) => {
        const call = target.func(...definition);
        return /\bioctl\b/.test(String(definition[0])) ? shimmedIoctl(call) : call;
      };
    },
  });
}

/** Passes requests without an argument to libc unchanged: koffi counts the arguments it gets. */
function shimmedIoctl(call: (...given: unknown[]) => number) {
  return (...given: [fd: number, request: number, argument?: Uint8Array]): number => {
    const [fd, request, argument] = given;
    const answer = answers.size === 0 || argument === undefined ? undefined : answers.get(keyOf(fd));
    if (answer === undefined || argument === undefined) return call(...given);
    const errno = answer(request, argument);
    if (errno === 0) return 0;
    koffi.errno(errno);
    return -1;
  };
}

function keyOf(fd: number): string {
  try {
    const { dev, ino } = fs.fstatSync(fd, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // The descriptor is not open. libc reports that itself.
    return '';
  }
}
