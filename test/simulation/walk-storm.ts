import type { World } from './world.ts';

const SCOPES = ['site', 'building:A', 'room:A/1/101', 'device:wb-103', 'room:A/1/105'];
/** A node repeats a press every 2.4 s, and a line that loses half of all frames loses this many. */
const HEARD_MS = 30_000;

interface Pressed {
  readonly id: string;
  readonly device: string;
  readonly atMs: number;
  /** An exercise covered it, or may have: the gateway was not there to ask. */
  readonly inExercise: boolean;
}

/** Two operators start and stop walk tests and drills at random, and presses come all the time. */
export class WalkStorm {
  readonly #presses: Pressed[] = [];
  readonly #starts: { readonly atMs: number; readonly scope: string }[] = [];
  #drillsUntilMs = 0;

  walkSometimes(world: World, below: (limit: number) => number): void {
    for (let time = below(6) === 0 ? 2 : 0; time > 0; time--) {
      world.clock.after(world.random() * 5000, () => this.#order(world, below));
    }
  }

  pressed(world: World, device: string, id: string): void {
    const { nowMs: atMs } = world.clock;
    const test = world.core?.walkTest();
    const inTest = test === undefined || (test.state === 'running' && covers(test.scope, device));
    this.#presses.push({ id, device, atMs, inExercise: inTest || atMs <= this.#drillsUntilMs });
  }

  end(world: World): void {
    if (world.core === undefined) world.startGateway();
    world.give({
      type: 'command',
      command: { command: 'walk-test', action: 'stop', reason: 'over', by: 'operator-0' },
    });
    this.#order(world, () => 4);
  }

  /** Presses that nothing can have made an exercise: none covered them, nor began soon after. */
  get realOnes(): readonly string[] {
    const isSoon = (press: Pressed) =>
      this.#starts.some(({ atMs, scope }) => {
        return atMs >= press.atMs && atMs < press.atMs + HEARD_MS && covers(scope, press.device);
      });
    return this.#presses.filter((each) => !each.inExercise && !isSoon(each)).map(({ id }) => id);
  }

  #order(world: World, below: (limit: number) => number): void {
    const scope = SCOPES[below(SCOPES.length)] ?? 'site';
    const said = { reason: 'round', by: `operator-${below(2)}` };
    const { nowMs: atMs, now } = world.clock;
    const what = below(5);
    if (what < 3) {
      this.#starts.push({ atMs, scope });
      const start = {
        action: 'start',
        scope,
        minutes: 1,
        tester: 'Maria',
        at: now.wallMs,
        ...said,
      } as const;
      world.give({ type: 'command', command: { command: 'walk-test', ...start } });
    } else if (what === 3) world.give({ type: 'command', command: { command: 'walk-test', action: 'stop', ...said } });
    else if (below(3) > 0) {
      world.give({ type: 'command', command: { command: 'drill', action: 'stop', scope: 'all', minutes: 0, ...said } });
    } else {
      this.#starts.push({ atMs, scope });
      this.#drillsUntilMs = atMs + 60_000;
      world.give({ type: 'command', command: { command: 'drill', action: 'start', scope, minutes: 1, ...said } });
    }
  }
}

function covers(scope: string, device: string): boolean {
  if (scope.startsWith('device:')) return scope === `device:${device}`;
  return !scope.startsWith('room:') || scope.endsWith(device.slice('wb-'.length));
}
