import { errorCode } from '../../gateway/system/error-code.ts';
import { type GatewayUnderTest, startCompiledGateway } from '../rig/gateway-under-test.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { FAILPOINT, PASS } from './failpoint-variables.ts';
import type { World } from './world.ts';

/** Where the gateway dies by its own hand. */
export interface Armed {
  readonly failpoint: string;
  readonly pass: number;
}

interface LifeOptions {
  readonly main: string;
  readonly armed?: Armed;
  readonly environment?: Readonly<Record<string, string>>;
  /** It rehearses its alert path after the start, as it does by default. */
  readonly warmsUp?: boolean;
  /** Called with each line of its log. */
  readonly log?: (line: string) => void;
}

/** One run of the gateway, from its start to its death. */
export class Life {
  /** Resolves when it is ready, or has ended before. */
  readonly up: Promise<GatewayUnderTest | undefined>;
  /** Resolves with how it ended. Never rejects. */
  readonly ended: Promise<string>;
  /** It has died at the failpoint. */
  isHit = false;
  isOver = false;
  pid = 0;
  /** Its last lines. */
  readonly log: string[] = [];

  constructor(world: World, { main, armed, environment = {}, log, warmsUp = false }: LifeOptions) {
    const failpoint = armed === undefined ? {} : { [FAILPOINT]: armed.failpoint, [PASS]: String(armed.pass) };
    const starting = startCompiledGateway(world.site.file, world.site.data, SERVICE_FLAGS, {
      main,
      arguments: warmsUp ? [] : ['--no-warm-up'],
      needs: {
        nodeArguments: [],
        environment: { CALLPOINT_RELEASES: world.releases, ...failpoint, ...environment },
      },
      detached: true,
      onProcess: (pid) => {
        this.pid = pid;
      },
      onLine: (line) => {
        if (line.includes(`"event":"${FAILPOINT}"`)) this.isHit = true;
        this.log.push(line);
        if (this.log.length > 400) this.log.splice(0, 200);
        log?.(line);
      },
    });
    this.up = starting.then(
      (gateway) => gateway,
      () => undefined,
    );
    this.ended = starting
      .then(
        (gateway) => gateway.ended,
        (error: unknown) => String(error),
      )
      .then((how) => {
        this.isOver = true;
        return how;
      });
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** It may have ended in this moment. */
  signal(signal: NodeJS.Signals): void {
    try {
      if (!this.isOver) process.kill(this.pid, signal);
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  }

  /** As `systemctl stop` does. @returns its exit code */
  async stop(): Promise<string> {
    this.signal('SIGTERM');
    return await this.ended;
  }
}
