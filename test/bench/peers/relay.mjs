import { connectForEver } from './connection.mjs';
import { openJournal } from './journal.mjs';
import { messageOf, splitter } from './press-frame.mjs';

/**
 * Sends a message for each press on the lines, and writes it to a journal beside. Arguments of the
 * program: `PORT FILE TTY…`
 *
 * @param open opens a terminal; what it reads goes to `take`
 */
export async function relay(open) {
  const [, , port, file, ...lines] = process.argv;
  const journal = await openJournal(file);
  const send = await connectForEver(Number(port));
  for (const [line, path] of lines.entries()) {
    const take = splitter((body) => {
      const message = messageOf(line, body);
      if (message === undefined) return;
      send(message);
      journal(`${message.trim()}\n`);
    });
    await open(path, take);
  }
  process.stdout.write('ready\n');
}
