import type { LibraryHandle } from 'koffi';

/** koffi calls libc without a compiler at installation. @throws Error if a native library can't be loaded on this machine. */
export async function loadLibc(): Promise<LibraryHandle> {
  const { default: koffi } = await import('koffi');
  try {
    return koffi.load('libc.so.6');
  } catch {
    // musl has no file of that name; what it gives is in the process already.
    return koffi.load(null);
  }
}
