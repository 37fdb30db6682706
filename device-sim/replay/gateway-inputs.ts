import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const answerShape = z.object({
  document: z.object({ inputs: z.array(z.object({ input: z.string(), state: z.string() })) }),
});

const ASK_MS = 250;
const ANSWER_MS = 5_000;

/**
 * Waits until a gateway on this data directory says that these inputs are up.
 *
 * @param waiting called once if it is not so yet
 * @returns false if `signal` came first
 */
export async function untilInputsUp(
  data: string,
  inputs: readonly string[],
  waiting: (missing: readonly string[]) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let hasSaid = false;
  while (!signal.aborted) {
    const states = await inputStates(join(data, 'control.sock'));
    const missing = inputs.filter((input) => states.get(input) !== 'up');
    if (missing.length === 0) return true;
    if (!hasSaid) waiting(missing);
    hasSaid = true;
    await sleep(ASK_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

/** Empty if no gateway answers. */
async function inputStates(socketPath: string): Promise<ReadonlyMap<string, string>> {
  const socket = connect(socketPath);
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  let text = '';
  try {
    socket.write(`${JSON.stringify({ command: 'status' })}\n`);
    for await (const chunk of socket.setEncoding('utf8')) text += chunk;
    const { document } = answerShape.parse(JSON.parse(text));
    return new Map(document.inputs.map(({ input, state }) => [input, state]));
  } catch {
    return new Map(); // no gateway yet, or one that is ending: it is asked again
  } finally {
    socket.destroy();
  }
}
