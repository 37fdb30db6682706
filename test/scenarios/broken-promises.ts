/** A text that stands once, and what takes its place. */
interface Change {
  readonly from: string;
  readonly to: string;
}

/** How the promise of a shipped scenario is broken, and what of the scenario must fail then. */
export interface BrokenPromise {
  /** Its file in `device-sim/scenarios`, without `.yaml`. */
  readonly scenario: string;
  /** A few seconds, and little work: it runs with all other tests. */
  readonly isFast?: true;
  /** In plain English. */
  readonly how: string;
  /** A patch of the compiled gateway: a file of `dist/gateway`, and its change. */
  readonly patch: Change & { readonly file: string };
  /** Begins the expectation that must not be met. */
  readonly fails: string;
}

export const BROKEN_PROMISES: readonly BrokenPromise[] = [
  {
    scenario: 'classroom-intruder',
    isFast: true,
    how: 'no wall is told that a receiver has acknowledged',
    patch: {
      file: 'core/alerts/alert.js',
      from: "return 'accepted';",
      to: "return 'sent';",
    },
    fails: 'wall: wb-102',
  },
  {
    scenario: 'silent-hold-up',
    isFast: true,
    how: 'the gateway never tells a node that its place is silent',
    patch: {
      file: 'core/devices/device-supervision.js',
      from: 'if (heartbeat.silentMode !== silent)',
      to: 'if (heartbeat.silentMode === null)',
    },
    fails: 'wall: wb-101, shows: off, stays: true',
  },
  {
    scenario: 'medical',
    how: 'every button of a node is taken for its first one',
    patch: {
      file: 'core/alerts/presses.js',
      from: 'const configured = device.buttons.get(press.button);',
      to: 'const configured = device.buttons.get(0);',
    },
    fails: 'alert: medical',
  },
  {
    scenario: 'fire-drill',
    isFast: true,
    how: 'a drill covers the whole site, whatever its scope',
    patch: {
      file: 'core/scope.js',
      from: 'return isInScope(place, { device: id, building, floor, room });',
      to: 'return id !== undefined;',
    },
    fails: 'alert: intruder, from: wb-102, has: { mode: live }',
  },
  {
    scenario: 'dead-primary',
    how: 'the next path waits for an hour',
    patch: {
      file: 'core/delivery/dispatcher.js',
      from: 'timers.set(join, after(now.monoMs, next.afterMs));',
      to: 'timers.set(join, after(now.monoMs, 3_600_000));',
    },
    fails: 'shown: second',
  },
  {
    scenario: 'power-cut-mid-alert',
    how: 'a start continues nothing of the run before it',
    patch: {
      file: 'core/restart/recovery.js',
      from: 'deps.walkTest.recover(recovered.walkTest, recovered.proven);',
      to: 'if (recovered) return;',
    },
    fails: 'shown: central',
  },
  {
    scenario: 'cable-cut-at-night',
    how: 'a wire that reads cut is taken for whole',
    patch: {
      file: 'core/devices/contact-wires.js',
      from: "const whole = state === 'normal' || state === 'active';",
      to: 'const whole = true;',
    },
    fails: 'trouble: wireFault',
  },
  {
    scenario: 'thousand-presses',
    how: 'one message in twenty-five is taken for a repeat',
    patch: {
      file: 'core/devices/frame-window.js',
      from: 'const behind = this.#highest - identity.counter;',
      to: "const behind = this.#highest - identity.counter;\nif (identity.counter % 50 >= 48) return 'repeat';",
    },
    fails: 'shown: central, text: Intruder, times: 1000',
  },
  {
    scenario: 'replay-attack',
    isFast: true,
    how: 'a start forgets which numbers were heard',
    patch: {
      file: 'core/restart/recovery.js',
      from: 'devices.get(device)?.numbering.recover(heard);',
      to: 'void heard;',
    },
    fails: 'noAlert: wb-101',
  },
  {
    scenario: 'jammed-corridor',
    how: 'the silence of a radio means nothing',
    patch: {
      file: 'inputs/ble/silence-watch.js',
      from: 'if (nowMs - this.#sinceMs < waitMs)',
      to: 'if (nowMs > 0)',
    },
    fails: 'trouble: inputDown',
  },
  {
    scenario: 'receiver-restarted',
    how: 'an alarm is given up after one failed attempt',
    patch: {
      file: 'core/delivery/next-step.js',
      from: "return { type: 'wait', end: failedEnd(outcome), startOver: false };",
      to: "return { type: 'giveUp' };",
    },
    fails: 'shown: central',
  },
  {
    scenario: 'broker-flooded',
    how: 'the broker lets every client publish everything',
    patch: {
      file: 'mqtt/client-guard.js',
      from: 'const refused = this.#take(client, packet);',
      to: 'const refused = undefined;',
    },
    fails: 'alert: any, times: 1',
  },
  {
    scenario: 'clock-in-1970',
    how: 'the time in a refusal is not used',
    patch: {
      file: 'core/delivery/receiver-clock.js',
      from: 'if (receiverTimeMs === undefined)',
      to: 'if (sent !== undefined)',
    },
    fails: 'alert: intruder',
  },
  {
    scenario: 'full-disk',
    how: 'a journal that cannot be written is no trouble',
    patch: {
      file: 'core/troubles/own-health.js',
      from: "if (state === 'failed')\n            this.#troubles.raise('journalFailed'",
      to: "if (state === 'never')\n            this.#troubles.raise('journalFailed'",
    },
    fails: 'trouble: journalFailed',
  },
  {
    scenario: 'two-nodes-one-address',
    how: 'a message that fails its proof is dropped without a word',
    patch: {
      file: 'core/devices/proof-faults.js',
      from: 'const claimed = signal.device === undefined',
      to: 'if (signal) return;\n        const claimed = signal.device === undefined',
    },
    fails: 'trouble: deviceFault',
  },
  {
    scenario: 'wrong-key',
    how: 'a message that fails its proof is dropped without a word',
    patch: {
      file: 'core/devices/proof-faults.js',
      from: 'const claimed = signal.device === undefined',
      to: 'if (signal) return;\n        const claimed = signal.device === undefined',
    },
    fails: 'trouble: deviceFault',
  },
  {
    scenario: 'expiring-certificate',
    how: 'the gateway warns an hour before the end, not days',
    patch: {
      file: 'core/troubles/certificate-expiry.js',
      from: 'leftMs <= days * DAY_MS',
      to: 'leftMs <= 3_600_000',
    },
    fails: 'trouble: certificateExpires',
  },
  {
    scenario: 'zigbee-bridge-dead',
    how: 'a bridge that says that it is offline is no trouble',
    patch: {
      file: 'core/devices/bridge-supervision.js',
      from: "raiseOrReword('bridgeDown', this.#id, said)",
      to: "stands('bridgeDown', this.#id)",
    },
    fails: 'trouble: bridgeDown',
  },
  {
    scenario: 'lockdown',
    how: 'the doors are told with the alert, and never again',
    patch: {
      file: 'core/alerts/alert-doors.js',
      from: 'this.#awaitDue(building, GATHER_MS);',
      to: 'void building;',
    },
    fails: 'shown: county, text: Rm 101 Reception unlocked',
  },
  {
    scenario: 'restart-in-a-storm',
    how: 'a start continues nothing of the run before it',
    patch: {
      file: 'core/restart/recovery.js',
      from: 'deps.walkTest.recover(recovered.walkTest, recovered.proven);',
      to: 'if (recovered) return;',
    },
    fails: 'shown: central, text: Intruder, times: 120',
  },
  {
    scenario: 'broker-dies',
    how: 'the gateway does not connect to a broker again',
    patch: {
      file: 'mqtt/external-broker.js',
      from: 'reconnectPeriod: this.#reconnectMs,',
      to: 'reconnectPeriod: 0,',
    },
    fails: 'alert: intruder, from: wb-101',
  },
];
