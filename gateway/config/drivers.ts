import type * as z from 'zod';
import { ble } from './drivers/ble.ts';
import { buttonBus } from './drivers/button-bus.ts';
import type { DriverConfig } from './drivers/driver-config.ts';
import { firmata } from './drivers/firmata.ts';
import { gpio } from './drivers/gpio.ts';
import { modbus } from './drivers/modbus.ts';
import { mqtt } from './drivers/mqtt.ts';

/** The input drivers there are, as `driver:` names them. A new one is a line here. */
const DRIVERS = { 'button-bus': buttonBus, gpio, firmata, modbus, ble, mqtt } as const;

type Drivers = typeof DRIVERS;
export type DriverName = keyof Drivers;

export type WrittenInput = z.output<Drivers[DriverName]['input']>;
export type WrittenDevice = z.output<Drivers[DriverName]['device']>;
export type WrittenOutput = z.output<NonNullable<Drivers[DriverName]['output']>>;
type AnySettings = ReturnType<Drivers[DriverName]['settings']>;

/** A driver handed only what is its own: its methods take their own inputs and devices, here any. */
export type AnyDriver = DriverConfig<WrittenInput, WrittenDevice, WrittenOutput, AnySettings>;

export const DRIVER_NAMES = Object.keys(DRIVERS) as [DriverName, ...DriverName[]];
export const ANY_DRIVER: readonly AnyDriver[] = Object.values(DRIVERS);

export function driverNamed(name: DriverName): AnyDriver {
  return DRIVERS[name];
}

export function isDriverName(name: unknown): name is DriverName {
  return typeof name === 'string' && Object.hasOwn(DRIVERS, name);
}
