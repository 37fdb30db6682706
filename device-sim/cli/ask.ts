import { CallpointError } from '../../protocol/errors.ts';
import type { ControlRequest } from '../site/control.ts';
import type { JsonFlag } from './arguments.ts';
import { printJson, printText } from './output.ts';

/** The process that takes commands about a site's inputs, and the command that starts it. */
const INPUTS = ['inputs', 'serve SITE'] as const;
/** The same for the far ends of its paths. */
const PATHS = ['paths', 'receiver --site SITE'] as const;

export interface AskOptions extends JsonFlag {
  readonly site: string;
}

/**
 * Has a running simulator carry out a command, and prints its answer.
 * @throws CallpointError SIMULATOR_UNREACHABLE, SIMULATOR_REFUSED, USAGE
 */
export async function ask({ site, json }: AskOptions, request: ControlRequest): Promise<void> {
  const [{ askControl }, { controlSocket }] = await Promise.all([
    import('../site/control.ts'),
    import('../site/site-file.ts'),
  ]);
  const [served, start] = request.command === 'behave' ? await servedBy(site, request.path) : INPUTS;
  const answer = await askControl(controlSocket(site, served), start, request);
  if (!answer.ok) throw new CallpointError(answer.code, answer.error);
  const { alert, note } = answer;
  const text = note ?? (alert === undefined ? 'done' : `pressed: alert ${alert}`);
  if (json) printJson({ ok: true, ...request, ...(alert === undefined ? {} : { alert }), text });
  else printText(text);
}

/**
 * A path misbehaves in the process that plays the paths, an input in the one that plays the inputs.
 */
async function servedBy(site: string, name: string): Promise<typeof INPUTS | typeof PATHS> {
  const { epochNow, readSite } = await import('../site/site-file.ts');
  const { paths, inputs } = readSite(site, epochNow());
  const isPath = paths.some(({ id }) => id === name);
  return !isPath && inputs.some(({ id }) => id === name) ? INPUTS : PATHS;
}
