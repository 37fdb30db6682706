import { describe, expect, test } from 'vitest';
import type { SiteReading } from '../../gateway/config/accepted-settings.ts';
import type { GatewaySettings } from '../../gateway/config/settings.ts';
import type { Obstacle } from '../../gateway/core/reopened.ts';
import type { Site } from '../../gateway/core/site.ts';
import { walkTestSettings } from '../../gateway/core/walk-test-settings.ts';
import { Drivers } from '../../gateway/reload/drivers.ts';
import { Reloads, type ReloadsDeps } from '../../gateway/reload/reloads.ts';
import { Waiting } from '../integration/support/waiting.ts';
import { device, inTurn, path, site } from '../simulation/site.ts';

function settings(name: string): GatewaySettings {
  return {
    site: { ...site([device(101)], [path('central')]), name },
    inputs: [],
    paths: [],
    mqtt: { gateway: 'gw-1', broker: { type: 'embedded', host: '127.0.0.1', port: 1, clients: [] } },
    journal: { directories: ['/journal'], segmentBytes: 1, retainMs: 1, retainBytes: 1 },
    certificates: { sources: [], farEnds: [] },
  };
}

function reloads(read: () => Promise<SiteReading>, changes: Partial<ReloadsDeps> = {}) {
  const never = () => {
    throw new Error('no driver is made here');
  };
  const sink = {} as never;
  const takenUp: string[] = [];
  const logged: string[] = [];
  const waiting = new Waiting();
  const obstacles: Obstacle[] = [];
  const one = new Reloads(settings('first'), {
    read,
    drivers: new Drivers({ input: never, path: never, inputSink: sink, pathSink: sink }),
    runtime: {
      obstacles: () => obstacles,
      reload: (next, _, exchange) => {
        exchange();
        takenUp.push(next.name);
        waiting.check();
      },
    },
    certificates: { release: () => undefined, reload: () => undefined },
    mqtt: { reload: () => undefined },
    done: () => undefined,
    log: (_, event) => {
      logged.push(event);
      waiting.check();
    },
    againMs: 1,
    ...changes,
  });
  return { one, takenUp, obstacles, logged, waiting };
}

const ASKED = { dryRun: false, by: 'test' };

describe('a request to reload', () => {
  test('whose disk hangs is refused after its time, and so is the next while it hangs', async () => {
    const { one, takenUp } = reloads(() => new Promise(() => undefined), { readMs: 1 });
    expect((await one.request(ASKED)).reasons.join()).toContain('its disk does not answer');
    expect((await one.request(ASKED)).reasons.join()).toContain('still does not answer the last reload');
    expect(takenUp).toEqual([]);
  });

  test('whose thread fails is refused with its words', async () => {
    const { one } = reloads(() => Promise.reject(new Error('no memory')));
    expect(await one.request(ASKED)).toMatchObject({ state: 'refused', reasons: ['no memory'] });
  });

  test('waits for the one before it, and takes up what is there then', async () => {
    let count = 0;
    const { one, takenUp } = reloads(async () => {
      count += 1;
      return { mistakes: [], settings: settings(`${count}`) };
    });
    const states = await Promise.all([1, 2, 3].map(() => one.request(ASKED)));
    expect(states.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(takenUp).toEqual(['1', '2', '3']);
  });

  test.each<[string, Partial<Site>]>([
    ['its name', { name: 'second' }],
    ['its deadlines', { deadlines: { nextPathMs: 3000, notConfirmedMs: 20_000, autoResolveMs: 86_400_000 } }],
    ['the presses that are real in a drill', { drillOverride: new Set(['long']) }],
    ['what a walk test takes for real', { walkTest: { ...walkTestSettings({}), realHoldMs: 1_000 } }],
    ['the Latin spelling of a name', { latin: new Map([['Aula Süd', 'Aula Sued']]) }],
    ['a plan of a kind', { plans: new Map([['medical', inTurn([path('central')], 1000)]]) }],
  ])('takes up a site in which only this differs: %s', async (_, changes) => {
    const { site: first, ...others } = settings('first');
    const { one, takenUp } = reloads(async () => ({
      mistakes: [],
      settings: { ...others, site: { ...first, ...changes } },
    }));
    expect(await one.request(ASKED)).toMatchObject({ state: 'done', changes: [expect.anything()] });
    expect(takenUp).toHaveLength(1);
  });

  test('by SIGHUP waits until nothing is in the way', async () => {
    const { one, takenUp, obstacles, logged, waiting } = reloads(async () => ({
      mistakes: [],
      settings: settings('next'),
    }));
    obstacles.push({ text: 'an alert is open', isBrief: false });
    await one.signalled();
    expect(takenUp).toEqual([]);
    expect(logged).toContain('config.inTheWay');
    obstacles.length = 0;
    await waiting.until('the reload', () => takenUp.length === 1);
    expect(takenUp).toEqual(['next']);
  });

  test('is refused once the gateway ends', async () => {
    const { one } = reloads(async () => ({ mistakes: [], settings: settings('next') }));
    await one.stop();
    expect(await one.request(ASKED)).toMatchObject({ state: 'refused', reasons: ['the gateway is ending'] });
  });
});
