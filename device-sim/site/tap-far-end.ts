import { z } from 'zod';
import { markIn } from '../../protocol/paging/pager-text.ts';
import type { TapBehaviour } from '../paging/tap-behaviour.ts';
import { TapTerminal } from '../paging/tap-terminal.ts';
import { layCable } from './cable.ts';
import { type FarEnd, type FarEndBehaviour, farEnd, LATE_MS, ownHost } from './far-end.ts';
import { monotonicMs, Screen } from './screen.ts';
import { type SimulatedPath, secretText } from './site-file.ts';
import { text } from './site-shape.ts';

const shape = z.object({
  terminal: z.object({ host: text.optional(), port: z.union([z.string(), z.number()]) }),
  password: z.boolean().default(false),
  idPrompt: z.boolean().default(true),
  oneBlock: z.boolean().default(false),
  transactionsPerCall: z.number().optional(),
});

const BEHAVIOURS: Readonly<Record<FarEndBehaviour, TapBehaviour>> = {
  normal: { type: 'normal' },
  // A serial port cannot be closed to the caller. There the terminal is silent.
  refuse: { type: 'refuse' },
  hang: { type: 'hang', at: 'knock' },
  late: { type: 'slow', ms: LATE_MS },
  loseAnswers: { type: 'vanishAfterAccepting', times: Number.POSITIVE_INFINITY },
  drip: { type: 'hang', at: 'knock' },
};

const TIMES = { Once: 1, Twice: 2, Always: Number.POSITIVE_INFINITY } as const;

const OWN: Readonly<Record<string, TapBehaviour>> = {
  noId: { type: 'noId' },
  oddParity: { type: 'oddParity' },
  chatter: { type: 'chatter' },
  ...Object.fromEntries(
    Object.entries(TIMES).flatMap(([name, times]): [string, TapBehaviour][] => [
      [`queueFull${name}`, { type: 'nak', at: 'block', code: 512, times }],
      [`nak${name}`, { type: 'nak', at: 'block', code: 514, times }],
      [`rs511${name}`, { type: 'rs', code: 511, times }],
      [`rs512${name}`, { type: 'rs', code: 512, times }],
      [`rsBare${name}`, { type: 'rs', times }],
    ]),
  ),
  takenBack: { type: 'lateRejection' },
  hangsUp512: { type: 'disconnect', at: 'block', code: 512 },
};

/**
 * A paging terminal, on TCP or at the end of a serial cable.
 * @throws Unplayable, ZodError, Error of `node:net`
 */
export async function startTapFarEnd(path: SimulatedPath): Promise<FarEnd> {
  const { terminal: place, password, idPrompt, oneBlock, transactionsPerCall } = shape.parse(path.written);
  const host = place.host === undefined ? undefined : ownHost(place.host);
  const cable = host === undefined ? layCable(String(place.port)) : undefined;
  const terminal = new TapTerminal({
    oneBlock,
    noId: !idPrompt,
    ...(password ? { password: secretText(path) } : {}),
    ...(transactionsPerCall === undefined ? {} : { pagesPerCall: transactionsPerCall }),
  });
  if (cable === undefined) await terminal.listen(Number(place.port), host);
  else terminal.plug(cable);
  return farEnd({
    path: path.id,
    driver: path.driver,
    what: `TAP terminal on ${host === undefined ? place.port : `TCP ${host}:${place.port}`}`,
    screen: screenOf(terminal),
    behave: (how) => terminal.behave(BEHAVIOURS[how]),
    own: Object.fromEntries(Object.entries(OWN).map(([name, how]) => [name, () => terminal.behave(how)])),
    close: async () => {
      await terminal.close();
      cable?.close();
    },
  });
}

function screenOf(terminal: TapTerminal): Screen {
  const screen = new Screen();
  // A call begins with its first CR. A second page in the same call begins after the first one.
  let beganMs: number | undefined;
  terminal.watchers.on((notice) => {
    if (notice.type === 'page') {
      const { pager, message } = notice.page;
      const mark = markIn(message);
      const id = mark === undefined ? {} : { id: String(mark) };
      screen.take(`${pager} ${message}`, { text: message, to: pager, ...id, firstMs: beganMs ?? monotonicMs() });
      beganMs = undefined;
    } else if (notice.type === 'connected' || notice.type === 'call' || notice.type === 'block')
      beganMs ??= monotonicMs();
    else if (notice.type === 'ended' || notice.type === 'disconnected') beganMs = undefined;
    else screen.remark(`refused: ${notice.detail}`);
  });
  return screen;
}
