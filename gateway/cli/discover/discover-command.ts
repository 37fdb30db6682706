import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DiscoveryDocument } from '../../../protocol/discovery-document.ts';
import { describeCommand, type Prose } from '../help.ts';
import { type JsonFlag, jsonOption, jsonText } from '../json-output.ts';
import { LiveScreen } from '../live-screen.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';
import { terminalSafe } from '../terminal-safe.ts';
import { terminalWidth } from '../terminal-text.ts';
import type { Discovery } from './discover.ts';

type Print = (line: string) => void;

interface Flags extends SiteOptions, JsonFlag {
  readonly watch?: boolean;
  readonly seconds?: number;
  readonly input?: readonly string[];
  readonly adapter?: readonly string[];
  readonly modbus?: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
}

const USUAL_SECONDS = 10;
const SECONDS_MAX = 3600;
const LOOK_MS = 1000;
/** A time is told anew at each question, from another clock. */
const SAME_MS = 500;
const ROWS = 24;

const ABOUT: Prose = {
  about: [
    'Stand at the button, press it, and see which device moved: it comes first, marked >>. At a terminal the list is live until Ctrl-C; then each device is shown with the command that enrols it. Elsewhere it listens for 10 s.',
    'While the gateway runs it is asked what it has heard, and it is not disturbed. Else the command listens on the inputs of the site itself; without a site, with the Bluetooth radios of this machine.',
    'It writes nothing, with one exception: Modbus modules say nothing unasked, so each address is asked for its inputs, one after the other (a minute or two). Modbus is looked at only with --modbus, or where the site has a Modbus input and no gateway runs.',
  ],
  examples: [
    ['callpoint devices discover --input ble', ''],
    ['callpoint devices discover --seconds 20 --json', 'for a program'],
    ['callpoint devices discover --modbus /dev/ttyUSB0 --baud 9600', 'modules on a port that no input has'],
  ],
  exitCodes: [
    ['0', 'done'],
    ['1', 'a gateway runs and may not be asked, or has started meanwhile'],
    ['2', 'called with arguments that do not fit'],
  ],
  seeAlso: ['devices add', 'devices replace', 'doctor'],
};

/** `callpoint devices discover`. */
export function addDiscoverCommand(devices: Command, out: Print): void {
  describeCommand(jsonOption(siteOptions(devices.command('discover'))), ABOUT)
    .description('find devices that the site does not have: press the button and see which one moved')
    .option('--watch', 'show the list live until Ctrl-C (usual at a terminal)')
    .option('--seconds <n>', `listen for n seconds (1 to ${SECONDS_MAX}), then show the list`, seconds)
    .option('--input <id|kind>', 'look at this input only, or at those of this kind; may be repeated', several)
    .option('--adapter <radio>', 'listen with this radio (hci0, usb:1-1.4, a path); may be repeated', several)
    .option('--modbus <port>', 'ask the addresses of the Modbus modules on this serial port')
    .option('--baud <n>', 'rate of --modbus', wholeNumber, 9600)
    .addOption(new Option('--parity <parity>', 'of --modbus').choices(['none', 'even', 'odd']).default('none'))
    .action(async (flags: Flags) => {
      await discover(flags, out);
    });
}

async function discover(flags: Flags, out: Print): Promise<void> {
  const texts = await loadTexts();
  const { startDiscovery } = await import('./discover.ts');
  const discovery = await startDiscovery({
    config: flags.config,
    dataDirectory: dataDirectory(flags),
    only: flags.input ?? [],
    adapters: flags.adapter ?? [],
    ...(flags.modbus === undefined
      ? {}
      : { modbus: { port: flags.modbus, baudRate: flags.baud, parity: flags.parity } }),
  });
  const since = new Date().toISOString();
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const isLive = flags.watch ?? (process.stdout.isTTY && flags.seconds === undefined && flags.json !== true);
    const endMs = isLive && flags.seconds === undefined ? Infinity : (flags.seconds ?? USUAL_SECONDS) * 1000;
    if (!flags.json) for (const note of discovery.notes) process.stderr.write(`${terminalSafe(note)}\n`);
    const found = await listen(discovery, { endMs, since, stopped: stopped.signal, isLive, texts }, out);
    await show(discovery, found, { since, isJson: flags.json === true, texts }, out);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await discovery.stop();
  }
}

