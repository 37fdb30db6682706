import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { StatusDocument } from '../../protocol/status-document.ts';

const ANSWER_WITHIN_MS = 5_000;

/**
 * Asks the gateway that runs on a data directory, as `callpoint status` does.
 * @returns `undefined` if none answers
 */
export async function gatewayStatus(data: string): Promise<StatusDocument | undefined> {
  const socket = connect(join(data, 'control.sock'));
  const patience = setTimeout(() => socket.destroy(), ANSWER_WITHIN_MS);
  try {
    await once(socket, 'connect');
    socket.write(`${JSON.stringify({ command: 'status' })}\n`);
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
    const { document } = JSON.parse(answer) as { readonly document?: StatusDocument };
    return document;
  } catch {
    // It is starting, or stopping.
    return undefined;
  } finally {
    clearTimeout(patience);
    socket.destroy();
  }
}

/**
 * What a gateway is still waiting for, for a person; empty: it is ready. A device may report only
 * once an hour, so the devices do not count, unless it is asked.
 */
export function stillUnknown(status: StatusDocument | undefined, withDevices: boolean): string[] {
  if (status === undefined) return ['the gateway to answer'];
  const { inputs, paths, devices } = status;
  return [
    ...inputs.filter(({ state }) => state === 'unknown').map(({ input }) => `input ${input}`),
    ...paths.filter(({ state }) => state === 'unknown').map(({ path }) => `path ${path}`),
    ...(withDevices ? devices.filter(({ supervised }) => supervised === 'unknown').map(({ device }) => device) : []),
  ];
}
