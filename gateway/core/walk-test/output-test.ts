import { after } from '../../../protocol/clocks.ts';
import type { WalkTestCommand } from '../../../protocol/walk-test-command.ts';
import type { Context } from '../context.ts';
import type { CommandAnswer } from '../effect.ts';
import type { LocalOutput } from '../site.ts';
import { itemsWithin, type OutputItem, type SiteItem } from '../site-items.ts';
import type { Proofs } from './proofs.ts';
import type { WalkTest } from './walk-tests.ts';

/** Long enough to look up at it, short enough for a siren. */
const SHOWN_MS = 5_000;
const TIMER = { type: 'outputShown' } as const;

type OutputCommand = Extract<WalkTestCommand, { readonly output: string }>;

interface OutputTestDeps {
  items(): readonly SiteItem[];
  readonly proofs: Pick<Proofs, 'seen'>;
  running(): WalkTest | undefined;
  ticked(item: string, walkTest: WalkTest): void;
}

/**
 * Outputs in a walk test: the gateway switches one on for some seconds, and the tester confirms
 * that it was seen or heard. The gateway can't know that.
 */
export class OutputTest {
  readonly #context: Context;
  readonly #deps: OutputTestDeps;
  #shown: string | undefined;

  constructor(context: Context, deps: OutputTestDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /** The output is on for the tester. What it shows otherwise goes before. */
  shows({ id }: LocalOutput): boolean {
    return this.#shown === id;
  }

  take(command: OutputCommand): CommandAnswer {
    const { output, by } = command;
    const test = this.#deps.running();
    if (test === undefined) return { ok: false, text: 'no walk test runs: start one first' };
    const items = itemsWithin(this.#deps.items(), test.place).filter((each) => each.of === 'output');
    const item = items.find((each) => each.output.id === output);
    if (item === undefined) {
      const known = items.map((each) => each.output.id).join(', ');
      const which = known === '' ? 'it has no outputs' : `its outputs are ${known}`;
      const where = `the walk test in ${test.scope} has no output ${output}; ${which}`;
      const isElsewhere = this.#deps.items().some((each) => each.of === 'output' && each.output.id === output);
      if (!isElsewhere) return { ok: false, text: where };
      return { ok: false, text: `${where}. ${output} is tested in a walk test of its building, or of the whole site` };
    }
    this.#context.log('info', `walkTest.${command.action}`, { output, by });
    return command.action === 'show' ? this.#show(item) : this.#tick(item, test);
  }

  /** The time is over, or the walk test. */
  over(): void {
    this.#shown = undefined;
    this.#context.timers.clear(TIMER);
  }

  #show({ output }: OutputItem): CommandAnswer {
    this.#shown = output.id;
    this.#context.timers.set(TIMER, after(this.#context.now.monoMs, SHOWN_MS));
    return { ok: true, text: `${output.id} is on for ${SHOWN_MS / 1000} s; when you have seen it, tick it` };
  }

  #tick(item: OutputItem, test: WalkTest): CommandAnswer {
    this.#deps.proofs.seen(item.item, 'walkTest', test);
    this.#deps.ticked(item.item, test);
    return { ok: true, text: `${item.output.id} ticked` };
  }
}
