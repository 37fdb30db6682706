import type {
  AfterActionDocument,
  AfterActionSubject,
  AlertAccount,
  AlertMode,
  DeviceProof,
  PlacedButton,
  ProvenJournal,
} from '../../protocol/after-action-document.ts';
import { isInScope, parseScope } from '../../protocol/drill-scope.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { Button, Device, Site } from '../core/site.ts';
import { alertFigures } from './figures.ts';
import type { HistoryScope, JournalHistory } from './journal-history.ts';

/** What a report needs of the configuration. */
type ReportedSite = Pick<Site, 'gateway' | 'name' | 'deadlines' | 'devices' | 'paths' | 'canary'>;

interface AfterActionSources {
  readonly about: AfterActionSubject;
  readonly scope: HistoryScope;
  readonly history: JournalHistory;
  readonly journal: ProvenJournal;
  /** Absent: no configuration was read. */
  readonly site: ReportedSite | undefined;
  readonly made: { readonly atMs: number; readonly by: string; readonly version: string };
}

/** What the journal proves about an alert, a drill or a period. */
export function afterActionDocument(sources: AfterActionSources): AfterActionDocument {
  const { about, scope, history, journal, site, made } = sources;
  const accounts = history.presses
    .map(({ raised, recorder }) => recorder.account(buttonId(site, raised.device, raised.button)))
    .filter((account) => isOf(about, account));
  const deadlineMs = site?.deadlines.notConfirmedMs;
  const of = (mode: AlertMode) => accounts.filter((account) => account.mode === mode);
  const alerts = { live: of('live'), drill: of('drill'), test: of('test') };
  const { newest, count } = history.troubles();
  return {
    document: 'after_action',
    gateway: site?.gateway ?? null,
    site: site?.name ?? null,
    version: made.version,
    made_at: isoTime(made.atMs),
    made_by: made.by,
    about,
    from_at: isoTime(scope.period.from),
    until_at: isoTime(scope.period.until),
    journal,
    limits: site === undefined ? null : limitsOf(site),
    never_pressed: about.kind === 'drill' && site !== undefined ? neverPressed(about.scope, site, alerts.drill) : null,
    alerts,
    figures: {
      live: alertFigures(alerts.live, deadlineMs),
      drill: alertFigures(alerts.drill, deadlineMs),
      test: alertFigures(alerts.test, deadlineMs),
    },
    paths: history.paths(site?.paths.map(({ id }) => id) ?? []),
    drills: history.drills(),
    troubles: newest,
    troubles_count: count,
    devices: deviceProofs(history, site),
  };
}

/** A real alert during a drill belongs to its report, wherever it was raised. */
function isOf(about: AfterActionSubject, { mode, device, place }: AlertAccount): boolean {
  if (about.kind !== 'drill' || mode !== 'drill') return true;
  const scope = parseScope(about.scope);
  return scope === undefined || isInScope(scope, { device, ...place });
}

function limitsOf({ deadlines }: ReportedSite): AfterActionDocument['limits'] {
  return { next_path_ms: deadlines.nextPathMs, not_confirmed_ms: deadlines.notConfirmedMs };
}

function buttonId(site: ReportedSite | undefined, device: string, button: number): string | undefined {
  return site?.devices.get(device)?.buttons.get(button)?.id;
}

/** In the order of the configuration. */
function neverPressed(text: string, site: ReportedSite, pressed: readonly AlertAccount[]): PlacedButton[] {
  const scope = parseScope(text);
  const known = new Set(pressed.map(({ device, button }) => `${device}/${button}`));
  return [...site.devices.values()].flatMap((device) => {
    const { id, location } = device;
    if (scope === undefined || !isInScope(scope, { device: id, ...location })) return [];
    const missing = alertButtons(site, device).filter((button) => !known.has(`${id}/${button.id}`));
    return missing.map((button) => ({ device: id, button: button.id, place: placeOf(device) }));
  });
}

function placeOf({ location }: Device): DeviceProof['place'] {
  const { building, floor, room, text } = location;
  return { building, floor, room, text };
}

/** The canary's button raises no alerts. */
function alertButtons({ canary }: ReportedSite, { id, buttons }: Device): Button[] {
  return [...buttons.values()].filter(({ number }) => canary?.device !== id || canary.button !== number);
}

/** In the order of the configuration; without one, the devices that the journal has. */
function deviceProofs(history: JournalHistory, site: ReportedSite | undefined): DeviceProof[] {
  if (site !== undefined) {
    const pressable = [...site.devices.values()].filter((device) => alertButtons(site, device).length > 0);
    return pressable.map((device) => ({ place: placeOf(device), ...proof(history, device.id) }));
  }
  return history.pressedDevices.flatMap((id) => {
    const place = history.proofOf(id)?.place;
    return place === undefined ? [] : [{ place, ...proof(history, id) }];
  });
}

function proof(history: JournalHistory, device: string): Omit<DeviceProof, 'place'> {
  const { last_press = null, last_acknowledged = null } = history.proofOf(device) ?? {};
  return { device, last_press, last_acknowledged };
}
