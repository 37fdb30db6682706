import { loadStructIoctl } from '../../system/libc.ts';

/** libuv's poll(2) of one descriptor, on the event loop; makes the descriptor non-blocking. */
export interface DescriptorPoller {
  /** `error`: hung up. Called once. */
  once(event: 'readable', callback: (error: Error | null) => void): unknown;
  /** Calls what still waits with an error. */
  stop(): void;
  destroy(): void;
}

/** What Node itself can't do. */
export interface SystemCalls {
  /** ioctl(2). @throws SystemError */
  ioctl(fd: number, request: number, argument: Uint8Array): void;
  /** `poller.stop()` must come before the descriptor is closed. */
  poller(fd: number): DescriptorPoller;
}

/**
 * koffi calls libc without a compiler at installation. The poller is the one that serialport's
 * binding brings: the descriptor is watched by the event loop itself, so that a waiting line holds
 * none of libuv's few pool threads, where edges would wait behind a hung disk or DNS.
 *
 * @throws Error if a native library can't be loaded on this machine.
 */
export async function loadSystemCalls(): Promise<SystemCalls> {
  const { Poller } = await import('@serialport/bindings-cpp/dist/poller.js');
  return { ioctl: await loadStructIoctl(), poller: (fd) => new Poller(fd) };
}
