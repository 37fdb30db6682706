import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import type { SiteSimulator } from './site-simulator.ts';

const requestShape = z.discriminatedUnion('command', [
  z.object({
    command: z.literal('press'),
    device: z.string(),
    button: z.string(),
    pattern: z.enum(['single', 'long']),
    holdMs: z.number().min(0).max(60_000),
  }),
  z.object({ command: z.literal('door'), device: z.string(), state: z.enum(['open', 'closed', 'locked', 'unlocked']) }),
  z.object({ command: z.enum(['unplug', 'replug']), input: z.string() }),
]);

export type ControlRequest = z.infer<typeof requestShape>;
export type ControlAnswer =
  | { readonly ok: true; readonly alert?: string }
  | { readonly ok: false; readonly error: string };

/** One JSON line in, one out, on a Unix socket only this user can open. */
export async function serveControl(socketPath: string, simulator: SiteSimulator): Promise<Server> {
  rmSync(socketPath, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => socket.write(`${JSON.stringify(answer(line, simulator))}\n`));
    lines.on('error', () => socket.destroy());
  });
  const mask = process.umask(0o077);
  server.listen(socketPath);
  await once(server, 'listening');
  process.umask(mask);
  return server;
}

/** @throws CallpointError SIMULATOR_UNREACHABLE */
export async function askControl(socketPath: string, request: ControlRequest): Promise<ControlAnswer> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    socket.write(`${JSON.stringify(request)}\n`);
    for await (const line of createInterface({ input: socket })) return JSON.parse(line) as ControlAnswer;
  } catch (cause) {
    throw unreachable(cause);
  } finally {
    socket.destroy();
  }
  throw unreachable(undefined);
}

function unreachable(cause: unknown): CallpointError {
  const message = 'No simulator is serving this site. Start one with: npm run -s sim -- serve SITE';
  return new CallpointError('SIMULATOR_UNREACHABLE', message, { cause });
}

function answer(line: string, simulator: SiteSimulator): ControlAnswer {
  try {
    return obey(requestShape.parse(JSON.parse(line)), simulator);
  } catch (error) {
    return { ok: false, error: messageOf(error) };
  }
}

function obey(request: ControlRequest, simulator: SiteSimulator): ControlAnswer {
  switch (request.command) {
    case 'press': {
      const { device, button, pattern, holdMs } = request;
      const pressed = simulator.press(device, button, pattern);
      setTimeout(() => simulator.release(device, button), holdMs).unref();
      if (pressed === undefined)
        return { ok: false, error: `${device} has no room for another press until one is acknowledged` };
      return { ok: true, ...pressed };
    }
    case 'door':
      simulator.door(request.device, request.state);
      return { ok: true };
    case 'unplug':
      simulator.unplug(request.input);
      return { ok: true };
    case 'replug':
      simulator.replug(request.input);
      return { ok: true };
  }
}
