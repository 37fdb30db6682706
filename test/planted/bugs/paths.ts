import type { PlantedBug } from '../planted-bug.ts';

/** The supervision of paths. */
export const PATH_BUGS: readonly PlantedBug[] = [
  {
    name: 'busy-path-is-polled-no-more',
    wrong: 'A poll that falls due while a report is under way is the last one: the loss of the path goes unnoticed.',
    file: 'gateway/core/delivery/path-supervision.ts',
    find: `    this.#scheduleIn(this.#intervalMs());
    if (queue.busy) return;`,
    replace: `    if (queue.busy) return;
    this.#scheduleIn(this.#intervalMs());`,
  },
  {
    name: 'lost-path-is-not-counted',
    wrong:
      'Each answer that proves nothing about the loss starts the count of failures anew, so a path that is down is never reported.',
    file: 'gateway/core/delivery/path-supervision.ts',
    find: `    this.#failures += 1;`,
    replace: `    this.#failures = 1;`,
  },
  {
    name: 'path-trouble-is-not-restored',
    wrong: 'The trouble of a path stands for ever, although the path is well again.',
    file: 'gateway/core/delivery/path-state.ts',
    find: `      this.#become('up', upDetail);
      this.#troubles.restore('pathDown', this.#path);`,
    replace: `      this.#become('up', upDetail);`,
  },
  {
    name: 'path-loss-is-not-told',
    wrong: 'A path that is down is shown as down, and no receiver is told.',
    file: 'gateway/core/delivery/path-state.ts',
    find: `    this.#troubles.raise('pathDown', this.#path, said);`,
    replace: '',
  },
  {
    name: 'doubtful-path-keeps-its-interval',
    wrong: 'A path in doubt is polled at its usual interval, so its loss is noticed half an hour late.',
    file: 'gateway/core/delivery/path-supervision.ts',
    find: `    return Math.min(this.#doubtIntervalMs(DOUBT_INTERVAL_MS), usual);`,
    replace: `    return usual;`,
  },
];
