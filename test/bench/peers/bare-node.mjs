/** Bare Node: a terminal read by libuv, a socket, and a journal beside. `bare-node PORT FILE TTY…` */
import fs from 'node:fs';
import tty from 'node:tty';
import { connectForEver } from './connection.mjs';
import { openJournal } from './journal.mjs';
import { messageOf, splitter } from './press-frame.mjs';

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
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fs.constants;
  new tty.ReadStream(fs.openSync(path, O_RDWR | O_NOCTTY | O_NONBLOCK)).on('data', take);
}
process.stdout.write('ready\n');
