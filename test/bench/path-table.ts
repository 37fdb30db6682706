import type { Quantiles } from '../rig/quantiles.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import type { HealthyResult } from './path-healthy.ts';
import type { OutageResult } from './path-outage.ts';
import type { PrimaryResult } from './path-primary.ts';

export interface PathsResult {
  readonly node: string;
  readonly nodeFlags: readonly string[];
  readonly healthy?: readonly HealthyResult[];
  readonly deadFromStart?: readonly PrimaryResult[];
  readonly diesBetween?: PrimaryResult;
  readonly outage?: OutageResult;
}

/** Returns the tables for a person. */
export function pathTables({ node, healthy, deadFromStart = [], diesBetween, outage }: PathsResult): string {
  const primaries = diesBetween === undefined ? deadFromStart : [...deadFromStart, diesBetween];
  const blocks = [
    `Node ${node} ${SERVICE_FLAGS.join(' ')}, compiled gateway, 20 wall buttons\nms from the press complete on the wire`,
    healthy === undefined ? '' : healthyTable(healthy),
    primaries.length === 0 ? '' : primaryTable(primaries),
    outage === undefined ? '' : outageLines(outage),
  ];
  return `\n${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function healthyTable(results: readonly HealthyResult[]): string {
  const heads = ['handed to the network', 'first byte at the far end', "the gateway's word for it"];
  const head = `${''.padEnd(21)}${heads.map((each) => each.padStart(27)).join('')}`;
  const columns = `${'each path alone'.padEnd(21)}${'      p50      p99      max'.repeat(3)}        first  lost doubled`;
  const rows = results.map((each) => {
    const cells = [each.sentMs, each.arrivedMs, each.wordMs].map(three).join('');
    return `${each.path.padEnd(21)}${cells} ${each.word} ${ms(each.firstPressMs)}${counts(each)}`;
  });
  return [head, columns, ...rows, HEALTHY_NOTES].join('\n');
}

const HEALTHY_NOTES = `the word: wall, it is told "accepted"; mqtt, "handedOver" is published. first: the first press after the start, at the far end.
cap, webhook, sip and radio far ends read a message in one piece: theirs is its last byte, read and understood.
pty, modem and pager twins answer at once and their lines pace nothing; the radio channel takes real time.`;

function primaryTable(results: readonly PrimaryResult[]): string {
  const head = `${''.padEnd(29)}${'first byte at the 2nd receiver'.padStart(30)}${'accepted, at the wall'.padStart(27)}`;
  const columns = `${'two receivers, the first …'.padEnd(32)}${'      p50      p99      max'.repeat(2)}  waited  both  lost doubled`;
  const rows = results.map((each) => {
    const name = `${each.primary}, ${each.presses} presses`.padEnd(32);
    const both = String(each.shownByBoth).padStart(6);
    return `${name}${three(each.arrivedMs)}${three(each.acceptedMs)}${String(each.waited).padStart(8)}${both}${counts(each)}`;
  });
  const notes =
    'waited: until the next path’s deadline, 3 s. both: displayed by both receivers. doubled: twice by one of them.';
  return [head, columns, ...rows, notes].join('\n');
}

function outageLines(result: OutageResult): string {
  const { minutes, presses, paths, lost, doubled, residentMb } = result;
  const deaths = paths.map(({ path, how, upAfterMs, doubled: times }) => {
    const up = upAfterMs === null ? 'never up again' : `up again after ${(upAfterMs / 1000).toFixed(1)} s`;
    return `  ${path.padEnd(10)} ${how.padEnd(12)} ${up}${times > 0 ? `; ${times} displayed twice` : ''}`;
  });
  const by = Object.entries(result.acknowledgedBy).map(([path, count]) => `${path} ${count}`);
  const spread = ({ p50, p99, max }: Quantiles) => [p50, p99, max].map((each) => each.toFixed(1)).join(' / ');
  return `every path dead for ${minutes} min
${deaths.join('\n')}
${presses} presses, one each 2 s; p50 / p99 / max
  NOT CONFIRMED at the wall            ${spread(result.notConfirmedWallMs)} ms after the press; over MQTT ${spread(result.notConfirmedMqttMs)}
  not told so                          ${result.notTold}
  acknowledged after the return        ${spread(result.acceptedAfterReturnMs)} ms; by ${by.join(', ')}
  lost ${lost}, displayed twice at one receiver ${doubled}
  resident ${residentMb.before} MB before, ${residentMb.most} MB at most, ${residentMb.after} MB after`;
}

function three({ p50, p99, max }: Quantiles): string {
  return [p50, p99, max].map(ms).join('');
}

function ms(value: number): string {
  return value.toFixed(2).padStart(9);
}

function counts({ lost, doubled }: { readonly lost: number; readonly doubled: number }): string {
  return `${String(lost).padStart(6)}${String(doubled).padStart(8)}`;
}
