import { expect, test } from 'vitest';
import { watchLive } from '../../../gateway/cli/watch.ts';

/** Without a terminal, as in this test, each change is printed once. */
test('a watch survives a gateway that goes away: it says so once, and shows the next answer', async () => {
  const answers = ['well', 'well', new Error('nobody answers'), new Error('nobody answers'), 'well', 'over'];
  const printed: string[] = [];
  const { last, wasDrawn } = await watchLive(
    {
      everyMs: 1,
      ask: async () => {
        const answer = answers.shift();
        if (answer === undefined || answer instanceof Error) throw answer;
        return answer;
      },
      screen: (answer) => [answer],
      news: (answer) => ({ key: answer, text: `now ${answer}` }),
      isOver: (answer) => answer === 'over',
    },
    (line) => printed.push(line),
  );
  expect(printed).toEqual(['now well', 'No answer: nobody answers', 'now well', 'now over']);
  expect([last, wasDrawn, answers]).toEqual(['over', false, []]);
});

test('a first question without an answer ends it: the directory is a wrong one', async () => {
  const refused = watchLive(
    {
      everyMs: 1,
      ask: () => Promise.reject(new Error('no gateway')),
      screen: () => [],
      news: () => ({ key: '', text: '' }),
    },
    () => undefined,
  );
  await expect(refused).rejects.toThrow('no gateway');
});
