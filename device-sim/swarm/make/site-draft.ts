import type { Random } from '../../random.ts';
import type { SiteFiles } from '../life/life-shape.ts';
import { pick, wholeBetween } from '../streams.ts';

type Entry = Record<string, unknown> & { readonly id: string };

const BUILDINGS = ['A', 'B'] as const;
const ROOMS = [101, 102, 103, 201, 202] as const;

/** A site that is being made: entries are added, and each gets a place and numbers of its own. */
export class SiteDraft {
  readonly inputs: Entry[] = [];
  readonly devices: Entry[] = [];
  readonly paths: Entry[] = [];
  readonly outputs: Entry[] = [];
  readonly plan: Record<string, unknown>[] = [];
  readonly rules: { drills?: unknown; deadlines?: unknown; canary?: unknown; doors?: unknown; journal?: unknown } = {};
  readonly deviceKeys: Record<string, string> = {};
  readonly pathKeys: Record<string, unknown> = {};
  readonly mqttKeys: Record<string, string> = {};
  readonly clients: Record<string, unknown>[] = [];
  readonly #random: Random;
  readonly #buildings: readonly string[];
  #zone = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#buildings = BUILDINGS.slice(0, wholeBetween(random, 1, BUILDINGS.length));
  }

  get buildings(): readonly string[] {
    return this.#buildings;
  }

  /** A room of some building. */
  location(): string {
    return `${pick(this.#random, this.#buildings)}/1/${pick(this.#random, ROOMS)}`;
  }

  zone(): number {
    this.#zone += 1;
    return this.#zone;
  }

  files(): SiteFiles {
    const floor = { id: '1', rooms: ROOMS.map((number) => ({ number: String(number) })) };
    const site = {
      version: 1,
      gateway: 'gw-1',
      site: { name: 'Simulated school' },
      buildings: this.#buildings.map((id, area) => ({ id, area, floors: [floor] })),
      inputs: this.inputs,
      devices: this.devices,
      ...(this.outputs.length > 0 && { outputs: this.outputs }),
      paths: this.paths,
      ...(this.plan.length > 0 && { plan: this.plan }),
      mqtt: { broker: 'embedded', listen: '127.0.0.1:1883', clients: this.clients },
      ...this.rules,
    };
    const keys = {
      ...(Object.keys(this.deviceKeys).length > 0 && { devices: this.deviceKeys }),
      ...(Object.keys(this.pathKeys).length > 0 && { paths: this.pathKeys }),
      ...(Object.keys(this.mqttKeys).length > 0 && { mqtt: this.mqttKeys }),
    };
    return { site, keys };
  }
}
