import { readEntry } from './read-entry.ts';
import { LINE_LENGTH_MAX, type RecordingEntry } from './recording.ts';

export type ReadPiece =
  | { readonly type: 'entry'; readonly entry: RecordingEntry; readonly line: number }
  /** The line is left out. */
  | { readonly type: 'fault'; readonly line: number; readonly reason: string }
  /** It is no recording that can be read. Nothing follows. */
  | { readonly type: 'refused'; readonly reason: string };

/**
 * Cuts a recording into its lines as it is read. What was cut off in the middle of a line is
 * readable up to the last whole one.
 */
export class RecordingReader {
  #held = '';
  #line = 0;
  #isTooLong = false;
  #isRefused = false;
  #hasHeader = false;
  #hasEnded = false;

  push(text: string): ReadPiece[] {
    const pieces: ReadPiece[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#hold(text.slice(from, end));
      from = end + 1;
      pieces.push(...this.#take());
    }
    this.#hold(text.slice(from));
    if (!this.#hasHeader && this.#isTooLong) pieces.push(...this.#take());
    return pieces;
  }

  /** The file has ended. */
  end(): ReadPiece[] {
    if (this.#isRefused) return [];
    if (!this.#hasHeader) {
      const isEmpty = this.#line === 0 && this.#held === '';
      return this.#refuse(isEmpty ? 'it is empty' : 'it is no recording: its first line is not whole');
    }
    if (this.#held !== '' || this.#isTooLong)
      return [this.#fault('the file was cut off in the middle of this line', 1)];
    return this.#hasEnded ? [] : [this.#fault('the recording was cut off here: it has no end', 1)];
  }

  #hold(part: string): void {
    if (this.#isTooLong || this.#held.length + part.length > LINE_LENGTH_MAX) {
      this.#isTooLong = true;
      this.#held = '';
    } else this.#held += part;
  }

  #take(): ReadPiece[] {
    const [line, isTooLong] = [this.#held, this.#isTooLong];
    this.#held = '';
    this.#isTooLong = false;
    this.#line += 1;
    if (this.#isRefused) return [];
    const result = isTooLong ? { ok: false as const, reason: 'it is too long' } : readEntry(line);
    if (!this.#hasHeader) {
      if (!result.ok) return this.#refuse(isTooLong ? 'it is no recording' : result.reason);
      if (result.entry.type !== 'header') return this.#refuse('it is no recording: it does not begin with a header');
      this.#hasHeader = true;
    } else if (!result.ok) return line.trim() === '' && !isTooLong ? [] : [this.#fault(result.reason)];
    if (!result.ok) return [];
    if (result.entry.type === 'end') this.#hasEnded = true;
    return [{ type: 'entry', entry: result.entry, line: this.#line }];
  }

  #refuse(reason: string): ReadPiece[] {
    this.#isRefused = true;
    return [{ type: 'refused', reason }];
  }

  #fault(reason: string, ahead = 0): ReadPiece {
    return { type: 'fault', line: this.#line + ahead, reason };
  }
}
