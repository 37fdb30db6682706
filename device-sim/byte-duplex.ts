/** One end of a cable: a pseudo-terminal, a real port, or one of two connected ends in memory. */
export interface ByteDuplex {
  write(bytes: Uint8Array): void;
  /** Returns a function that removes the listener. */
  onData(listener: (bytes: Uint8Array) => void): () => void;
}
