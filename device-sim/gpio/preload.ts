import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { isMainThread } from 'node:worker_threads';
import { SOCKET_VARIABLE, type ToChip } from './chip-messages.ts';
import { type PluggedChip, plugGpioChip } from './plug-chip.ts';

/**
 * Loaded by `node --import`, this module plugs the simulator's GPIO chip into a process before its
 * program runs. Threads and children of the process do not get the chip.
 */

const CONNECT_WITHIN_MS = 5_000;

const socketPath = process.env[SOCKET_VARIABLE];
if (isMainThread && socketPath !== undefined) {
  delete process.env[SOCKET_VARIABLE];
  await plugIn(socketPath);
}

async function plugIn(path: string): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_WITHIN_MS) });
  } catch (cause) {
    throw new Error(`no simulator serves a GPIO chip at ${path}`, { cause });
  }
  socket.on('error', () => socket.destroy());
  await serve(socket);
  // From here on only the program keeps the process alive.
  socket.unref();
}

/** Resolves when the chip is plugged in. */
async function serve(socket: Socket): Promise<void> {
  let chip: PluggedChip | undefined;
  const lines = createInterface({ input: socket });
  lines.on('error', () => socket.destroy());
  lines.on('line', (line) => {
    const message = JSON.parse(line) as ToChip;
    if (message.type === 'chip') chip = plug(message, socket);
    else if (message.type === 'drive') chip?.drive(message.line, message.drive);
    else if (message.type === 'use') use(chip, message.line, message.consumer);
    else if (message.plugged) chip?.replug();
    else chip?.unplug();
  });
  await once(lines, 'line');
}

function use(chip: PluggedChip | undefined, line: string, consumer: string | undefined): void {
  if (consumer === undefined) chip?.free(line);
  else chip?.occupy(line, consumer);
}

function plug({ path, label, lines, drives, users, plugged }: ToChip & { type: 'chip' }, socket: Socket): PluggedChip {
  const chip = plugGpioChip({ path, label, lines });
  for (const [line, drive] of Object.entries(drives)) chip.drive(line, drive);
  for (const [line, consumer] of Object.entries(users)) chip.occupy(line, consumer);
  chip.onOutput((line, level) => {
    if (!socket.destroyed) socket.write(`${JSON.stringify({ line, level })}\n`);
  });
  if (!plugged) chip.unplug();
  return chip;
}
