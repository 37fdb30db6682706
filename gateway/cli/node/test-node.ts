import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeContacts } from '../../../protocol/node-service/node-answers.ts';
import { type JsonFlag, jsonText } from '../json-output.ts';
import { readNode, readNodeContacts } from './node-dialogue.ts';
import { boardDocument } from './node-document.ts';
import { boardText, contactsText } from './node-text.ts';
import { NodeServicePort, type ServiceTimes } from './service-port.ts';

interface TestOptions extends JsonFlag {
  readonly seconds: number;
}

const LIGHTS = [
  ['red', 'LED red'],
  ['green', 'LED green'],
  ['amber', 'LED amber'],
  ['buzzer', 'buzzer'],
] as const;
const LIGHT_MS = 1_000;
const LOOK_MS = 50;

/** `callpoint node test` */
export async function testNode(
  port: string,
  { seconds, json }: TestOptions,
  out: (line: string) => void,
  times?: ServiceTimes,
  lightMs = LIGHT_MS,
): Promise<void> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  const say = json === true ? () => undefined : out;
  const service = await NodeServicePort.open(port, times);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const { board } = await readNode(service);
    say(boardText(board, port));
    for (const [light, name] of LIGHTS) {
      if (stopped.signal.aborted) break;
      say(`Now: ${name}`);
      await service.ask(`test ${light}`);
      await pause(lightMs, stopped.signal);
    }
    await service.ask('test off');
    say('Press each button, open each door, lift the cover (Ctrl-C ends it):');
    const closed = await watch(service, seconds * 1_000, stopped.signal, say);
    if (json === true) out(jsonText({ ok: true, port, board: boardDocument(board), ...closed }));
    else out(summary(closed));
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await service.close();
  }
}

function summary({ buttons, points, cover_was_off: wasOff }: Awaited<ReturnType<typeof watch>>): string {
  const closed = [...buttons.map((n) => `button ${n}`), ...points.map((n) => `point ${n}`)];
  return `Was closed: ${closed.length === 0 ? 'nothing' : closed.join(', ')}${wasOff ? '; the cover was off' : ''}`;
}

/** Says each change, and returns what was closed at any time. */
async function watch(service: NodeServicePort, forMs: number, stopped: AbortSignal, say: (line: string) => void) {
  const seen = { buttons: new Set<number>(), points: new Set<number>(), isCoverOff: false };
  const endMs = performance.now() + forMs;
  let last = '';
  while (!stopped.aborted) {
    const contacts = await readNodeContacts(service);
    add(seen, contacts);
    const text = contactsText(contacts);
    if (text !== last) say(`  ${text}`);
    last = text;
    if (performance.now() >= endMs) break;
    await pause(LOOK_MS, stopped);
  }
  const [buttons, points] = [seen.buttons, seen.points].map((each) => [...each].sort((a, b) => a - b));
  return { buttons: buttons ?? [], points: points ?? [], cover_was_off: seen.isCoverOff };
}

function add(
  seen: { readonly buttons: Set<number>; readonly points: Set<number>; isCoverOff: boolean },
  { buttons, points, isCoverOn }: NodeContacts,
): void {
  for (const number of buttons) seen.buttons.add(number);
  for (const number of points) seen.points.add(number);
  if (!isCoverOn) seen.isCoverOff = true;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Ctrl-C ends the wait, and the test with it.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
