/**
 * A DC-09 receiver in its own process, and so in its own network namespace. Arguments: address,
 * account. It prints `port N` when it listens.
 */
import { writeSync } from 'node:fs';
import { startReceiver } from '../../../device-sim/receiver/receiver.ts';

const [host = '127.0.0.1', account = '1234'] = process.argv.slice(2);
const receiver = await startReceiver({ port: 0, host, accounts: [{ account }], udp: true });
writeSync(1, `port ${receiver.port}\n`);
