import { open } from 'node:fs/promises';

/** Appends lines and makes them durable beside the presses: whatever waits goes in one batch. */
export async function openJournal(path) {
  const file = await open(path, 'a');
  let waiting = [];
  let isWriting = false;
  const write = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await file.appendFile(batch.join(''));
      await file.datasync();
    }
    isWriting = false;
  };
  return (line) => {
    waiting.push(line);
    if (!isWriting) void write();
  };
}
