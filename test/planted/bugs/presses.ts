import type { PlantedBug } from '../planted-bug.ts';

/** What tells a new press from a repeat, a recording and a forgery, and what a press means. */
export const PRESS_BUGS: readonly PlantedBug[] = [
  {
    name: 'unproven-press-raises',
    wrong:
      'A press that does not open with the key raises an alert all the same, so anybody on the line can raise one.',
    file: 'gateway/inputs/button-bus/line-reader.ts',
    find: `    const node = this.#byAddress[frame.header.address];
    const message = node === undefined ? undefined : openFrame(this.ccm, node.key, frame);`,
    replace: `    const node = this.#byAddress[frame.header.address];
    const opened = node === undefined ? undefined : openFrame(this.ccm, node.key, frame);
    const message = opened ?? (says === 'press' ? ({ type: 'press', button: 0, pattern: 'single' } as const) : undefined);`,
  },
  {
    name: 'repeats-are-sorted-out-before-the-proof',
    wrong:
      'The highest number is noted before the key is proven: one forged frame makes every press of the real node a repeat, and it is lost.',
    file: 'gateway/inputs/button-bus/line-reader.ts',
    find: `    const node = this.#byAddress[frame.header.address];
    const message`,
    replace: `    const node = this.#byAddress[frame.header.address];
    const highest = ((this as any).highest ??= new Map<number, number>());
    if (frame.header.epoch < (highest.get(frame.header.address) ?? 0)) return;
    highest.set(frame.header.address, frame.header.epoch);
    const message`,
  },
  {
    name: 'a-number-behind-the-window-is-new',
    wrong:
      'A counter that lies behind the window counts as new, so an old recording of a press raises its alert again.',
    file: 'gateway/core/devices/frame-window.ts',
    find: `    if (behind >= WINDOW) return 'behind';`,
    replace: `    if (behind >= WINDOW) return 'new';`,
  },
  {
    name: 'window-off-by-one',
    wrong:
      'The window looks one counter too far, so the newest message counts as new each time: a repeat raises a second alert.',
    file: 'gateway/core/devices/frame-window.ts',
    find: `    return (this.#seen >> BigInt(behind)) & 1n ? 'repeat' : 'new';`,
    replace: `    return (this.#seen >> BigInt(behind + 1)) & 1n ? 'repeat' : 'new';`,
  },
  {
    name: 'epoch-ignored',
    wrong:
      'A message of an earlier epoch is compared by its counter alone, so a recording from before a reboot raises an alert.',
    file: 'gateway/core/devices/frame-window.ts',
    find: `    if (identity.epoch < this.#epoch) return 'stale';`,
    replace: '',
  },
  {
    name: 'only-higher-numbers-are-new',
    wrong: 'A press that a later frame has overtaken on the line counts as a repeat, and is lost.',
    file: 'gateway/core/devices/frame-window.ts',
    find: `    return (this.#seen >> BigInt(behind)) & 1n ? 'repeat' : 'new';`,
    replace: `    return 'repeat';`,
  },
  {
    name: 'window-does-not-move',
    wrong:
      'The bits of the window are not moved when the counter rises, so a press that was overtaken counts as heard, and is lost.',
    file: 'gateway/core/devices/frame-window.ts',
    find: `((this.#seen << BigInt(ahead)) & ALL) | 1n;`,
    replace: `ALL;`,
  },
  {
    name: 'a-message-is-not-noted',
    wrong: 'The number of a message is not noted once it was heard, so each repeat of a press raises its alert again.',
    file: 'gateway/core/devices/signal-handler.ts',
    find: `    if (numbered !== undefined) device.numbering.accept(identity, enrols === true);`,
    replace: `    if (numbered !== undefined && presses.length === 0) device.numbering.accept(identity, enrols === true);`,
  },
  {
    name: 'long-press-raises-the-usual-kind',
    wrong:
      'A long press raises the kind of a short one: the desk is told of another emergency than the one that was pressed.',
    file: 'gateway/core/alerts/press-outcome.ts',
    find: `return button.patternKinds?.get(pattern) ?? button.kind;`,
    replace: `return button.kind;`,
  },
  {
    name: 'zone-of-the-device',
    wrong:
      'The alarm has the zone of the device in place of the zone of its button: the desk looks in the wrong place.',
    file: 'gateway/core/make-report.ts',
    find: `    zone: details.button.zone,`,
    replace: `    zone: device.zone + 1,`,
  },
  {
    name: 'doubt-is-not-said',
    wrong:
      'The text does not say that an alert is unauthenticated: every alert is to carry whether its sender has proved itself.',
    file: 'gateway/core/make-report.ts',
    find: `const doubt = !authenticated && isDoubtful ? ' (unauthenticated)' : '';`,
    replace: `const doubt = !authenticated && !isDoubtful ? ' (unauthenticated)' : '';`,
  },
  {
    name: 'a-press-without-memory-is-proven',
    wrong:
      'The first press of a device that the gateway has never heard is not marked, although it may be a recording.',
    file: 'gateway/core/devices/signal-handler.ts',
    find: `const press = presses.length === 0 || isProven ? signal : this.#unproven(signal, identity);`,
    replace: `const press = signal;`,
  },
];
