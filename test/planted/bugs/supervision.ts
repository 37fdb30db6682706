import type { PlantedBug } from '../planted-bug.ts';

/** Never silently broken: each loss is told within its window, and once. */
export const SUPERVISION_BUGS: readonly PlantedBug[] = [
  {
    name: 'missing-window-too-long',
    wrong: 'A device is missed after ten times its window: its loss is told hours late.',
    file: 'gateway/core/devices/device-deadline.ts',
    find: `heartbeatMs > 0 ? heartbeatMs * missedHeartbeats : AVAILABILITY_MS;`,
    replace: `heartbeatMs > 0 ? heartbeatMs * missedHeartbeats * 10 : AVAILABILITY_MS;`,
  },
  {
    name: 'sign-of-life-is-ignored',
    wrong: 'A sign of life does not begin the window anew: a device that is well is reported missing.',
    file: 'gateway/core/devices/device-supervision.ts',
    find: `    if (this.device.heartbeatMs > 0) this.awaitSign(agoMs);`,
    replace: `    if (this.device.heartbeatMs > 0 && !this.#deadline.isSet) this.awaitSign(agoMs);`,
  },
  {
    name: 'missing-is-not-restored',
    wrong: 'A device that is heard again stays reported as missing.',
    file: 'gateway/core/devices/device-supervision.ts',
    find: `    if (state !== 'unknown') this.missing.restore();`,
    replace: '',
  },
  {
    name: 'missing-is-not-told',
    wrong: 'A device that is missing is shown as missing, and no receiver is told.',
    file: 'gateway/core/devices/device-supervision.ts',
    find: `      this.missing.lost();
      this.#become('missing');`,
    replace: `      this.#become('missing');`,
  },
  {
    name: 'silent-since-the-start-is-well',
    wrong: 'No window begins when an input comes up: a device that died while the gateway was away is never missed.',
    file: 'gateway/core/devices/device-supervision.ts',
    find: `    if (this.#presence.isReachable) this.buttons.found(this.#context.now.monoMs);
    this.awaitSign(agoMs);`,
    replace: `    if (this.#presence.isReachable) this.buttons.found(this.#context.now.monoMs);`,
  },
  {
    name: 'unplugged-line-is-not-told',
    wrong: 'A line that is unplugged after it has worked is not reported.',
    file: 'gateway/core/devices/input-supervision.ts',
    find: `    else {
      this.#troubles.raiseOrReword('inputDown', this.#input, this.#downText());
    }`,
    replace: `    else if (this.#upMs === LONG_AGO_MS) {
      this.#troubles.raiseOrReword('inputDown', this.#input, this.#downText());
    }`,
  },
  {
    name: 'plugged-line-is-not-restored',
    wrong: 'The trouble of a line stands for ever, although the line is well again.',
    file: 'gateway/core/devices/input-supervision.ts',
    find: `    if (up) this.#troubles.restore('inputDown', this.#input);
    else {`,
    replace: `    if (!up) {`,
  },
  {
    name: 'full-disk-is-not-told',
    wrong: 'A journal that cannot write is not reported.',
    file: 'gateway/core/troubles/own-health.ts',
    find: `    if (state === 'failed')
      this.#troubles.raise('journalFailed', 'journal', { text: 'Journal cannot be written', detail });
    else`,
    replace: `    if (state !== 'failed')`,
  },
  {
    name: 'journal-trouble-is-not-restored',
    wrong: 'The trouble of the journal stands for ever, although records are written again.',
    file: 'gateway/core/troubles/own-health.ts',
    find: `    else this.#troubles.restore('journalFailed', 'journal');`,
    replace: `    else if (state === 'degraded') this.#troubles.restore('journalFailed', 'journal');`,
  },
  {
    name: 'standing-trouble-is-told-again',
    wrong: 'A trouble that stands is reported again each time that its cause is seen.',
    file: 'gateway/core/troubles/troubles.ts',
    find: `    if (this.#standing.has(key)) return;
    const { wallMs: sinceWallMs, monoMs } = this.#context.now;`,
    replace: `    const { wallMs: sinceWallMs, monoMs } = this.#context.now;`,
  },
  {
    name: 'flapping-trouble-stands-for-ever',
    wrong: 'A trouble that came and went twice within a minute is never restored.',
    file: 'gateway/core/troubles/troubles.ts',
    find: `      if (!timers.has(end)) timers.set(end, after(now.monoMs, FLAPPING_MS));
      return;`,
    replace: `      if (timers.has(end)) timers.set(end, after(now.monoMs, FLAPPING_MS));
      return;`,
  },
  {
    name: 'restoral-is-not-reported',
    wrong: 'The receivers are not told that a trouble is over.',
    file: 'gateway/core/troubles/troubles.ts',
    find: `    this.#record(trouble, 'restored', atMs);
    this.#report(troubleReport({ ...trouble, occurredMs: atMs }, 'restored'));`,
    replace: `    this.#record(trouble, 'restored', atMs);`,
  },
  {
    name: 'low-battery-is-not-told',
    wrong: 'A battery that is low is shown as low, and no receiver is told.',
    file: 'gateway/core/devices/device-condition.ts',
    find: `    this.#flag('lowBattery', this.#condition.lowBattery, 'Low battery');`,
    replace: `    if (this.#condition.lowBattery !== true) this.#flag('lowBattery', this.#condition.lowBattery, 'Low battery');`,
  },
  {
    name: 'closed-cover-stays-reported',
    wrong: 'The trouble of an open cover stands for ever, although the cover is closed.',
    file: 'gateway/core/devices/device-condition.ts',
    find: `    else if (on === false) this.#troubles.restore(type, id);`,
    replace: `    else if (on === false && type === 'lowBattery') this.#troubles.restore(type, id);`,
  },
  {
    name: 'standstill-is-not-told',
    wrong: 'The gateway does not say that it stood still for a while, although it may have missed presses.',
    file: 'gateway/core/devices/stall-watch.ts',
    find: `    if (stoodMs >= REPORTED_MS_MIN) this.#deps.notices.tell(gatewayStoodStill(stoodMs));`,
    replace: '',
  },
  {
    name: 'stall-is-taken-for-silence',
    wrong: 'After a stall of the gateway the devices are found silent before what they sent meanwhile is read.',
    file: 'gateway/core/devices/stall-watch.ts',
    find: `    for (const device of this.#deps.devices.values()) device.excuse(stoodMs - this.#beatMs);`,
    replace: '',
  },
  {
    name: 'lost-broker-is-not-told',
    wrong: 'The broker that is down is not reported.',
    file: 'gateway/core/troubles/own-health.ts',
    find: `          this.#troubles.raise('brokerDown', 'mqtt', { text: 'MQTT broker down', detail: news.detail });
        else`,
    replace: `          this.#broker.delete(news.type);
        else`,
  },
];
