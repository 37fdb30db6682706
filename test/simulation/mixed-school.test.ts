import { expect, test } from 'vitest';
import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';
import type { Device } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const PRESSES = 40;
const ADVERTISEMENTS = 10;
/** Number of advertisements of one press. */
const RADIO_LOSS = 0.6;
const CONTACT = { minimumMs: 2, rearmMs: 50, stuckMs: 60_000 };

/** One device on each kind of wire. */
function devices(): readonly Device[] {
  const button = { id: 'button-1', number: 0, zone: 1, kind: 'medical' };
  const wired = new Map([[0, { ...button, contact: CONTACT }]]);
  const sampled = new Map([[0, { ...button, contact: { ...CONTACT, minimumMs: 0 } }]]);
  const plain = new Map([[0, button]]);
  return [
    device(1, { id: 'contact', buttons: wired, heartbeatMs: 10_000 }),
    device(2, { id: 'module', buttons: sampled, heartbeatMs: 2_000 }),
    device(3, { id: 'tag', buttons: plain, heartbeatMs: 0, counterOnly: true }),
    device(4, { id: 'plain-tag', buttons: plain, heartbeatMs: 0 }),
    device(5, { id: 'fob', buttons: plain, heartbeatMs: 0 }),
    device(6, { id: 'zigbee', buttons: plain, heartbeatMs: 0, watched: true }),
  ];
}

class MixedSchool {
  readonly world: SensorWorld;
  readonly #random: Random;
  #counter = 100;
  #packetId = 250;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.world = new SensorWorld(site(devices(), [path('central'), path('backup')]), seed);
    for (const id of ['contact', 'module']) this.world.contact(id, 'normal');
  }

  /** Runs until the press is over, and for some seconds more. */
  press(id: string): void {
    if (id === 'contact' || id === 'module') this.#contact(id);
    else if (id === 'zigbee') this.world.readings(id, { presses: [{ button: 0, pattern: 'single' }] });
    else this.#advertise(id);
    this.world.run(2_500 + this.#random() * 5_000);
  }

  #contact(id: string): void {
    for (let bounce = randomBelow(this.#random, 5); bounce > 0; bounce--) {
      if (id === 'module') break;
      this.world.contact(id, 'active');
      this.world.run(this.#random());
      this.world.contact(id, 'normal');
      this.world.run(this.#random());
    }
    this.world.contact(id, 'active');
    this.world.run(3 + this.#random() * 800);
    // A slow tick in the middle.
    this.world.contact(id, 'active');
    this.world.contact(id, 'normal');
  }

  /**
   * At least one advertisement is heard. Whether none is heard depends on the place of the radio,
   * not on the gateway.
   */
  #advertise(id: string): void {
    this.#counter += 1 + randomBelow(this.#random, 3);
    this.#packetId = (this.#packetId + 1) & 0xff;
    const kept = randomBelow(this.#random, ADVERTISEMENTS);
    for (let advert = 0; advert < ADVERTISEMENTS; advert++) {
      if (advert === kept || this.#random() > RADIO_LOSS) this.#hear(id);
      this.world.run(20 + this.#random() * 60);
    }
  }

  #hear(id: string): void {
    const presses = [{ button: 0, pattern: 'single' }] as const;
    if (id === 'tag') this.world.counted(id, this.#counter, presses);
    else if (id === 'plain-tag') this.world.readings(id, { presses }, { packetId: this.#packetId });
    else this.world.readings(id, { presses }, { repeatsWithinMs: 1_500 });
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: every press on every wire is one alert, whatever the weather', (seed) => {
  const random = seededRandom(seed * 1000);
  const school = new MixedSchool(seed);
  const pressed = new Map<string, number>();
  for (let press = 0; press < PRESSES; press++) {
    const { id } = devices()[randomBelow(random, devices().length)] ?? { id: '' };
    pressed.set(id, (pressed.get(id) ?? 0) + 1);
    school.press(id);
    if (randomBelow(random, 8) > 0) continue;
    // Restarts between two presses: durable records stay, and the state of the wires is read again.
    school.world.crash();
    school.world.run(randomBelow(random, 3_000));
    school.world.start();
    for (const wired of ['contact', 'module']) school.world.contact(wired, 'normal');
  }
  const raised = new Map<string, number>();
  for (const alert of school.world.raised) raised.set(alert.device, (raised.get(alert.device) ?? 0) + 1);
  expect(Object.fromEntries([...raised].sort())).toEqual(Object.fromEntries([...pressed].sort()));
  expect(school.world.told.filter((text) => /not accepted|not configured|[Dd]efect/.test(text))).toEqual([]);
  // Each report left at once, or on a wire that only counts, after its number was durable.
  for (const { id, device } of school.world.raised) expect(school.world.sentMs.has(id), `${device} ${id}`).toBe(true);
});
