import { createReadStream } from 'node:fs';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import type { RecordingEntry } from '../../protocol/recording/recording.ts';
import { RecordingReader } from '../../protocol/recording/recording-reader.ts';

/** Called with what can't be read of a file, which may be another's. */
type OnFault = (line: number, reason: string) => void;

/**
 * The entries of a recording, the header first. A file of any size is read with little memory.
 *
 * @throws CallpointError RECORDING_FAILED
 */
export async function* readRecording(file: string, onFault: OnFault): AsyncGenerator<RecordingEntry> {
  const reader = new RecordingReader();
  try {
    for await (const chunk of createReadStream(file, 'utf8'))
      yield* entries(file, reader.push(chunk as string), onFault);
  } catch (error) {
    if (error instanceof CallpointError) throw error;
    throw new CallpointError('RECORDING_FAILED', `${file} can't be read: ${messageOf(error)}.`, { cause: error });
  }
  yield* entries(file, reader.end(), onFault);
}

function* entries(
  file: string,
  pieces: ReturnType<RecordingReader['push']>,
  onFault: OnFault,
): Generator<RecordingEntry> {
  for (const piece of pieces) {
    if (piece.type === 'entry') yield piece.entry;
    else if (piece.type === 'fault') onFault(piece.line, piece.reason);
    else {
      throw new CallpointError('RECORDING_FAILED', `${file} can't be read as a recording: ${piece.reason}.`);
    }
  }
}
