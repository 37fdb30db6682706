import type { Stranger } from '../../../protocol/discovery-document.ts';

/** Strengths within so many dB are the same: a list that follows each dB can't be read. */
const STRENGTH_STEP_DB = 10;

/**
 * What moved last comes first. The others keep their places while they only repeat themselves: by
 * kind, then the stronger ones first in coarse steps, then by name.
 */
export function inOrder(strangers: readonly Stranger[]): readonly Stranger[] {
  return [...strangers].sort(
    (one, other) =>
      compare(other.moved_at ?? '', one.moved_at ?? '') ||
      compare(one.kind, other.kind) ||
      strengthStep(other) - strengthStep(one) ||
      compare(identityOf(one), identityOf(other)),
  );
}

/** The same for one device at each question. */
export function identityOf(stranger: Stranger): string {
  switch (stranger.kind) {
    case 'node':
    case 'modbus':
      return `${stranger.kind} ${stranger.input} ${String(stranger.address).padStart(3, '0')}`;
    case 'bthome':
      return `bthome ${stranger.input} ${stranger.address}`;
    case 'iBeacon':
      return `iBeacon ${stranger.input} ${stranger.uuid} ${stranger.major} ${stranger.minor}`;
    case 'eddystone':
      return `eddystone ${stranger.input} ${stranger.namespace} ${stranger.instance}`;
    case 'mqtt':
      return `mqtt ${stranger.input} ${stranger.topic} ${stranger.address ?? stranger.component ?? ''}`;
  }
}

function strengthStep(stranger: Stranger): number {
  return 'rssi_dbm' in stranger ? Math.round(stranger.rssi_dbm / STRENGTH_STEP_DB) : 0;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
