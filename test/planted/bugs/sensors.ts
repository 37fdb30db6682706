import type { PlantedBug } from '../planted-bug.ts';

/** Contacts, loops, tags and buttons behind a bridge, and what gathers on a slow link. */
export const SENSOR_BUGS: readonly PlantedBug[] = [
  {
    name: 'retained-press-is-obeyed',
    wrong: 'A press that the broker has kept raises an alert again at each start, although nobody pressed.',
    file: 'gateway/core/devices/button-memory.ts',
    find: `        const novelty = isRetained ? this.#marks.hearRetained(event) : this.#marks.hear(event, nowMs);`,
    replace: `        const novelty = this.#marks.hear({ ...event, mark: isRetained ? String(nowMs) : event.mark }, nowMs);`,
  },
  {
    name: 'repeat-within-a-while-is-a-press',
    wrong: 'A button that says nothing of repeats raises a second alert for each message of one press.',
    file: 'gateway/core/devices/button-memory.ts',
    find: `        return novelty === 'new' ? 'press' : novelty;`,
    replace: `        return 'press';`,
  },
  {
    name: 'bounce-is-a-press',
    wrong: 'Each bounce of a contact raises an alert of its own.',
    file: 'gateway/core/devices/button-contact.ts',
    find: `    if (this.#reported && normalForMs >= this.#timing.rearmMs) this.#reported = false;`,
    replace: `    this.#reported = false;`,
  },
  {
    name: 'contact-is-never-armed-again',
    wrong: 'A contact that has raised an alert raises none again: a second press is lost.',
    file: 'gateway/core/devices/button-contact.ts',
    find: `    if (this.#reported && normalForMs >= this.#timing.rearmMs) this.#reported = false;`,
    replace: '',
  },
  {
    name: 'short-press-is-lost',
    wrong: 'A press that is over before its least duration was waited for is lost.',
    file: 'gateway/core/devices/button-contact.ts',
    find: `    if (before === true && !this.#reported && activeForMs >= this.#timing.minimumMs)`,
    replace: `    if (before === true && !this.#reported && activeForMs >= 20 * this.#timing.minimumMs + 500)`,
  },
  {
    name: 'contact-found-active-is-ignored',
    wrong:
      'A button that stands pressed when the gateway starts raises nothing, although it was pressed while the gateway was away.',
    file: 'gateway/core/devices/button-contact.ts',
    find: `    if (this.#found && this.#isKnown()) return;`,
    replace: `    if (this.#found) return;`,
  },
  {
    name: 'stuck-button-is-not-told',
    wrong: 'A button that is held down for minutes is not reported, although no press of it can be heard.',
    file: 'gateway/core/devices/button-contact.ts',
    find: `    if (this.#reported) this.#stuck();`,
    replace: `    if (this.#reported) return;`,
  },
  {
    name: 'counter-of-a-tag-is-not-written',
    wrong:
      'The counter of a tag is not written before its press raises an alert: after a crash a recording of it raises another.',
    file: 'gateway/core/restart/journal-replay.ts',
    find: `        this.#windowsOf(record.device).of(record.key).accept(record);
        break;`,
    replace: `        break;`,
  },
  {
    name: 'lower-counter-of-a-tag-is-new',
    wrong: 'A counter of a tag that is lower than the last one is new: a recording of a press raises an alert.',
    file: 'gateway/core/devices/device-numbering.ts',
    find: `    if (this.#enrolling) return`,
    replace: `    return`,
  },
  {
    name: 'held-press-is-forgotten',
    wrong: 'A press that waits for its record is raised only by its timer, and not when the gateway is stopped.',
    file: 'gateway/core/core.ts',
    find: `    signals.held.releaseAll();
    signals.presses.raiseAll();`,
    replace: '',
  },
  {
    name: 'held-press-waits-for-the-disk',
    wrong:
      'A press that waits for its record waits for as long as the disk does: the alert path must never wait for it.',
    file: 'gateway/core/devices/held-presses.ts',
    find: `    timers.set({ type: 'heldPress', record }, after(now.monoMs, HOLD_MS));`,
    replace: `    timers.set({ type: 'heldPress', record }, after(now.monoMs, 1000 * HOLD_MS));`,
  },
  {
    name: 'same-packet-is-new',
    wrong: 'A tag repeats each press many times, and each of its messages raises an alert.',
    file: 'gateway/core/devices/packet-ids.ts',
    find: `    if (heardMs === undefined || isNewBattery) return { freshness: 'new' };`,
    replace: `    if (heardMs !== nowMs || isNewBattery) return { freshness: 'new' };`,
  },
  {
    name: 'drill-flag-dropped-in-a-digest',
    wrong: 'A digest of drill alerts does not say DRILL, and a pager shows it as real.',
    file: 'gateway/core/delivery/digest-text.ts',
    find: `const { alert, exercise } = first.report;`,
    replace: `const { alert, exercise } = { ...first.report, exercise: undefined };`,
  },
  {
    name: 'drills-and-alarms-in-one-digest',
    wrong: 'Real alarms and drills share a digest, so real ones are shown as drills.',
    file: 'gateway/core/delivery/digest-text.ts',
    find: `exercise ?? 'live'`,
    replace: `exercise === 'test' ? 'test' : 'any'`,
  },
  {
    name: 'failed-digest-is-forgotten',
    wrong: 'A digest that was not accepted is not tried again: its alarms are lost on that path.',
    file: 'gateway/core/delivery/retries.ts',
    find: `    else if (digest !== undefined) this.#requeueDigest(digest);`,
    replace: '',
  },
];
