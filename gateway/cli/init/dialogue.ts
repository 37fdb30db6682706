import type { Setup } from '../../config/setup/answers.ts';
import { wrapped } from '../terminal-text.ts';
import { answersGiven } from './answers-given.ts';
import type { FoundHardware } from './found-hardware.ts';
import { nextQuestion, type Question } from './questions.ts';

/** A person at a terminal. */
interface Person {
  /** @returns what was typed; `undefined`: the person ended it, as Ctrl-C and Ctrl-D do */
  ask(prompt: string, isSecret: boolean): Promise<string | undefined>;
  show(line: string): void;
  readonly width: number;
}

const BACK = '<';

/**
 * Asks until there is a site that passes the check and that the person wants.
 *
 * @returns `undefined`: the person ended it
 */
export async function askForSetup(
  person: Person,
  found: FoundHardware,
  setUp: (answers: object) => Setup,
): Promise<Setup | undefined> {
  const given = new Map<string, string>();
  const earlier = new Map<string, string>();
  const say = (text: string) => {
    for (const line of wrapped(text, person.width, 0)) person.show(line);
  };
  say(`Enter takes the answer in brackets. ${BACK} goes back. Ctrl-C ends this, and nothing is written.`);
  for (;;) {
    const question = nextQuestion(given, found);
    const answer =
      question === undefined
        ? await confirmed(person, setUp(answersGiven(given, found)), say)
        : await answered(person, question, earlier.get(question.key), say);
    if (answer === undefined) return undefined;
    if (typeof answer === 'object') return answer;
    if (answer === BACK) {
      const last = [...given.keys()].at(-1);
      if (last !== undefined) given.delete(last);
      else say('This is the first question.');
    } else if (question !== undefined) {
      given.set(question.key, answer);
      if (!question.isSecret) earlier.set(question.key, answer);
    }
  }
}

/** A sound answer, or `BACK`. */
async function answered(
  person: Person,
  { text, help = [], usual, isSecret = false, fault }: Question,
  before: string | undefined,
  say: (text: string) => void,
): Promise<string | undefined> {
  person.show('');
  for (const line of help) say(line);
  const offered = before ?? usual;
  for (;;) {
    const typed = await person.ask(`${text}${offered === '' ? '' : ` [${offered}]`}: `, isSecret);
    if (typed === undefined) return undefined;
    const answer = typed.trim() === '' ? offered : typed.trim();
    const wrong = answer === BACK ? undefined : fault(answer);
    if (wrong === undefined) return answer;
    say(`Write ${wrong}.`);
  }
}

/** Shows what would be written. A person who says no goes back to the last question. */
async function confirmed(
  person: Person,
  setup: Setup,
  say: (text: string) => void,
): Promise<Setup | string | undefined> {
  const { mistakes, files } = setup;
  person.show('');
  for (const { severity, message, hint } of mistakes) say(`${severity}: ${message}; ${hint}`);
  if (files === undefined) {
    say('These answers do not fit together. Back to the last one:');
    return BACK;
  }
  for (const line of ['', ...files.site.trimEnd().split('\n'), '']) person.show(line);
  for (;;) {
    const typed = await person.ask('Write this, with new keys in keys.yaml? yes, or < to go back [yes]: ', false);
    if (typed === undefined) return undefined;
    const answer = typed.trim();
    if (answer === BACK || answer === 'no') return BACK;
    if (['', 'yes', 'y'].includes(answer)) return setup;
  }
}
