import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { SIM_COMMAND } from '../command-name.ts';
import { refused, usageError } from '../errors.ts';
import { countedDevices } from '../known-names.ts';
import type { FarEnds } from './far-ends.ts';
import type { SimulatedSite } from './site-file.ts';
import type { SiteSimulator } from './site-simulator.ts';

/** A node that debounces has sent a press long before, if it can send at all. */
const NUMBERED_WITHIN_MS = 5_000;

const requestShape = z.discriminatedUnion('command', [
  z.object({
    command: z.literal('press'),
    device: z.string(),
    button: z.string(),
    pattern: z.enum(['single', 'long']),
    holdMs: z.number().min(0).max(60_000),
  }),
  z.object({ command: z.literal('door'), device: z.string(), state: z.enum(['open', 'closed', 'locked', 'unlocked']) }),
  z.object({ command: z.literal('setUp') }),
  z.object({ command: z.enum(['unplug', 'replug']), input: z.string() }),
  z.object({ command: z.literal('stranger'), input: z.string(), count: z.number().int().min(1).max(10_000) }),
  z.object({ command: z.literal('ready'), devices: z.boolean() }),
  z.object({ command: z.literal('behave'), path: z.string(), how: z.string().max(64) }),
]);

export type ControlRequest = z.infer<typeof requestShape>;
export type ControlAnswer =
  | { readonly ok: true; readonly alert?: string; readonly note?: string }
  | { readonly ok: false; readonly error: string; readonly code: 'USAGE' | 'SIMULATOR_REFUSED' };

/**
 * Carries commands out.
 * @throws RangeError if a command names an unknown thing
 */
export type Obey = (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>;

/** Takes commands on a Unix socket that only this user can open: one JSON line in, one out. */
export async function serveControl(socketPath: string, obey: Obey): Promise<Server> {
  rmSync(socketPath, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const lines = createInterface({ input: socket });
    lines.on('line', async (line) => socket.write(`${JSON.stringify(await answer(line, obey))}\n`));
    lines.on('error', () => socket.destroy());
  });
  const mask = process.umask(0o077);
  server.listen(socketPath);
  await once(server, 'listening');
  process.umask(mask);
  return server;
}

/**
 * Returns true if a process takes commands at that socket. A killed simulator leaves a socket that
 * does not answer.
 */
export async function isServed(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * @param start the command that serves
 * @throws CallpointError SIMULATOR_UNREACHABLE
 */
export async function askControl(socketPath: string, start: string, request: ControlRequest): Promise<ControlAnswer> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    socket.write(`${JSON.stringify(request)}\n`);
    for await (const line of createInterface({ input: socket })) return JSON.parse(line) as ControlAnswer;
  } catch (cause) {
    throw unreachable(start, cause);
  } finally {
    socket.destroy();
  }
  throw unreachable(start, undefined);
}

function unreachable(start: string, cause: unknown): CallpointError {
  const message = `No simulator is serving this site. Start one with: ${SIM_COMMAND} ${start}`;
  return new CallpointError('SIMULATOR_UNREACHABLE', message, { cause });
}

async function answer(line: string, obey: Obey): Promise<ControlAnswer> {
  try {
    return await obey(requestShape.parse(JSON.parse(line)));
  } catch (error) {
    const isRefused = error instanceof CallpointError && error.code === 'SIMULATOR_REFUSED';
    return { ok: false, error: messageOf(error), code: isRefused ? 'SIMULATOR_REFUSED' : 'USAGE' };
  }
}

/** The button was pressed all the same, as one can press any button. */
function unheard(device: string, input: string): string {
  return `pressed ${device}, but ${input} is unplugged: no gateway hears it, unless the device repeats it after sim replug ${input}`;
}

function unsent(device: string): string {
  const what = `pressed ${device}, but it has sent no press ${NUMBERED_WITHIN_MS / 1000} s after its release`;
  return `${what}: it starts, or eight other presses wait for an acknowledgement, or it is broken`;
}

/**
 * Commands about a site's inputs.
 * @param read reads the site again
 * @param unready what a gateway that was started with it is still waiting for
 */
export function obeyAtInputs(
  simulator: SiteSimulator,
  read: () => SimulatedSite,
  unready: (withDevices: boolean) => Promise<readonly string[]> = async () => [],
): Obey {
  return async (request) => {
    switch (request.command) {
      case 'press': {
        const { device, button, pattern, holdMs } = request;
        const pressed = simulator.press(device, button, pattern);
        setTimeout(() => simulator.release(device, button), holdMs).unref();
        if (pressed === undefined) throw refused(`${device} has no room for another press until one is acknowledged`);
        const input = simulator.unpluggedInputOf(device);
        if (input !== undefined) throw refused(unheard(device, input));
        const { alert = await pressed.numbered?.(holdMs + NUMBERED_WITHIN_MS) } = pressed;
        if (alert === undefined && pressed.numbered !== undefined) throw refused(unsent(device));
        return { ok: true, ...(alert !== undefined && { alert }) };
      }
      case 'door':
        simulator.door(request.device, request.state);
        return { ok: true };
      case 'unplug':
        return simulator.unplug(request.input)
          ? { ok: true }
          : { ok: true, note: `${request.input} was unplugged already` };
      case 'replug':
        return simulator.replug(request.input)
          ? { ok: true }
          : { ok: true, note: `${request.input} was not unplugged` };
      case 'stranger':
        simulator.stranger(request.input, request.count);
        return { ok: true };
      case 'setUp':
        simulator.setUp(read());
        return { ok: true, note: `Serving ${countedDevices(simulator.devices)}` };
      case 'ready': {
        const missing = await unready(request.devices);
        if (missing.length > 0) throw refused(`still waiting for ${missing.join(', ')}`);
        return { ok: true, note: 'ready' };
      }
      case 'behave':
        simulator.behave(request.path, request.how);
        return { ok: true };
    }
  };
}

/**
 * Commands about the far ends of a site's paths. `done` is called with each one that was carried
 * out.
 */
export function obeyAtPaths(ends: FarEnds, done: (path: string, how: string) => void): Obey {
  return async (request) => {
    if (request.command !== 'behave') throw usageError('sim receiver plays paths; sim serve plays inputs');
    await ends.of(request.path).behave(request.how);
    done(request.path, request.how);
    return { ok: true };
  };
}
