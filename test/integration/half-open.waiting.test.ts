import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Dc09Settings, Dc09UdpSettings } from '../../gateway/paths/dc09/settings.ts';
import { attemptOf, type Rig, settingsFor, udpSettingsFor } from './dc09-rig.ts';
import { acknowledged, createStand } from './dc09-stand.ts';
import { FarNetwork } from './support/network-namespace.ts';

const network = FarNetwork.open();
const title =
  network === undefined ? 'not run: it takes root, iproute2 and network namespaces' : 'a network that breaks';

const stand = createStand();
let port = 0;
beforeAll(async () => {
  port = (await network?.receiver()) ?? 0;
});
afterEach(stand.close);
afterAll(() => network?.close());

/** Time after which the core gives an attempt up. */
const PATIENCE_MS = 250;
const quickly = { connectTimeoutMs: 200, host: network?.there ?? '' };

/**
 * Repeats an attempt as the core does, until it is acknowledged or `most` attempts have failed.
 * @returns the number of attempts needed, or `undefined`
 */
async function deliver(rig: Rig, first: number, most: number): Promise<number | undefined> {
  for (let tries = 1; tries <= most; tries++) {
    const attempt = first + tries;
    rig.driver.send(attemptOf(attempt));
    const silence = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS));
    const outcome = await Promise.race([rig.outcome(attempt), silence]);
    if (outcome?.type === 'receiverAcknowledged') return tries;
    if (outcome === undefined) rig.driver.abandon(attempt);
  }
  return undefined;
}

const LINKS: readonly [string, () => Dc09Settings | Dc09UdpSettings][] = [
  ['over TCP', () => settingsFor(port, quickly)],
  ['over UDP', () => udpSettingsFor(port, quickly)],
];

const FAULTS: readonly [string, (breaks: boolean) => void][] = [
  ['swallows every answer', (breaks) => network?.swallow(breaks)],
  ['loses its far end', (breaks) => network?.plug(!breaks)],
  ['takes our address away', (breaks) => network?.address(!breaks)],
];

describe.skipIf(network === undefined).each(FAULTS)(`${title}: it %s`, (_fault, fault) => {
  test.each(LINKS)(
    '%s: nothing counts as delivered meanwhile, and it comes back by itself',
    async (_link, settings) => {
      const rig = stand.rigWith(settings());
      expect(await deliver(rig, 0, 20)).toBeDefined();
      fault(true);
      try {
        expect(await deliver(rig, 100, 3)).toBeUndefined();
      } finally {
        fault(false);
      }
      expect(await deliver(rig, 200, 20)).toBeDefined();
      // The connection is well again, so the next one goes at once.
      expect(await rig.send({ attempt: 300 })).toEqual(acknowledged);
    },
  );
});
