import { type FileHandle, open, unlink } from 'node:fs/promises';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';

/** Room that is kept for the last lines. */
const END_BYTES = 1024;

/** The file of a recording: made by us, for its owner alone, and of bounded size. */
export class RecordingFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #bytesMax: number;
  #bytes = 0;

  private constructor(path: string, handle: FileHandle, bytesMax: number) {
    this.#path = path;
    this.#handle = handle;
    this.#bytesMax = bytesMax;
  }

  /** @throws CallpointError RECORDING_FAILED */
  static async create(path: string, bytesMax: number): Promise<RecordingFile> {
    try {
      return new RecordingFile(path, await open(path, 'wx', 0o600), bytesMax);
    } catch (error) {
      const why = errorCode(error) === 'EEXIST' ? 'it exists already: name another file' : messageOf(error);
      throw failed(`${path} can't be made: ${why}.`, error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Writes whole lines.
   * @param isLast may use the room that is kept for the end
   * @returns false if there is no room for them: nothing is written
   * @throws CallpointError RECORDING_FAILED
   */
  async write(lines: string, isLast = false): Promise<boolean> {
    const bytes = Buffer.from(lines, 'utf8');
    if (!isLast && this.#bytes + bytes.length + END_BYTES > this.#bytesMax) return false;
    try {
      await this.#handle.appendFile(bytes);
    } catch (error) {
      throw failed(`${this.#path} can't be written: ${messageOf(error)}. What it has so far can be read.`, error);
    }
    this.#bytes += bytes.length;
    return true;
  }

  /** A recording that never began leaves no file. */
  async close(): Promise<void> {
    await this.#handle.close();
    if (this.#bytes === 0) await unlink(this.#path);
  }
}

function failed(message: string, cause: unknown): CallpointError {
  return new CallpointError('RECORDING_FAILED', message, { cause });
}
