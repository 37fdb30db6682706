import type { CoreInput } from '../../../gateway/core/input.ts';
import type { WallMs } from '../../../protocol/clocks.ts';
import type { GatewayCommand } from '../../../protocol/gateway-command.ts';
import type { EventOf } from '../life/life-shape.ts';
import type { Observation, Observer } from '../observation.ts';

type OperatorEvent = EventOf<'close' | 'drill' | 'walkTest' | 'enrol' | 'canary'>;

const WHO = { reason: 'over', by: 'cli:maria' };
/** Alerts that an operator has on the screen. */
const SHOWN_MAX = 64;

/** People who see what is published and command the gateway. */
export class Operators implements Observer {
  readonly #give: (input: CoreInput) => void;
  readonly #wallMs: () => WallMs;
  readonly #shown: string[] = [];
  #ticket = 0;

  /** @param wallMs what an operator's clock shows */
  constructor(give: (input: CoreInput) => void, wallMs: () => WallMs) {
    this.#give = give;
    this.#wallMs = wallMs;
  }

  see(observation: Observation): void {
    if (observation.type !== 'effect' || observation.effect.type !== 'publish') return;
    const { kind, document } = observation.effect.publication;
    if (kind !== 'alert' || this.#shown.includes(document.id)) return;
    this.#shown.unshift(document.id);
    this.#shown.splice(SHOWN_MAX);
  }

  act(event: OperatorEvent): void {
    const command = this.#commandOf(event);
    if (command === undefined) return;
    this.#ticket += 1;
    this.#give({ type: 'command', command, ticket: this.#ticket });
  }

  #commandOf(event: OperatorEvent): GatewayCommand | undefined {
    switch (event.do) {
      case 'close': {
        const alert = this.#shown[event.which % Math.max(1, this.#shown.length)];
        return alert === undefined ? undefined : { command: event.command, alert, ...WHO };
      }
      case 'drill':
        return { command: 'drill', action: event.action, scope: event.scope, minutes: event.minutes, ...WHO };
      case 'enrol':
        return { command: 'enrol', device: event.device, minutes: event.minutes, ...WHO };
      case 'canary':
        return { command: 'canary', ...WHO };
      case 'walkTest': {
        if (event.action === 'stop') return { command: 'walk-test', action: 'stop', ...WHO };
        const { scope, minutes } = event;
        return { command: 'walk-test', action: 'start', scope, minutes, tester: 'Maria', at: this.#wallMs(), ...WHO };
      }
    }
  }
}
