import { isoTime } from '../../../protocol/wall-time.ts';
import type { Report, ReportedAlert } from '../../core/report.ts';
import type { SitePlaces } from '../site-places.ts';

/**
 * The body of a webhook, JSON. Fields that do not apply are absent. Fields may be added. A field
 * that changes its meaning changes `version`. `…_at` is ISO 8601 UTC. A repeat is identical to the
 * byte; `id` identifies it, and is also the header `Idempotency-Key`.
 * `test/unit/webhook/webhook-example.json` is an example.
 */
interface WebhookDocument {
  readonly version: 1;
  /** The alert's id for alarms; `<alert>.cancel`, `<alert>.restore` … for later reports. */
  readonly id: string;
  /**
   * `alarm`; `update`: its doors have changed; `restore`: it is over; `cancel`: it was raised in
   * error; `trouble` and `troubleRestore`: about the alarm system itself; `test`: a proof that the
   * path works. Treat an unknown name as something that a person must look at.
   */
  readonly class: Report['class'];
  /** Present: not a real alarm. */
  readonly exercise?: 'drill' | 'test';
  readonly occurred_at: string;
  /** For a person, most important first; begins with `DRILL: ` or `TEST: ` for an exercise. */
  readonly text: string;
  readonly site: string;
  readonly gateway: string;
  /** SIA DC-03. */
  readonly sia: string;
  /** SIA DC-05, and its qualifier: 1 new, 3 restore. */
  readonly contact_id: string;
  readonly qualifier: 1 | 3;
  /** Absent: none applies. */
  readonly zone?: number;
  readonly partition?: number;
  /** Id of the alarm or trouble that this report continues. */
  readonly follows?: string;
  readonly alert?: WebhookAlert;
}

interface WebhookAlert {
  /** The same in all reports about it. */
  readonly id: string;
  readonly kind: string;
  readonly kind_name: string;
  readonly category: string;
  readonly action?: 'lockdown' | 'secure' | 'evacuate';
  readonly device: string;
  readonly building: string;
  readonly floor: string;
  readonly room: string;
  readonly place: string;
  /** False: the sender's identity is not proved. */
  readonly authenticated: boolean;
  /**
   * Absent: this kind of alert does not ask for doors. Empty: all are secured. `closed`: no contact
   * reports whether it is locked.
   */
  readonly doors_not_secured?: readonly { readonly door: string; readonly name: string; readonly state: string }[];
  /** Earlier reports about it, oldest first. */
  readonly earlier: readonly { readonly id: string; readonly occurred_at: string }[];
  readonly closed_by?: string;
  readonly closed_reason?: string;
  readonly address?: {
    readonly country: string;
    readonly region?: string;
    readonly city?: string;
    readonly street?: string;
    readonly number?: string;
    readonly postcode?: string;
  };
  /** WGS 84; `radius` in metres. */
  readonly position?: { readonly latitude: number; readonly longitude: number; readonly radius: number };
}

export function webhookDocument(report: Report, places: SitePlaces): WebhookDocument {
  const { id, exercise, occurredMs, text, sia, contactId, qualifier, zone, area, follows, alert } = report;
  return {
    version: 1,
    id,
    class: report.class,
    ...(exercise && { exercise }),
    occurred_at: isoTime(occurredMs),
    text,
    site: places.site,
    gateway: places.gateway,
    sia,
    contact_id: contactId,
    qualifier,
    ...(zone > 0 && { zone }),
    ...(area > 0 && { partition: area }),
    ...(follows !== undefined && { follows }),
    ...(alert && { alert: alertPart(alert, places) }),
  };
}

function alertPart(alert: ReportedAlert, places: SitePlaces): WebhookAlert {
  const { id, kind, kindName, category, action, device, building, floor, room, place, authenticated } = alert;
  const { doors, earlier, reason, by } = alert;
  const placed = places.buildings.get(building);
  const address = placed?.address ?? places.address;
  return {
    id,
    kind,
    kind_name: kindName,
    category,
    ...(action && { action }),
    device,
    building,
    floor,
    room,
    place,
    authenticated,
    ...(doors && { doors_not_secured: doors.map(({ id: door, name, state }) => ({ door, name, state })) }),
    earlier: earlier.map((one) => ({ id: one.id, occurred_at: isoTime(one.occurredMs) })),
    ...(by !== undefined && { closed_by: by }),
    ...(reason !== undefined && { closed_reason: reason }),
    ...(address && { address }),
    ...(placed?.position && { position: placed.position }),
  };
}
