import { z } from 'zod';
import { bytesToHex } from '../../protocol/bytes.ts';
import { KISS_COMMANDS, KissScanner } from '../../protocol/radio/kiss.ts';
import type { PseudoTerminal } from '../pty/pseudo-terminal.ts';
import type { RadioBehaviour } from '../radio/behaviour.ts';
import { RadioWorld } from '../radio/radio-world.ts';
import { layCable } from './cable.ts';
import { type FarEnd, type FarEndBehaviour, farEnd, LATE_MS, ownHost, Unplayable } from './far-end.ts';
import { monotonicMs, Screen } from './screen.ts';
import type { SimulatedPath } from './site-file.ts';
import { text } from './site-shape.ts';

const shape = z.object({
  tnc: z.object({ host: text.optional(), port: z.union([z.string(), z.number()]) }),
  receiver: text,
  bitsPerSecond: z.number().default(1200),
  digipeaters: z.array(text).default([]),
  kissPort: z.number().default(0),
});

const ALL = Number.POSITIVE_INFINITY;
const BEHAVIOURS: Readonly<Record<FarEndBehaviour, RadioBehaviour>> = {
  normal: { type: 'normal' },
  refuse: { type: 'rej', times: ALL },
  hang: { type: 'deaf' },
  late: { type: 'slowAck', ms: LATE_MS },
  loseAnswers: { type: 'ackLost', times: ALL },
  drip: { type: 'deaf' },
};

const OWN: Readonly<Record<string, RadioBehaviour>> = {
  missFirst: { type: 'missFirst' },
  rejFirst: { type: 'rejFirst' },
  replyAck: { type: 'replyAck' },
  shortNumber: { type: 'shortNumber' },
  ackByIgate: { type: 'ackByIgate', igate: 'N0GATE-10' },
  ackEvery30s: { type: 'ackEvery30s' },
};

/**
 * The gateway's TNC, a channel, and the receiving station.
 * @throws Unplayable, ZodError, Error of `node:net`
 */
export async function startRadioFarEnd({ id, driver, written }: SimulatedPath): Promise<FarEnd> {
  const { tnc, receiver: callsign, bitsPerSecond, digipeaters, kissPort } = shape.parse(written);
  if (kissPort !== 0) throw new Unplayable('the simulated TNC has only radio port 0 (kissPort)');
  const host = tnc.host === undefined ? undefined : ownHost(tnc.host);
  if (host !== undefined && host !== '127.0.0.1') throw new Unplayable('the simulated TNC is on 127.0.0.1 only');
  const cable = host === undefined ? layCable(String(tnc.port)) : undefined;
  const world = new RadioWorld({ callsign, bitsPerSecond, digipeaters });
  if (cable === undefined) await world.serve(Number(tnc.port));
  else world.plug(cable);
  const sent = cable === undefined ? undefined : new SentFrames(cable);
  const screen = new Screen();
  let taken = 0;
  world.receiver.on(() => {
    for (const { source, id: messageId, text, frame, isNew } of world.receiver.heard.slice(taken)) {
      const own = messageId === undefined ? {} : { id: messageId };
      const report = { text, ...own, terms: `from ${source}`, firstMs: sent?.firstMs(frame) ?? monotonicMs() };
      screen.take(`${source} ${messageId ?? text}`, report, isNew);
    }
    taken = world.receiver.heard.length;
  });
  return farEnd({
    path: id,
    driver,
    what: `station ${world.receiver.callsign} at ${bitsPerSecond} bit/s; TNC on ${host === undefined ? tnc.port : `TCP ${host}:${tnc.port}`}`,
    screen,
    behave: (how) => {
      if (how === 'normal') world.near.leaveCommandMode();
      world.receiver.behave(BEHAVIOURS[how]);
    },
    own: {
      ...Object.fromEntries(Object.entries(OWN).map(([name, how]) => [name, () => world.receiver.behave(how)])),
      commandMode: () => world.near.wakeInCommandMode(),
    },
    close: async () => {
      await world.close();
      cable?.close();
    },
  });
}

const MOST_FRAMES = 100;

/** Time at which each frame first came down the cable to the TNC. */
class SentFrames {
  readonly #scanner = new KissScanner();
  readonly #ms = new Map<string, number>();

  constructor(cable: PseudoTerminal) {
    cable.onData((bytes) => {
      const nowMs = monotonicMs();
      for (const { command, payload } of this.#scanner.push(bytes)) {
        if (command === KISS_COMMANDS.data) this.#sent(bytesToHex(payload), nowMs);
      }
    });
  }

  firstMs(frame: Uint8Array): number | undefined {
    return this.#ms.get(bytesToHex(frame));
  }

  #sent(frame: string, nowMs: number): void {
    if (!this.#ms.has(frame)) this.#ms.set(frame, nowMs);
    for (const oldest of this.#ms.keys()) {
      if (this.#ms.size <= MOST_FRAMES) break;
      this.#ms.delete(oldest);
    }
  }
}
