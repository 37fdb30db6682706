import { isDeepStrictEqual } from 'node:util';
import type { ReloadChange, ReloadedThing } from '../../protocol/reload-document.ts';
import type { GatewaySettings, InputSettings, PathSettings } from '../config/settings.ts';
import { isAlike } from '../core/is-alike.ts';
import { keptSiteInSteps } from '../core/kept-site.ts';
import type { Reopened } from '../core/reopened.ts';
import type { Site } from '../core/site.ts';
import { siteChanges } from '../core/site-changes.ts';
import type { MqttSettings } from '../mqtt/settings.ts';
import type { TlsSettings } from '../paths/tls-settings.ts';
import type { CertificateSource } from '../system/certificate-files.ts';

/** What has to be done to run on other settings. */
export interface SettingsChanges {
  /** For a person, and the only place where all of them stand. */
  readonly changes: readonly ReloadChange[];
  /** Why these settings can't be taken up while the gateway runs; empty: they can. */
  readonly fixed: readonly string[];
  /** As the core names them. */
  readonly reopened: Reopened;
  /** Drivers to stop and start, by input id. */
  readonly inputs: readonly string[];
  /** Drivers that take their settings while their input stays open. */
  readonly updated: readonly string[];
  readonly mqtt: 'same' | 'clients' | 'anew';
  /** The next site, with the objects of the present one wherever nothing has changed. */
  readonly site: Site;
}

/**
 * Compares settings by all that they hold, except the texts of certificates: those are live. It
 * does so in steps: thousands of devices must not hold up a press.
 *
 * @param takes whether the driver of an input can take its changed settings while it is open
 */
export function* settingsChanges(
  present: GatewaySettings,
  next: GatewaySettings,
  takes: (settings: InputSettings) => boolean,
): Generator<undefined, SettingsChanges> {
  // What has not changed is the same object from here on, and costs no more comparison.
  const site = yield* keptSiteInSteps(present.site, next.site);
  const changedInputs = yield* reopenedInputs(present, next, site);
  yield;
  const updated = next.inputs.filter((each) => changedInputs.includes(each.id) && takes(each)).map(({ id }) => id);
  const inputs = changedInputs.filter((id) => !updated.includes(id));
  const paths = yield* changedIds(
    present.paths,
    next.paths,
    (path, settings) => pathLook(path, settings.certificates.sources),
    present,
    next,
  );
  yield;
  const reopened = { inputs: new Set(inputs.flatMap((id) => healthIds(id, present.site))), paths: new Set(paths) };
  const differing = siteChanges(present.site, site, reopened);
  yield;
  const mqtt = mqttChange(present, next);
  const ofSite = changedThings(present.site, next.site);
  const one = (of: ReloadedThing, isSame = true): ReloadChange[] =>
    isSame && !ofSite.has(of) ? [] : [{ of, change: 'changed' }];
  const devices = { ...differing.devices, changed: [...differing.devices.changed, ...differing.devices.reworded] };
  const ofInputs = listed('input', driverChanges(present.inputs, next.inputs, changedInputs));
  const ofPaths = listed('path', differing.paths);
  return {
    changes: [
      ...one('gateway'),
      ...one('journal', isDeepStrictEqual(present.journal, next.journal)),
      ...one('site'),
      ...listed('kind', differing.kinds),
      ...ofInputs,
      ...listed('device', devices),
      ...listed('output', differing.outputs),
      ...listed('door', differing.doors),
      ...ofPaths,
      ...one('plan'),
      ...one('deadlines'),
      ...one('drills'),
      ...one('walkTest'),
      ...one('canary'),
      ...one('mqtt', mqtt === 'same'),
      ...one('certificates', isDeepStrictEqual(present.certificates, next.certificates)),
    ],
    fixed: fixedIn(present, next),
    reopened,
    inputs,
    updated,
    mqtt,
    site,
  };
}

/** Parts whose entries are listed one by one. */
type ListedById = 'kinds' | 'inputs' | 'devices' | 'outputs' | 'doors' | 'paths';

/**
 * What each other part of a site is listed as. A part that is listed nowhere would be called
 * unchanged, and never be taken up.
 */
const LISTED_AS: { readonly [part in Exclude<keyof Site, ListedById>]-?: ReloadedThing } = {
  gateway: 'gateway',
  name: 'site',
  latin: 'site',
  plan: 'plan',
  plans: 'plan',
  deadlines: 'deadlines',
  drillOverride: 'drills',
  walkTest: 'walkTest',
  canary: 'canary',
  certificates: 'certificates',
  mqttClients: 'mqtt',
};

function changedThings(present: Site, next: Site): ReadonlySet<ReloadedThing> {
  const parts = Object.keys(LISTED_AS) as (keyof typeof LISTED_AS)[];
  return new Set(parts.filter((part) => !isAlike(present[part], next[part])).map((part) => LISTED_AS[part]));
}

/** The journal, the nodes and the receivers know the gateway by these. */
function fixedIn(present: GatewaySettings, next: GatewaySettings): readonly string[] {
  const isMoved = !isDeepStrictEqual(present.journal.directories, next.journal.directories);
  const isKeptOtherwise = !isMoved && !isDeepStrictEqual(present.journal, next.journal);
  return [
    ...(present.site.gateway === next.site.gateway
      ? []
      : [`gateway: is the gateway's identity (${present.site.gateway}); only a restart changes it`]),
    ...(isMoved ? ['journal: the directories are open; only a restart changes them'] : []),
    ...(isKeptOtherwise ? ['journal: how much is kept is read at the start; only a restart changes it'] : []),
  ];
}

