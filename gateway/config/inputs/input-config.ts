import type * as z from 'zod';
import type { Fields } from '../../../protocol/mqtt-profiles/profile.ts';
import type { ContactTiming } from '../../core/site.ts';
import type { BrokerAccess } from '../fields/broker-access.ts';
import type { OwnFields } from '../fields/device-schema.ts';
import type { Ports } from '../fields/ports.ts';
import type { Keys } from '../keys/keys-file.ts';
import type { PemFiles } from '../read/pem-files.ts';
import type { View } from '../read/view.ts';

/**
 * How one driver's inputs, devices and outputs are written, checked and turned into its settings.
 * Methods get only inputs of their driver and what is on them.
 */
export interface InputConfig<
  I extends WrittenInputLike = WrittenInputLike,
  D = unknown,
  O extends WrittenOutputLike = WrittenOutputLike,
  S = unknown,
> {
  /** An entry under `inputs:`. */
  readonly input: z.ZodType<I>;
  /** An entry under `devices:`: the fields of all devices, and `own`. */
  readonly device: z.ZodType<D>;
  readonly own: OwnFields;
  /** The entry with what it stands for filled in, before `device` reads it; absent: as written. */
  resolve?(entry: unknown): unknown;
  /** The device's fields with all that is filled in, for a person; absent: nothing is. */
  explain?(device: D): Fields;
  /** An entry under `outputs:`; absent: the driver's boards have none. */
  readonly output?: z.ZodType<O>;
  /** Adds a mistake for fields that are right by themselves but not together. */
  check(input: View, on: Attached, site: SiteView): void;
  /** True if its key must be in keys.yaml. */
  hasKey(device: View): boolean;
  /** What the core must know of a device beyond the fields that all devices have. */
  traits(input: I, device: D): DeviceTraits;
  settings(input: I, devices: readonly D[], outputs: readonly O[], sources: InputSources): S;
  /** Inputs (ids) besides its own for which it reports health. */
  healthInputs?(input: I): readonly string[];
}

interface WrittenInputLike {
  readonly id: string;
}

interface WrittenOutputLike {
  readonly id: string;
  readonly input: string;
  readonly type: 'relay' | 'led';
  readonly shows: 'trouble' | 'alarm' | 'notConfirmed' | 'lockdown' | 'drill' | 'canary';
  readonly building?: string | undefined;
  readonly drills: boolean;
  readonly normallyEnergised?: boolean | undefined;
  readonly silentKinds: boolean;
}

/** What names the input, as far as it could be read. */
interface Attached {
  readonly devices: readonly View[];
  readonly outputs: readonly View[];
}

interface SiteView {
  readonly mqtt: View;
  /** Serial ports of all inputs. */
  readonly ports: Ports;
}

export interface DeviceTraits {
  /** 0: gives no sign of life between events. */
  readonly heartbeatSeconds: number;
  readonly counterOnly?: boolean;
  /** Proves itself with its key from keys.yaml. */
  readonly keyed?: boolean;
  readonly watched?: boolean;
  /** May send `hold` first, and afterwards what the press was. */
  readonly saysHowHoldEnds?: boolean;
  /** As in `Device`. */
  readonly availabilities?: number;
  readonly bridge?: string;
  /** For a device with wired contacts. */
  readonly wiresSupervised?: boolean;
  /** By button number, of wired buttons. */
  readonly contacts?: ReadonlyMap<number, ContactTiming>;
}

/** Sources of settings besides the site file. */
export interface InputSources {
  readonly keys: Keys;
  readonly pem: PemFiles;
  /** The broker of `mqtt:`, as inputs read devices' messages from it. */
  readonly broker: BrokerAccess;
}
