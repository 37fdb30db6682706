import type * as z from 'zod';
import { ble } from './ble.ts';
import { buttonBus } from './button-bus.ts';
import { firmata } from './firmata.ts';
import { gpio } from './gpio.ts';
import type { InputConfig } from './input-config.ts';
import { modbus } from './modbus.ts';
import { mqtt } from './mqtt.ts';

/** The input drivers, by the names that `driver:` uses. A new one is a line here. */
const DRIVERS = { 'button-bus': buttonBus, gpio, firmata, modbus, ble, mqtt } as const;

type Drivers = typeof DRIVERS;
type InputDriverName = keyof Drivers;

export type WrittenInput = z.output<Drivers[InputDriverName]['input']>;
export type WrittenDevice = z.output<Drivers[InputDriverName]['device']>;
export type WrittenOutput = z.output<NonNullable<Drivers[InputDriverName]['output']>>;
type AnySettings = ReturnType<Drivers[InputDriverName]['settings']>;

/**
 * A driver that gets only its own inputs and devices. Its methods take those; here they take any.
 */
export type AnyInputDriver = InputConfig<WrittenInput, WrittenDevice, WrittenOutput, AnySettings>;

export const INPUT_DRIVER_NAMES = Object.keys(DRIVERS) as [InputDriverName, ...InputDriverName[]];
export const ANY_INPUT_DRIVER: readonly AnyInputDriver[] = Object.values(DRIVERS);

export function inputDriverNamed(name: InputDriverName): AnyInputDriver {
  return DRIVERS[name];
}

export function isInputDriverName(name: unknown): name is InputDriverName {
  return typeof name === 'string' && Object.hasOwn(DRIVERS, name);
}
