import type { Socket } from 'node:net';
import type { RecordRequest } from '../../protocol/recording/record-request.ts';

/** A client of the control socket that reads a recording. */
export interface RecordingClient {
  /** Returns false if it wants no more until it has drained. */
  write(text: string): boolean;
  /** Everything is written. `text`: how it ended, for a person. */
  ended(text: string): void;
}

interface ClientRecording {
  /** The client asks for the end. */
  stop(): void;
  /** It takes more. */
  drained(): void;
  /** It has gone. */
  abandon(): void;
}

/** @returns a text that says why there is no recording */
export type StartRecording = (request: RecordRequest, by: string, out: RecordingClient) => ClientRecording | string;

/** A client that does not read the end of its recording is disconnected after this time. */
const END_MS = 10_000;

/**
 * Lets a client read a recording, which it ends by closing its side of the connection.
 *
 * @param limit disconnects the client after so many ms
 */
export function serveRecording(
  socket: Socket,
  recording: ClientRecording,
  forMs: number,
  limit: (ms: number) => void,
): void {
  limit(forMs + END_MS);
  socket.on('drain', () => recording.drained());
  socket.on('end', () => {
    limit(END_MS);
    recording.stop();
  });
  socket.on('close', () => recording.abandon());
  // Whatever else it sends is ignored; its end is heard.
  socket.resume();
}
