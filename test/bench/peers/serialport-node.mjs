/** Node with serialport's stream, as most programs use it. */
import { once } from 'node:events';
import { SerialPort } from 'serialport';
import { relay } from './relay.mjs';

await relay(async (path, take) => {
  const serial = new SerialPort({ path, baudRate: 115200 });
  serial.on('data', take);
  await once(serial, 'open');
});
