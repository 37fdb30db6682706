/**
 * A gateway that kills itself, as a power cut or the kernel would. After it is armed, it counts
 * steps from the first press and dies at the n-th. A step is anything that crosses one of its
 * edges, counted before and after it does. Arguments: site file, data directory, n. It starts at
 * the line `start` on stdin and is armed at the line `arm`.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type EdgeMakers, realEdges, startGateway } from '../../../gateway/gateway.ts';
import { openLog } from '../../../gateway/system/log.ts';

const [siteFile = '', data = '', at = '0'] = process.argv.slice(2);
const dieAt = Number(at);
let armed = false;
let counting = false;
let steps = 0;

function step(name: string): void {
  if (!counting) return;
  steps += 1;
  writeSync(1, `step ${steps} ${name}\n`);
  if (steps === dieAt) process.kill(process.pid, 'SIGKILL');
}

/** Calls the function with a step before and one after. */
function around<A extends unknown[], R>(name: string, call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    step(`before ${name}`);
    const result = call(...args);
    step(`after ${name}`);
    return result;
  };
}

const edges: EdgeMakers = {
  openJournal: async (settings, sink) => {
    const durable = around('durable', (number: number) => sink.durable(number));
    const { journal, recovered } = await realEdges.openJournal(settings, { ...sink, health: sink.health, durable });
    const append: typeof journal.append = (number, entry) =>
      around(`journal ${entry.record.t}`, () => journal.append(number, entry))();
    return { journal: { append, close: () => journal.close() }, recovered };
  },
  startMqtt: (settings, session, sink) => {
    const published = around('published', (number: number, atMs: number) => sink.published(number, atMs));
    const link = realEdges.startMqtt(settings, session, { ...sink, published });
    return {
      publish: (publication, number) => link.publish(publication, number),
      renew: (pem) => link.renew(pem),
      reload: (next, what) => link.reload(next, what),
      stop: () => link.stop(),
    };
  },
  openNames: realEdges.openNames,
  load: realEdges.load,
  input: (settings, session, sink, names) => {
    const press = around('press', sink.signal);
    const signal: typeof sink.signal = (heard) => {
      if (heard.body.type !== 'press') return sink.signal(heard);
      counting = armed;
      press(heard);
    };
    const driver = realEdges.input(settings, session, { ...sink, signal }, names);
    const answer: NonNullable<typeof driver.answer> = (device, identity, status) =>
      around(`answer ${status}`, () => driver.answer?.(device, identity, status))();
    return Object.assign(Object.create(driver) as typeof driver, {
      id: driver.id,
      answer,
      start: () => driver.start(),
      stop: () => driver.stop(),
      counters: () => driver.counters(),
    });
  },
  path: (settings, sink, names) => {
    const told = { sent: around('sent', sink.sent), outcome: around('outcome', sink.outcome) };
    const driver = realEdges.path(settings, told, names);
    return {
      id: driver.id,
      start: () => driver.start(),
      stop: () => driver.stop(),
      send: around('send', (attempt: Parameters<typeof driver.send>[0]) => driver.send(attempt)),
      abandon: (attempt) => driver.abandon(attempt),
    };
  },
};

const log = openLog({ level: 'warn', format: 'json', colours: false });
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'start') {
    startGateway(loadSettings(siteFile, data), log.logger, edges).then(
      () => writeSync(1, 'ready\n'),
      (error: unknown) => writeSync(1, `failed ${String(error)}\n`),
    );
  } else {
    armed = true;
    writeSync(1, 'armed\n');
  }
});