type Texts = Awaited<ReturnType<typeof loadTexts>>;

/** All of it before it listens: after Ctrl-C nothing more can be loaded under tsx. */
async function loadTexts() {
  const [found, machineList, enrolment, order, here] = await Promise.all([
    import('./discover-text.ts'),
    import('./machine-text.ts'),
    import('./enrolment.ts'),
    import('./stranger-order.ts'),
    import('../../discovery/machine.ts'),
  ]);
  return { ...found, ...machineList, ...enrolment, ...order, ...here };
}

interface Listening {
  readonly texts: Texts;
  readonly endMs: number;
  readonly since: string;
  readonly stopped: AbortSignal;
  readonly isLive: boolean;
}

/** @returns what is known at the end */
async function listen(discovery: Discovery, listening: Listening, out: Print): Promise<DiscoveryDocument> {
  const screen = listening.isLive ? LiveScreen.on() : undefined;
  const leave = () => screen?.leave();
  process.once('exit', leave);
  try {
    return await listenOn(screen, discovery, listening, out);
  } finally {
    leave();
    process.off('exit', leave);
  }
}

async function listenOn(
  screen: LiveScreen | undefined,
  discovery: Discovery,
  listening: Listening,
  out: Print,
): Promise<DiscoveryDocument> {
  const { endMs, since, stopped, isLive, texts } = listening;
  const startMs = performance.now();
  let before = { count: -1, movedMs: 0 };
  for (;;) {
    const leftMs = endMs - (performance.now() - startMs);
    if (leftMs <= 0 || stopped.aborted) return discovery.look();
    await sleep(Math.min(LOOK_MS, leftMs), undefined, { signal: stopped }).catch(() => undefined);
    if (!isLive || stopped.aborted) continue;
    const found = await discovery.look();
    const { width, rows } = screen?.size ?? { width: terminalWidth(), rows: ROWS };
    const lines = texts.liveText(found, { width, rows, now: new Date() }, since);
    const news = newsOf(found);
    if (screen !== undefined) screen.show(lines);
    else if (news.count !== before.count || news.movedMs - before.movedMs > SAME_MS) out(lines.join('\n'));
    before = news;
  }
}

/** Without a screen that can be drawn over, only what is new or moved is worth another copy. */
function newsOf({ strangers }: DiscoveryDocument): { readonly count: number; readonly movedMs: number } {
  const moved = strangers.flatMap(({ moved_at }) => (moved_at === undefined ? [] : Date.parse(moved_at)));
  return { count: strangers.length, movedMs: Math.max(0, ...moved) };
}

async function show(
  { settings }: Discovery,
  found: DiscoveryDocument,
  { since, isJson, texts }: { readonly since: string; readonly isJson: boolean; readonly texts: Texts },
  out: Print,
): Promise<void> {
  const { foundText, machineText, enrolmentOf, inOrder, machine } = texts;
  const here = await machine(settings);
  if (isJson) {
    const strangers = inOrder(found.strangers).map((each) => ({ ...each, enrol: enrolmentOf(each) }));
    out(jsonText({ ok: true, ...found, strangers, ...here }));
    return;
  }
  const options = { width: terminalWidth(), now: new Date() };
  for (const line of [...foundText(found, options, since), ...machineText(here, options)]) out(line);
}

function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted');
  return Number(text);
}

function seconds(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > SECONDS_MAX) throw new InvalidArgumentError(`1 to ${SECONDS_MAX} is wanted`);
  return value;
}
