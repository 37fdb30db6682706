/** Bare Node: a terminal read by libuv, a socket, and a journal beside. */
import fs from 'node:fs';
import tty from 'node:tty';
import { relay } from './relay.mjs';

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fs.constants;

await relay((path, take) => {
  new tty.ReadStream(fs.openSync(path, O_RDWR | O_NOCTTY | O_NONBLOCK)).on('data', take);
});
