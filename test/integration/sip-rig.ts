import { readFileSync } from 'node:fs';
import { type SipReceiver, type SipReceiverOptions, startSipReceiver } from '../../device-sim/sip/receiver.ts';
import type { Attempt, Outcome, Report } from '../../gateway/core/report.ts';
import type { PathDriver } from '../../gateway/paths/path-driver.ts';
import { createSipDriver, type SipServices } from '../../gateway/paths/sip/driver.ts';
import type { SipSettings } from '../../gateway/paths/sip/settings.ts';
import type { SitePlaces } from '../../gateway/paths/site-places.ts';
import { Waiting } from './support/waiting.ts';

const pem = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
/** A self-signed certificate for localhost and 127.0.0.1. */
export const certificate = pem('mqtt-tls.cert.pem');
export const key = pem('mqtt-tls.key.pem');

export const acknowledged = { type: 'receiverAcknowledged' };

export const places: SitePlaces = {
  site: 'Northfield School',
  gateway: 'gw-1',
  address: {
    country: 'US',
    region: 'IL',
    city: 'Springfield',
    street: 'Elm Street',
    number: '12',
    postcode: '62704',
  },
  buildings: new Map([
    [
      'A',
      {
        name: 'Main building',
        address: {
          country: 'US',
          region: 'IL',
          city: 'Springfield',
          street: 'Elm Street',
          number: '12',
          postcode: '62704',
        },
        position: { latitude: 39.781721, longitude: -89.650148, radius: 40 },
        floors: new Map([['1', 'First floor']]),
        rooms: new Map([['101', 'Reception']]),
      },
    ],
  ]),
};

export const baseReport: Report = {
  id: 'wb-101.5.17',
  class: 'alarm',
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 101,
  area: 1,
  text: 'Intruder, Main building, First floor, Rm 101 Reception',
  alert: {
    id: 'wb-101.5.17',
    kind: 'intruder',
    kindName: 'Intruder',
    category: 'Security',
    action: 'lockdown',
    device: 'wb-101',
    building: 'A',
    floor: '1',
    room: '101',
    place: 'Main building, First floor, Rm 101 Reception',
    authenticated: true,
    doors: [{ id: 'd-102', name: 'Rm 102 Office', state: 'open' }],
    earlier: [],
  },
  occurredMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

/** Returns the alarm of another press. */
export function reportOf(id: string): Report {
  return baseReport.alert === undefined ? baseReport : { ...baseReport, id, alert: { ...baseReport.alert, id } };
}

export function settingsFor(port: number, extra: Partial<SipSettings> = {}): SipSettings {
  return {
    driver: 'sip',
    id: 'psap',
    target: 'sip:alarms@centre.example',
    host: '127.0.0.1',
    port,
    from: 'sip:gw-1@northfield.example',
    transactions: 8,
    connectTimeoutMs: 500,
    language: 'en-US',
    places,
    ...extra,
  };
}

export function attemptOf(attempt: number, extra: Partial<Attempt> = {}): Attempt {
  const number = { attempt, path: 'psap', sequence: attempt, clockOffsetMs: 0, format: 0 };
  return { ...number, report: reportOf(`wb-101.5.${attempt}`), ...extra };
}

/** Returns a poll: no report, sequence 0. */
export function pollOf(attempt: number): Attempt {
  return { attempt, path: 'psap', sequence: 0, clockOffsetMs: 0, format: 0 };
}

/** Starts a driver whose outcomes can be awaited. */
export class SipRig {
  readonly driver: PathDriver;
  /** Attempts in the order of their first bytes. */
  readonly sent: number[] = [];
  readonly outcomes: { readonly attempt: number; readonly outcome: Outcome }[] = [];
  readonly #waiting = new Waiting();

  constructor(settings: SipSettings, services: Partial<SipServices> = {}) {
    const sink = {
      sent: (_path: string, attempt: number) => void this.sent.push(attempt),
      outcome: (_path: string, attempt: number, outcome: Outcome) => {
        this.outcomes.push({ attempt, outcome });
        this.#waiting.check();
      },
    };
    this.driver = createSipDriver(settings, sink, { nowWallMs: Date.now, ...services });
    this.driver.start();
  }

  async outcome(attempt: number): Promise<Outcome> {
    const find = () => this.outcomes.find((one) => one.attempt === attempt)?.outcome;
    await this.#waiting.until(
      `the outcome of attempt ${attempt}`,
      () => find() !== undefined,
      () => this.outcomes,
    );
    return find() as Outcome;
  }

  send(attempt: Attempt): Promise<Outcome> {
    this.driver.send(attempt);
    return this.outcome(attempt.attempt);
  }
}

/**
 * Waits a few turns of the event loop: both ends then read what the kernel already has for them.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Receivers and drivers for one test. `close` closes them all, the newest first. */
export function createSipStand() {
  const cleanups: (() => Promise<unknown>)[] = [];

  async function receiverWith(options: Partial<SipReceiverOptions> = {}): Promise<SipReceiver> {
    const receiver = await startSipReceiver({ port: 0, ...options });
    cleanups.push(() => receiver.close());
    return receiver;
  }

  function rigWith(settings: SipSettings, services: Partial<SipServices> = {}): SipRig {
    const rig = new SipRig(settings, services);
    cleanups.push(() => rig.driver.stop());
    return rig;
  }

  /** Makes a receiver and a driver with the connection open. */
  async function connected(extra: Partial<SipSettings> = {}, options: Partial<SipReceiverOptions> = {}) {
    const receiver = await receiverWith(options);
    const rig = rigWith(settingsFor(receiver.port, extra));
    await receiver.until((one) => one.connections === 1);
    await settle();
    return { receiver, rig };
  }

  const close = async () => {
    while (cleanups.length > 0) await cleanups.pop()?.();
  };
  return { receiverWith, rigWith, connected, close };
}
