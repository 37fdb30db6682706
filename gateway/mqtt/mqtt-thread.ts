import { parentPort, workerData } from 'node:worker_threads';
import { runInBackground } from '../system/background-priority.ts';
import { MqttThread } from './thread.ts';
import type { ThreadSetup } from './thread-messages.ts';

/** Where the MQTT thread begins. `process.exit` in a worker ends the thread, not the process. */
if (parentPort !== null) {
  runInBackground(10);
  await new MqttThread(parentPort, workerData as ThreadSetup, () => process.exit(0)).run();
}
