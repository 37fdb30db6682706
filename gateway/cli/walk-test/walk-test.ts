import { CallpointError } from '../../../protocol/errors.ts';
import type { CommandFields } from '../../../protocol/gateway-command.ts';
import type { WalkTestDocument } from '../../../protocol/walk-test-document.ts';
import { askGateway, askQuestion } from '../../control/ask-gateway.ts';
import { type JsonFlag, jsonText, printAnswer } from '../json-output.ts';
import { confirmed, hasPerson } from '../questions.ts';
import { dataDirectory, type SiteOptions } from '../site-options.ts';
import { terminalWidth } from '../terminal-text.ts';
import { watchWalkTest } from './live-screen.ts';
import { walkTestText } from './walk-test-text.ts';

type Print = (line: string) => void;

type JsonOptions = SiteOptions & JsonFlag;

interface Start extends SiteOptions, JsonFlag {
  readonly scope: string;
  readonly minutes: number;
  readonly tester: string;
  readonly reason: string;
  readonly watch?: boolean;
}

/** @returns the exit code */
export async function startWalkTest(options: Start, by: string, out: Print): Promise<number> {
  const { scope, minutes, tester, reason, json, watch } = options;
  const at = new Date().toISOString();
  await command(options, { action: 'start', scope, minutes, tester, reason, at, by }, out);
  if (watch) return watchWalkTest(dataDirectory(options), out);
  if (!json) out('Press each button once, and briefly. Follow it with callpoint walk-test status --watch');
  return 0;
}

/** @returns the exit code */
export async function showWalkTest(options: JsonOptions & { readonly watch?: boolean }, out: Print): Promise<number> {
  if (options.watch && !options.json) return watchWalkTest(dataDirectory(options), out);
  const document = await askQuestion(dataDirectory(options), 'walkTest');
  const { awaiting, untested } = document.counts;
  const isDone = awaiting + untested === 0;
  if (options.json) out(jsonText({ ok: isDone, ...document }));
  else for (const line of walkTestText(document, { width: terminalWidth(), now: new Date() })) out(line);
  return isDone ? 0 : 1;
}

/** @returns the exit code */
export async function stopWalkTest(
  options: JsonOptions & { readonly reason: string },
  by: string,
  out: Print,
): Promise<number> {
  await command(options, { action: 'stop', reason: options.reason, by }, out);
  return 0;
}

interface Tick extends SiteOptions, JsonFlag {
  readonly seen?: boolean;
  readonly yes?: boolean;
}

/**
 * Switches the output on and asks whether it worked, or ticks it at once.
 * @returns the exit code
 */
export async function tickOutput(output: string, options: Tick, by: string, out: Print): Promise<number> {
  const json = options.json === true;
  const fields = { output, reason: 'walk test', by };
  if (options.seen) {
    await command(options, { action: 'tick', ...fields }, out);
    return 0;
  }
  const locks = shownBy(await askQuestion(dataDirectory(options), 'walkTest'), output) === 'lockdown';
  const mayAsk = hasPerson() && !json;
  if (locks && !options.yes) {
    const what = `${output} locks doors for 5 s.`;
    if (!mayAsk) throw new CallpointError('COMMAND_REFUSED', `Refused: ${what} Say --yes if nobody is at them.`);
    if (!(await confirmed(`${what} Is nobody at them?`))) return 1;
  }
  await command(options, { action: 'show', ...fields }, out);
  if (!mayAsk) {
    if (!json) out(`When you have seen it: callpoint walk-test tick ${output} --seen`);
    return 0;
  }
  if (!(await confirmed(`Did ${output} work?`))) {
    out('Not ticked.');
    return 1;
  }
  await command(options, { action: 'tick', ...fields }, out);
  return 0;
}

function shownBy({ places }: WalkTestDocument, output: string): string | undefined {
  for (const { items } of places) {
    for (const item of items) if (item.of === 'output' && item.output === output) return item.shows;
  }
  return undefined;
}

/** @throws CallpointError GATEWAY_UNREACHABLE, COMMAND_REFUSED */
async function command(options: JsonOptions, fields: CommandFields, out: Print): Promise<void> {
  const request = { command: 'walk-test', ...fields };
  const { ok, text } = await askGateway(dataDirectory(options), request);
  if (!ok) throw new CallpointError('COMMAND_REFUSED', `Refused: ${text}`);
  printAnswer(options, { text, ...request }, out);
}
