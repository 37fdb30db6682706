/** Node with serialport's stream, as most programs use it. `serialport-node PORT FILE TTY…` */
import { once } from 'node:events';
import { SerialPort } from 'serialport';
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
  const serial = new SerialPort({ path, baudRate: 115200 });
  serial.on('data', take);
  await once(serial, 'open');
}
process.stdout.write('ready\n');
