import type { WallMs } from '../protocol/clocks.ts';
import type {
  AlertDocument,
  DeviceDocument,
  DoorDocument,
  DrillDocument,
  InputDocument,
  PathDocument,
  Publication,
  TroubleDocument,
} from '../protocol/mqtt-documents.ts';
import { OPEN_ALERTS_MAX, type OpenAlert, type StatusDocument } from '../protocol/status-document.ts';
import type { WalkTestSummary } from '../protocol/walk-test-document.ts';
import { isoTime } from '../protocol/wall-time.ts';

interface About {
  readonly gateway: string;
  readonly version: string;
  readonly release?: string;
  readonly startedMs: WallMs;
}

/** What stands now. Alerts are counted up to `OPEN_ALERTS_MAX`. */
export interface Counts {
  readonly troubles: number;
  readonly alerts: number;
  readonly notConfirmed: number;
  readonly drills: number;
}

/**
 * Keeps the newest document of each thing that the gateway publishes, for `callpoint status`. It
 * works without a broker.
 */
export class StatusBoard {
  readonly #about: About;
  readonly #troubles = new Map<string, TroubleDocument>();
  readonly #drills = new Map<string, DrillDocument>();
  #walkTest: WalkTestSummary | undefined;
  readonly #alerts = new Map<string, OpenAlert>();
  readonly #inputs = new Map<string, InputDocument>();
  readonly #paths = new Map<string, PathDocument>();
  readonly #devices = new Map<string, DeviceDocument>();
  readonly #doors = new Map<string, DoorDocument>();

  constructor(about: About) {
    this.#about = about;
  }

  published(publication: Publication): void {
    switch (publication.kind) {
      case 'alert':
        this.#alert(publication.document);
        break;
      case 'trouble':
        put(this.#troubles, publication.document.id, publication.document, publication.document.state === 'standing');
        break;
      case 'drill':
        put(this.#drills, publication.document.scope, publication.document, publication.document.state === 'running');
        break;
      case 'walkTest':
        this.#walkTest = publication.document;
        break;
      case 'input':
        this.#inputs.set(publication.document.input, publication.document);
        break;
      case 'path':
        this.#paths.set(publication.document.path, publication.document);
        break;
      case 'device':
        this.#devices.set(publication.document.device, publication.document);
        break;
      case 'door':
        this.#doors.set(publication.document.door, publication.document);
        break;
      case 'gone':
        this.#gone(publication.document.of, publication.document.id);
        break;
      case 'event':
        break;
    }
  }

  get counts(): Counts {
    let notConfirmed = 0;
    for (const { not_confirmed } of this.#alerts.values()) if (not_confirmed) notConfirmed += 1;
    return { troubles: this.#troubles.size, alerts: this.#alerts.size, notConfirmed, drills: this.#drills.size };
  }

  status(nowMs: WallMs): StatusDocument {
    const { gateway, version, release, startedMs } = this.#about;
    return {
      gateway,
      version,
      ...(release !== undefined && { release }),
      started_at: isoTime(startedMs),
      at: isoTime(nowMs),
      troubles: [...this.#troubles.values()],
      drills: [...this.#drills.values()],
      ...(this.#walkTest === undefined ? {} : { walk_test: this.#walkTest }),
      alerts: [...this.#alerts.values()],
      inputs: [...this.#inputs.values()],
      paths: [...this.#paths.values()],
      devices: [...this.#devices.values()],
      doors: [...this.#doors.values()],
    };
  }

  #gone(of: 'device' | 'path' | 'input' | 'door', id: string): void {
    const known = { device: this.#devices, path: this.#paths, input: this.#inputs, door: this.#doors };
    known[of].delete(id);
  }

  /** Thousands of alerts may stay open. A person reads the newest. */
  #alert({ id, state, not_confirmed, mode, text, raised_at }: AlertDocument): void {
    const isOpen = state !== 'resolved' && state !== 'cancelled';
    put(this.#alerts, id, { id, state, not_confirmed, mode, text, raised_at }, isOpen);
    for (const oldest of this.#alerts.keys()) {
      if (this.#alerts.size <= OPEN_ALERTS_MAX) break;
      this.#alerts.delete(oldest);
    }
  }
}

function put<T>(map: Map<string, T>, id: string, document: T, isCurrent: boolean): void {
  if (isCurrent) map.set(id, document);
  else map.delete(id);
}