/** Inputs whose drivers must be stopped and started: they are there before and after. */
function* reopenedInputs(
  present: GatewaySettings,
  next: GatewaySettings,
  site: Site,
): Generator<undefined, readonly string[]> {
  const look = (input: InputSettings, { certificates }: GatewaySettings) => inputLook(input, certificates.sources);
  const changed = new Set(yield* changedIds(present.inputs, next.inputs, look, present, next));
  const { devices } = siteChanges(present.site, site, NOTHING);
  // A wired contact says nothing until its level changes, and a bridge nothing of a device until
  // its availability does. Supervision begins anew, so the level is read anew, and the broker is
  // asked again for what it keeps (MQTT 5.0, section 3.8.4).
  for (const id of devices.changed) {
    const device = next.site.devices.get(id);
    const before = present.site.devices.get(id);
    const isKept = [device, before].some((each) => (each?.wiresSupervised ?? null) !== null || each?.watched === true);
    for (const input of isKept ? [device?.input, before?.input] : []) if (input !== undefined) changed.add(input);
  }
  const ids = new Set(next.inputs.map(({ id }) => id));
  return present.inputs.map(({ id }) => id).filter((id) => changed.has(id) && ids.has(id));
}

const NOTHING: Reopened = { inputs: new Set(), paths: new Set() };

function* changedIds<S extends { readonly id: string }>(
  present: readonly S[],
  next: readonly S[],
  look: (each: S, settings: GatewaySettings) => unknown,
  before: GatewaySettings,
  after: GatewaySettings,
): Generator<undefined, readonly string[]> {
  const byId = new Map(present.map((each) => [each.id, each]));
  const changed: string[] = [];
  for (const each of next) {
    const was = byId.get(each.id);
    if (was !== undefined && !isDeepStrictEqual(look(was, before), look(each, after))) changed.push(each.id);
    yield;
  }
  return changed;
}

function driverChanges(present: readonly InputSettings[], next: readonly InputSettings[], changed: readonly string[]) {
  const [before, after] = [present, next].map((all) => all.map(({ id }) => id)) as [string[], string[]];
  return {
    added: after.filter((id) => !before.includes(id)),
    removed: before.filter((id) => !after.includes(id)),
    changed,
  };
}

function listed(of: ReloadedThing, differing: Readonly<Record<'added' | 'removed' | 'changed', readonly string[]>>) {
  return (['added', 'removed', 'changed'] as const).flatMap((change) =>
    differing[change].map((id): ReloadChange => ({ of, id, change })),
  );
}

/** An input with several radios reports the health of each as `input.radio`. */
function healthIds(input: string, { inputs }: Site): readonly string[] {
  return inputs.map(({ id }) => id).filter((id) => id === input || id.startsWith(`${input}.`));
}

function inputLook(input: InputSettings, sources: readonly CertificateSource[]): unknown {
  if (input.driver !== 'mqtt') return input;
  const of =
    sources.find((source) => source.of === `input.${input.id}`) ?? sources.find((source) => source.of === 'mqtt');
  return [{ ...input, ca: input.ca !== undefined }, filesOf(of)];
}

function pathLook(path: PathSettings, sources: readonly CertificateSource[]): unknown {
  const files = filesOf(sources.find(({ of }) => of === `path.${path.id}`));
  if ('tls' in path && path.tls !== undefined) return [{ ...path, tls: tlsLook(path.tls) }, files];
  if (!('endpoint' in path) || path.endpoint.tls === undefined) return [path, files];
  return [{ ...path, endpoint: { ...path.endpoint, tls: tlsLook(path.endpoint.tls) } }, files];
}

function tlsLook({ ca, own, ...tls }: TlsSettings): unknown {
  return { ...tls, ca: ca !== undefined, own: own !== undefined };
}

function filesOf(source: CertificateSource | undefined): unknown {
  return [source?.ca?.path, source?.certificate?.path, source?.key?.path];
}

function mqttChange(present: GatewaySettings, next: GatewaySettings): SettingsChanges['mqtt'] {
  const look = ({ mqtt, certificates }: GatewaySettings) =>
    [linkLook(mqtt), filesOf(certificates.sources.find(({ of }) => of === 'mqtt'))] as const;
  if (!isDeepStrictEqual(look(present), look(next))) return 'anew';
  const clients = ({ mqtt: { broker } }: GatewaySettings) => (broker.type === 'embedded' ? broker.clients : []);
  return isDeepStrictEqual(clients(present), clients(next)) ? 'same' : 'clients';
}

/** All of it except the accounts, and the texts of certificates. */
function linkLook({ broker, ...mqtt }: MqttSettings): unknown {
  if (broker.type === 'external') return { ...mqtt, broker: { ...broker, ca: broker.ca !== undefined } };
  const { clients: _, tls, ...listening } = broker;
  return { ...mqtt, broker: { ...listening, tls: tls !== undefined } };
}
