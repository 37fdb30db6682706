import { createServer } from 'node:net';
import { Aedes } from 'aedes';

/**
 * An MQTT broker of its own on loopback, for `node broker-process.js PORT`. It lets everybody in
 * and keeps retained messages for as long as it lives.
 */
const [port] = process.argv.slice(2);
const aedes = await Aedes.createBroker();
createServer(aedes.handle).listen(Number(port), '127.0.0.1');
