/** A DC-09 receiver in a process, and so in a network namespace, of its own. Arguments: address, account. Says `port N` when it listens. */
import { writeSync } from 'node:fs';
import { startReceiver } from '../../../device-sim/receiver/receiver.ts';

const [host = '127.0.0.1', account = '1234'] = process.argv.slice(2);
const receiver = await startReceiver({ port: 0, host, accounts: [{ account }], udp: true });
writeSync(1, `port ${receiver.port}\n`);
