/** One end of a cable: a pseudo-terminal, a real port, two ends in memory. */
export interface ByteDuplex {
  write(bytes: Uint8Array): void;
  /** Returns how to stop listening. */
  onData(listener: (bytes: Uint8Array) => void): () => void;
}
