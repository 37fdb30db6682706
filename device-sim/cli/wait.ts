import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallpointError } from '../../protocol/errors.ts';
import { gatewayStatus, stillUnknown } from '../demo/gateway-status.ts';
import { refused } from '../errors.ts';
import { askControl } from '../site/control.ts';
import { controlSocket } from '../site/site-file.ts';
import type { JsonFlag } from './arguments.ts';
import { printJson, printText } from './output.ts';

const LOOK_MS = 200;

export interface WaitOptions extends JsonFlag {
  readonly site: string;
  readonly data?: string;
  readonly devices?: boolean;
  readonly timeout: number;
}

/**
 * Waits until the simulator serves the site, and the gateway is ready.
 * @throws CallpointError SIMULATOR_REFUSED with what is missing; CONFIG_UNREADABLE
 */
export async function wait(options: WaitOptions): Promise<void> {
  const { site, timeout, json } = options;
  const socket = controlSocket(site, 'inputs');
  const untilMs = performance.now() + timeout * 1000;
  let missing = await missingOf(socket, options);
  while (missing !== undefined) {
    if (performance.now() > untilMs) throw refused(`${site} is not ready after ${timeout} s: ${missing}`);
    await sleep(LOOK_MS);
    missing = await missingOf(socket, options);
  }
  if (json) printJson({ ok: true, text: 'ready' });
  else printText('ready');
}

/** Returns what is still missing, for a person; `undefined` if nothing is. */
async function missingOf(socket: string, { data, devices = false }: WaitOptions): Promise<string | undefined> {
  if (!existsSync(socket)) return 'no simulator serves it';
  try {
    const answer = await askControl(socket, 'serve SITE', { command: 'ready', devices });
    if (!answer.ok) return answer.error;
  } catch (error) {
    if (error instanceof CallpointError) return error.message;
    throw error;
  }
  if (data === undefined) return undefined;
  const unknown = stillUnknown(await gatewayStatus(data), devices);
  return unknown.length === 0 ? undefined : `still waiting for ${unknown.join(', ')}`;
}
