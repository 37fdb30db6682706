import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type {
  Button,
  Canary,
  ContactTiming,
  Device,
  InputConfig,
  LocalOutput,
  Path,
  Point,
  Site,
} from '../../core/site.ts';
import type { WalkTestSettings } from '../../core/walk-test-settings.ts';
import { type CommonButton, type CommonPoint, PATTERNS } from '../fields/device-schema.ts';
import { mergeKinds } from '../fields/kinds.ts';
import { required, seconds } from '../fields/values.ts';
import type { DeviceTraits } from '../inputs/input-config.ts';
import {
  inputDriverNamed,
  type WrittenDevice,
  type WrittenInput,
  type WrittenOutput,
} from '../inputs/input-drivers.ts';
import { keyFingerprint } from '../keys/key-fingerprint.ts';
import type { Keys } from '../keys/keys-file.ts';
import { pathDriverNamed, type WrittenPath } from '../paths/path-drivers.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import { buildDoors } from './build-doors.ts';
import { buildPlans } from './build-plan.ts';
import { latinNames } from './latin-names.ts';
import { Locations } from './locate.ts';

const DAY_MS = 86_400_000;
const LONG_PATTERNS: readonly PressPattern[] = ['long', 'longDouble', 'longTriple', 'hold'];

/** The site as the core uses it. */
export function buildSite(file: SiteFile, keys: Keys): Site {
  const kinds = mergeKinds(file.kinds);
  const locations = new Locations(file.buildings);
  const inputs = new Map(file.inputs.map((input) => [input.id, input]));
  const latin = latinNames(file);
  return {
    gateway: file.gateway,
    name: file.site.name,
    deadlines: {
      nextPathMs: seconds(file.deadlines.nextPathSeconds),
      notConfirmedMs: seconds(file.deadlines.notConfirmedSeconds),
      autoResolveMs: seconds(file.deadlines.autoResolveHours * 3600),
      unsynchronisedMs: seconds(file.deadlines.unsynchronisedHours * 3600),
    },
    kinds,
    inputs: file.inputs.flatMap(healthInputs),
    devices: new Map(
      file.devices.map((device) => [
        device.id,
        buildDevice(device, { inputs, locations, kinds, keys, mark: file.unauthenticatedMark }),
      ]),
    ),
    outputs: file.outputs.map(buildOutput),
    paths: file.paths.map(buildPath),
    ...buildPlans(file),
    doors: buildDoors(file, locations),
    drillOverride: new Set(file.drills.override),
    walkTest: buildWalkTest(file.walkTest),
    ...(file.canary === undefined ? {} : { canary: buildCanary(file.canary, file.devices) }),
    ...(latin.size === 0 ? {} : { latin }),
  };
}

/** Each input, followed by the ids under which it also reports health. */
function healthInputs(input: WrittenInput): InputConfig[] {
  const more = inputDriverNamed(input.driver).healthInputs?.(input) ?? [];
  return [input.id, ...more].map((id) => ({ id }));
}

interface Around {
  readonly inputs: ReadonlyMap<string, WrittenInput>;
  readonly locations: Locations;
  readonly kinds: Site['kinds'];
  readonly keys: Keys;
  readonly mark: SiteFile['unauthenticatedMark'];
}

function buildDevice(device: WrittenDevice, { inputs, locations, kinds, keys, mark }: Around): Device {
  const { id, input, zone, missedHeartbeats } = device;
  const traits = traitsOf(device, inputs);
  const key = traits.keyed === true ? keys.devices.get(id) : undefined;
  const buttons = device.buttons.map((button: CommonButton) =>
    buildButton(button, traits.contacts?.get(button.number)),
  );
  return {
    id,
    input,
    location: locations.locate(device.location),
    zone,
    area: device.area ?? locations.area(device.location),
    heartbeatMs: seconds(traits.heartbeatSeconds),
    missedHeartbeats,
    counterOnly: traits.counterOnly ?? false,
    ...(key === undefined ? {} : { keyFingerprint: keyFingerprint(key) }),
    ...(mark === 'unproven' ? {} : { marksUnauthenticated: mark === 'always' }),
    watched: traits.watched ?? false,
    ...(traits.saysHowHoldEnds === true && { saysHowHoldEnds: true }),
    ...(traits.availabilities !== undefined && { availabilities: traits.availabilities }),
    ...(traits.bridge !== undefined && { bridge: traits.bridge }),
    wiresSupervised: traits.wiresSupervised ?? null,
    silent: device.silent ?? raisesSilentKind(buttons, kinds),
    buttons: new Map(buttons.map((button) => [button.number, button])),
    points: new Map(device.points.map((point: CommonPoint) => [point.number, buildPoint(point)])),
  };
}

