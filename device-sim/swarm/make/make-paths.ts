import type { Random } from '../../random.ts';
import { pick, wholeBetween } from '../streams.ts';
import { chance, hexKey } from './draw.ts';
import type { SiteDraft } from './site-draft.ts';

const MODES = ['auto', 'null', 'test', 'off'] as const;
/** Where tests may not go. */
const NO_TESTS = ['null', 'off'] as const;
const INTERVALS = [300, 1800, 3600] as const;

type Make = (draft: SiteDraft, random: Random, id: string) => void;

const OTHERS: readonly Make[] = [
  makeDc09,
  makeDc09,
  makeCap,
  makeWebhook,
  makeSip,
  makeRadio,
  makeSnpp,
  makeTap,
  makeSms,
];

/** The first path is one to a monitoring centre: it can acknowledge, and takes drills. */
export function makePaths(draft: SiteDraft, random: Random): void {
  makeDc09(draft, random, 'central');
  const others = wholeBetween(random, 0, 3);
  for (let place = 1; place <= others; place++) pick(random, OTHERS)(draft, random, `path-${place}`);
}

function supervisionOf(random: Random, modes: readonly string[]): Record<string, unknown> {
  const mode = pick(random, modes);
  return { mode, intervalSeconds: pick(random, INTERVALS), testIntervalSeconds: pick(random, [300, 1800]) };
}

function makeDc09(draft: SiteDraft, random: Random, id: string): void {
  const place = draft.paths.length + 1;
  const encrypted = chance(random, 0.6);
  if (encrypted) draft.pathKeys[id] = hexKey(random, pick(random, [16, 24, 32]));
  const udp = chance(random, 0.2);
  const liveOnly = place > 1 && chance(random, 0.2);
  draft.paths.push({
    ...{ id, host: `192.0.2.${place}`, port: 7700, account: `12${place}0`, encrypted, liveOnly },
    driver: udp ? 'dc09-udp' : 'dc09-tcp',
    ...(udp ? { inFlight: pick(random, [1, 4]) } : { connections: pick(random, [1, 4]) }),
    ...(chance(random, 0.3) && { formats: ['SIA-DCS'] }),
    supervision: supervisionOf(random, liveOnly ? NO_TESTS : MODES),
  });
}

function makeCap(draft: SiteDraft, random: Random, id: string): void {
  const url = `https://${id}.example.net/alerts`;
  draft.paths.push({ id, driver: 'cap', url, sender: 'gw-1@example.net', supervision: supervisionOf(random, MODES) });
}

function makeWebhook(draft: SiteDraft, random: Random, id: string): void {
  draft.pathKeys[id] = hexKey(random, 24);
  draft.paths.push({
    id,
    driver: 'webhook',
    url: `https://${id}.example.net/hook`,
    supervision: supervisionOf(random, MODES),
  });
}

function makeSip(draft: SiteDraft, random: Random, id: string): void {
  const host = `${id}.example.net`;
  const addresses = { target: `sip:alarms@${host}`, host, from: 'sip:gw-1@example.net' };
  draft.paths.push({ id, driver: 'sip', ...addresses, supervision: supervisionOf(random, MODES) });
}

function makeRadio(draft: SiteDraft, random: Random, id: string): void {
  const station = draft.paths.length;
  draft.paths.push({
    ...{ id, driver: 'radio', tnc: { host: '127.0.0.1', port: 8000 + station } },
    ...{ callsign: 'N0CALL-9', receiver: `N0CALL-${station}` },
    supervision: { mode: pick(random, ['test', 'off']), intervalSeconds: 1800, testIntervalSeconds: 1800 },
  });
}

function makeSnpp(draft: SiteDraft, _random: Random, id: string): void {
  draft.paths.push({ id, driver: 'snpp', host: `192.0.2.${draft.paths.length + 1}`, port: 444, pagers: ['5551212'] });
}

function makeTap(draft: SiteDraft, _random: Random, id: string): void {
  draft.paths.push({ id, driver: 'tap', terminal: { port: `/dev/serial/by-id/${id}` }, pagers: ['5551212'] });
}

function makeSms(draft: SiteDraft, _random: Random, id: string): void {
  draft.paths.push({ id, driver: 'sms', port: `/dev/serial/by-id/${id}`, recipients: ['+15555550100'] });
}
