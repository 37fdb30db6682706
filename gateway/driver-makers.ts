import type { GatewaySettings, InputSettings, PathSettings } from './config/settings.ts';
import { known } from './core/invariant.ts';
import type { DownCounters } from './inputs/button-bus/down-counters.ts';
import type { InputDriver, InputSink } from './inputs/input-driver.ts';
import type { Names } from './names/names.ts';
import type { PathDriver, PathSink } from './paths/path-driver.ts';
import { wallMs } from './system/clock.ts';

/** This start of the gateway, as its inputs know it. */
interface InputSession {
  readonly number: number;
  readonly downCounters: DownCounters;
}

/** Makes the drivers of a site. */
export interface DriverMakers {
  /** Loads the code of the drivers that these settings name. Comes before they are made. */
  load(settings: Pick<GatewaySettings, 'inputs' | 'paths'>): Promise<void>;
  input(settings: InputSettings, session: InputSession, sink: InputSink, names: Names): InputDriver;
  path(settings: PathSettings, sink: PathSink, names: Names): PathDriver;
}

type InputSettingsOf = { readonly [D in InputSettings['driver']]: Extract<InputSettings, { readonly driver: D }> };
type MakeInput<D extends InputSettings['driver']> = (
  settings: InputSettingsOf[D],
  sink: InputSink,
  session: InputSession,
  names: Names,
) => InputDriver;

/**
 * A new input driver is a line here, and one in `config/inputs/input-drivers.ts`. A site has a few
 * of them: the code of the others is not loaded.
 */
const INPUTS: { readonly [D in InputSettings['driver']]: () => Promise<MakeInput<D>> } = {
  'button-bus': async () => {
    const { createButtonBusDriver } = await import('./inputs/button-bus/driver.ts');
    return (settings, sink, { number, downCounters }) => createButtonBusDriver(settings, number, sink, downCounters);
  },
  ble: async () => {
    const { createBleDriver } = await import('./inputs/ble/driver.ts');
    return (settings, sink) => createBleDriver(settings, sink);
  },
  firmata: async () => {
    const { createFirmataDriver } = await import('./inputs/firmata/driver.ts');
    return (settings, sink) => createFirmataDriver(settings, sink);
  },
  gpio: async () => {
    const { createGpioDriver } = await import('./inputs/gpio/driver.ts');
    return (settings, sink) => createGpioDriver(settings, sink);
  },
  modbus: async () => {
    const { createModbusDriver } = await import('./inputs/modbus/driver.ts');
    return (settings, sink) => createModbusDriver(settings, sink);
  },
  mqtt: async () => {
    const { createMqttDevicesDriver } = await import('./inputs/mqtt-devices/driver.ts');
    return (settings, sink, _session, names) => createMqttDevicesDriver(settings, sink, names);
  },
};

type PathSettingsOf = { readonly [D in PathSettings['driver']]: Extract<PathSettings, { readonly driver: D }> };
type MakePath<D extends PathSettings['driver']> = (
  settings: PathSettingsOf[D],
  sink: PathSink,
  names: Names,
) => PathDriver;

/** A new path driver is a line here, and one in `config/paths/path-drivers.ts`. */
const PATHS: { readonly [D in PathSettings['driver']]: () => Promise<MakePath<D>> } = {
  'dc09-tcp': async () => {
    const { createDc09Driver } = await import('./paths/dc09/driver.ts');
    return (settings, sink, names) => createDc09Driver(settings, sink, { nowWallMs: wallMs, ...names });
  },
  'dc09-udp': async () => {
    const { createDc09UdpDriver } = await import('./paths/dc09/udp-driver.ts');
    return (settings, sink, names) => createDc09UdpDriver(settings, sink, { nowWallMs: wallMs, ...names });
  },
  radio: async () => (await import('./paths/radio/driver.ts')).createRadioDriver,
  cap: async () => {
    const { createCapDriver } = await import('./paths/cap/driver.ts');
    return (settings, sink, names) => createCapDriver(settings, sink, { nowWallMs: wallMs, ...names });
  },
  webhook: async () => {
    const { createWebhookDriver } = await import('./paths/webhook/driver.ts');
    return (settings, sink, names) => createWebhookDriver(settings, sink, { nowWallMs: wallMs, ...names });
  },
  sip: async () => {
    const { createSipDriver } = await import('./paths/sip/driver.ts');
    return (settings, sink, names) => createSipDriver(settings, sink, { nowWallMs: wallMs, ...names });
  },
  tap: async () => (await import('./paths/tap/driver.ts')).createTapDriver,
  snpp: async () => (await import('./paths/snpp/driver.ts')).createSnppDriver,
  sms: async () => {
    const { createSmsDriver } = await import('./paths/sms/driver.ts');
    return (settings, sink) => createSmsDriver(settings, sink);
  },
};

/** Like Node's own modules: loaded once, for the whole process. */
const inputs = new Map<InputSettings['driver'], MakeInput<never>>();
const paths = new Map<PathSettings['driver'], MakePath<never>>();

export const realDrivers: DriverMakers = {
  load: async (settings) => {
    const loads = [
      ...settings.inputs.map(async ({ driver }) => inputs.set(driver, inputs.get(driver) ?? (await INPUTS[driver]()))),
      ...settings.paths.map(async ({ driver }) => paths.set(driver, paths.get(driver) ?? (await PATHS[driver]()))),
    ];
    await Promise.all(loads);
  },
  input: (settings, session, sink, names) => makeInput(settings, session, sink, names),
  path: (settings, sink, names) => makePath(settings, sink, names),
};

function makeInput<D extends InputSettings['driver']>(
  settings: InputSettingsOf[D],
  session: InputSession,
  sink: InputSink,
  names: Names,
): InputDriver {
  const make = known(inputs, settings.driver, 'loaded driver of inputs') as MakeInput<D>;
  return make(settings, sink, session, names);
}

function makePath<D extends PathSettings['driver']>(
  settings: PathSettingsOf[D],
  sink: PathSink,
  names: Names,
): PathDriver {
  const make = known(paths, settings.driver, 'loaded driver of paths') as MakePath<D>;
  return make(settings, sink, names);
}

/** What systemd runs for a radio (`callpoint-radio@.service`). */
export async function runRadioProcess(): Promise<void> {
  await import('./inputs/ble/scanner-process.ts');
}
