import { createCipheriv } from 'node:crypto';
import { CallpointError } from '../../../protocol/errors.ts';
import {
  type NodeBoard,
  type NodeContacts,
  type NodeState,
  readBauds,
  readBoard,
  readContacts,
  readState,
} from '../../../protocol/node-service/node-answers.ts';
import { type NodeSettings, SETTING_NAMES, settingLines } from '../../../protocol/node-service/node-settings.ts';
import type { NodeServicePort } from './service-port.ts';

const PROTOCOL = 1;

/** A node, and what its settings are now. Of the key only the check value is known. */
export interface ShownNode {
  readonly board: NodeBoard;
  readonly bauds: readonly number[];
  readonly state: NodeState;
  readonly settings: ReadonlyMap<string, string>;
}

/** Key check value: the first three bytes of an encrypted block of zeros (ANSI X9.24-1). */
export function keyCheckValue(key: Uint8Array): string {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return cipher.update(new Uint8Array(16)).subarray(0, 3).toString('hex').toUpperCase();
}

/** @throws CallpointError NODE_REFUSED if its firmware is of another version */
export async function readNode(service: NodeServicePort): Promise<ShownNode> {
  const board = understood(readBoard(await service.ask('get')));
  if (board.protocol !== PROTOCOL) {
    const text = `The node speaks version ${board.protocol} of the service port, this Callpoint version ${PROTOCOL}`;
    throw new CallpointError('NODE_REFUSED', `${text}: write the firmware that belongs to this version.`);
  }
  const bauds = understood(readBauds(await service.ask('get bauds')));
  const state = understood(readState(await service.ask('status')));
  return { board, bauds, state, settings: await readSettings(service) };
}

async function readSettings(service: NodeServicePort): Promise<ReadonlyMap<string, string>> {
  const settings = new Map<string, string>();
  for (const name of SETTING_NAMES) {
    const [, ...value] = await service.ask(`get ${name}`);
    settings.set(name, value.join(' '));
  }
  return settings;
}

/**
 * Writes settings, saves them, and compares what the node then has in its memory.
 *
 * @throws CallpointError NODE_REFUSED if anything differs
 */
export async function writeSettings(service: NodeServicePort, settings: NodeSettings): Promise<void> {
  const lines = settingLines(settings, keyCheckValue(settings.key));
  for (const { name, value, answer } of lines) {
    const shown = name === 'key' ? 'set key' : `set ${name} ${value}`;
    const [, ...taken] = await service.ask(`set ${name} ${value}`, shown);
    compare(name, taken.join(' '), answer);
  }
  await service.ask('save');
  const kept = await readSettings(service);
  for (const { name, answer } of lines) compare(name, kept.get(name) ?? '', answer);
}

function compare(name: string, taken: string, wanted: string): void {
  if (taken === wanted) return;
  throw new CallpointError('NODE_REFUSED', `The node has ${name} ${taken} in place of ${wanted}: set it up again.`);
}

export async function readNodeContacts(service: NodeServicePort): Promise<NodeContacts> {
  return understood(readContacts(await service.ask('contacts')));
}

function understood<T>(answer: T | undefined): T {
  if (answer !== undefined) return answer;
  const text = 'The node gave an answer that this version does not know';
  throw new CallpointError('NODE_REFUSED', `${text}: write the firmware that belongs to this version.`);
}
