import type * as z from 'zod';
import { cap } from './cap.ts';
import { dc09Tcp, dc09Udp } from './dc09.ts';
import type { PathConfig } from './path-config.ts';
import type { CommonPath } from './path-fields.ts';
import { radio } from './radio.ts';
import { sip } from './sip.ts';
import { sms } from './sms.ts';
import { snpp } from './snpp.ts';
import { tap } from './tap.ts';
import { webhook } from './webhook.ts';

/** The path drivers, by the names that `driver:` uses. A new one is a line here. */
const PATH_DRIVERS = {
  'dc09-tcp': dc09Tcp,
  'dc09-udp': dc09Udp,
  radio,
  cap,
  webhook,
  sip,
  tap,
  snpp,
  sms,
} as const;

type PathDrivers = typeof PATH_DRIVERS;
type PathDriverName = keyof PathDrivers;

export type WrittenPath = z.output<PathDrivers[PathDriverName]['path']>;
export type AnyPathSettings = ReturnType<PathDrivers[PathDriverName]['settings']>;

/** A driver that gets only its own paths. Its methods take those; here they take any. */
type AnyPathDriver = PathConfig<CommonPath, AnyPathSettings>;

export const PATH_DRIVER_NAMES = Object.keys(PATH_DRIVERS) as [PathDriverName, ...PathDriverName[]];
export const ANY_PATH_DRIVER: readonly AnyPathDriver[] = Object.values(PATH_DRIVERS) as readonly AnyPathDriver[];

export function pathDriverNamed(name: string): AnyPathDriver {
  // The schema accepts no other name.
  return PATH_DRIVERS[name as PathDriverName] as AnyPathDriver;
}

export function isPathDriverName(name: unknown): name is PathDriverName {
  return typeof name === 'string' && Object.hasOwn(PATH_DRIVERS, name);
}