function traitsOf(device: WrittenDevice, inputs: Around['inputs']): DeviceTraits {
  const input = required(inputs.get(device.input), `input of ${device.id}`);
  return inputDriverNamed(input.driver).traits(input, device);
}

function buildButton(button: CommonButton, contact: ContactTiming | undefined): Button {
  const { id, number, zone, kind } = button;
  const patternKinds = patternKindsOf(button);
  return {
    id,
    number,
    zone,
    kind,
    ...(patternKinds.size === 0 ? {} : { patternKinds }),
    ...(contact === undefined ? {} : { contact }),
  };
}

function patternKindsOf({ longPress, patterns }: CommonButton): Map<PressPattern, string> {
  const long = longPress === undefined ? [] : LONG_PATTERNS.map((pattern) => [pattern, longPress] as const);
  const own = PATTERNS.flatMap((pattern) => {
    const kind = patterns?.[pattern];
    return kind === undefined ? [] : [[pattern, kind] as const];
  });
  return new Map([...long, ...own]);
}

/** A lamp that confirms a hold-up alarm would give it away. */
function raisesSilentKind(buttons: readonly Button[], kinds: Site['kinds']): boolean {
  const raised = buttons.flatMap(({ kind, patternKinds }) => [kind, ...(patternKinds?.values() ?? [])]);
  return raised.some((kind) => kinds.get(kind)?.silent === true);
}

function buildPoint({ id, number, type, zone, debounceMilliseconds }: CommonPoint): Point {
  return { id, number, type, zone, debounceMs: debounceMilliseconds };
}

function buildOutput(output: WrittenOutput): LocalOutput {
  const { id, input, type, shows, silentKinds, building, drills } = output;
  const normallyEnergised = output.normallyEnergised ?? (type === 'relay' && shows === 'trouble');
  const where = building === undefined ? {} : { building };
  return { id, input, shows, normallyEnergised, silentKinds, drills, ...where };
}

function buildWalkTest(written: SiteFile['walkTest']): WalkTestSettings {
  const { realPatterns, realHoldSeconds, realRepeatSeconds, weakestDbm, provenWithinDays, reportHour } = written;
  return {
    realPatterns: new Set(realPatterns),
    realHoldMs: seconds(realHoldSeconds),
    realRepeatMs: seconds(realRepeatSeconds),
    weakestDbm,
    ...(provenWithinDays === 0 ? {} : { provenWithinMs: provenWithinDays * DAY_MS }),
    reportHour,
  };
}

function buildCanary(written: NonNullable<SiteFile['canary']>, devices: readonly WrittenDevice[]): Canary {
  const device = required(
    devices.find(({ id }) => id === written.device),
    'device of the canary',
  );
  const buttons: readonly CommonButton[] = device.buttons;
  const button = required(
    buttons.find(({ id }) => id === written.button),
    'button of the canary',
  );
  return {
    device: device.id,
    button: button.number,
    ...(written.output === undefined ? {} : { output: written.output }),
    intervalMs: written.everyMinutes * 60_000,
    withinMs: seconds(written.withinSeconds),
  };
}

function buildPath(path: WrittenPath): Path {
  const { mode, intervalSeconds, testIntervalSeconds, downAfter, upAfter } = path.supervision;
  const driver = pathDriverNamed(path.driver);
  return {
    attemptTimeoutMs: seconds(path.answerTimeoutSeconds),
    ...driver.traits(path),
    ...(driver.latinOnly === true ? { latinOnly: true } : {}),
    id: path.id,
    liveOnly: path.liveOnly,
    supervision: {
      mode,
      intervalMs: seconds(intervalSeconds),
      testIntervalMs: seconds(testIntervalSeconds),
      downAfter,
      upAfter,
    },
  };
}
