import { dirname, join } from 'node:path';
import type {
  GpioChipDocument,
  MachineDocument,
  RadioDocument,
  SerialPortDocument,
} from '../../protocol/discovery-document.ts';
import { messageOf } from '../../protocol/errors.ts';
import { weakName } from '../config/fields/usb-serial-names.ts';
import type { GatewaySettings } from '../config/settings.ts';
import { chipFiles } from '../inputs/gpio-chip-files.ts';
import { bcmNumber, hasHeader } from '../inputs/gpio-header.ts';
import { readChip } from '../inputs/gpio-line-users.ts';
import { secondJob } from '../inputs/gpio-second-jobs.ts';
import { blockOf, kernelRadios } from '../inputs/kernel-radios.ts';
import { content, entries, resolved } from '../system/device-files.ts';
import { fileHolders } from '../system/file-holders.ts';

/** Where the kernel and udev show their devices. */
export interface MachineRoots {
  readonly dev: string;
  readonly sys: string;
  readonly proc: string;
}

const ROOTS: MachineRoots = { dev: '/dev', sys: '/sys', proc: '/proc' };

/** `ttyS`: the kernel makes up to 32 names, and most have no hardware. */
const TTY = /^tty(USB|ACM|AMA|S|mxc|O|THS)\d+$/;
/** `PORT_UNKNOWN` of linux/serial_core.h. */
const NO_HARDWARE = '0';

/**
 * What this machine has, from the kernel's own lists. No serial port is opened: that may restart
 * the board behind it. A GPIO chip is opened, and none of its lines.
 */
export async function machine(settings: GatewaySettings | undefined, roots = ROOTS): Promise<MachineDocument> {
  return {
    serial_ports: await serialPorts(settings, roots),
    gpio_chips: await Promise.all(chipFiles(roots.dev).map((path) => chip(path, settings))),
    radios: kernelRadios(join(roots.sys, 'class/bluetooth')).map((radio) => radioDocument(radio, roots)),
  };
}

async function serialPorts(
  settings: GatewaySettings | undefined,
  roots: MachineRoots,
): Promise<readonly SerialPortDocument[]> {
  const ttys = entries(join(roots.sys, 'class/tty')).filter((name) => TTY.test(name) && hasHardware(name, roots));
  const files = ttys.map((tty) => join(roots.dev, tty));
  const { holders } = await fileHolders(files, roots.proc);
  const uses = portUses(settings);
  return ttys.map((tty, at) => {
    const device = files[at] ?? '';
    const byId = linkTo(device, 'serial/by-id', roots);
    const byPath = linkTo(device, 'serial/by-path', roots);
    const names = [device, byId, byPath];
    const isShared = byId !== undefined && weakName(byId, roots)?.isShared === true;
    return {
      device,
      ...(byId === undefined ? {} : { by_id: byId }),
      ...(byPath === undefined ? {} : { by_path: byPath }),
      ...usbAttributes(tty, roots),
      ...(isShared ? { shared_name: true } : {}),
      held_by: (holders.get(device) ?? []).map(({ name, pid }) => `${name} (pid ${pid})`),
      used_by: uses.filter(({ port }) => names.includes(port)).map(({ id }) => id),
    };
  });
}

function hasHardware(tty: string, { sys }: MachineRoots): boolean {
  return resolved(join(sys, 'class/tty', tty, 'device')) !== undefined
    ? content(join(sys, 'class/tty', tty, 'type')) !== NO_HARDWARE
    : false;
}

/** Newer systems list a port twice: usb-… and usbv2-…. */
function linkTo(device: string, directory: string, { dev }: MachineRoots): string | undefined {
  const links = entries(join(dev, directory)).filter((name) => resolved(join(dev, directory, name)) === device);
  const name = links.find((each) => !each.includes('usbv')) ?? links[0];
  return name === undefined ? undefined : join(dev, directory, name);
}

function usbAttributes(tty: string, { sys }: MachineRoots): Partial<SerialPortDocument> {
  let at = resolved(join(sys, 'class/tty', tty));
  while (at !== undefined && content(join(at, 'idVendor')) === '') at = at === dirname(at) ? undefined : dirname(at);
  if (at === undefined) return {};
  const read = (file: string, name: keyof SerialPortDocument) => {
    const value = content(join(at, file));
    return value === '' ? {} : { [name]: value };
  };
  return {
    ...read('idVendor', 'vendor_id'),
    ...read('idProduct', 'product_id'),
    ...read('manufacturer', 'manufacturer'),
    ...read('product', 'product'),
    ...read('serial', 'serial_number'),
  };
}

function portUses(settings: GatewaySettings | undefined): { readonly id: string; readonly port: string }[] {
  const inputs = settings?.inputs.flatMap((input) => {
    if (input.driver === 'ble') return input.adapters.map(({ name }) => ({ id: input.id, port: name }));
    return 'port' in input ? [{ id: input.id, port: input.port }] : [];
  });
  const paths = settings?.paths.flatMap((path) => {
    const port: unknown = 'port' in path ? path.port : undefined;
    return typeof port === 'string' ? [{ id: path.id, port }] : [];
  });
  return [...(inputs ?? []), ...(paths ?? [])];
}

async function chip(device: string, settings: GatewaySettings | undefined): Promise<GpioChipDocument> {
  try {
    const { label, lines } = await readChip(device);
    const uses = lineUses(device, label, settings);
    const onHeader = hasHeader(label);
    return {
      device,
      label,
      lines: lines.map(({ name, user }, offset) => {
        const number = bcmNumber(name) ?? (onHeader ? offset : undefined);
        const usedBy = uses.get(name) ?? (onHeader ? uses.get(`GPIO${offset}`) : undefined);
        const job = onHeader && number !== undefined ? secondJob(number) : undefined;
        return {
          offset,
          name,
          ...(user === undefined ? {} : { consumer: user }),
          ...(usedBy === undefined ? {} : { used_by: usedBy }),
          ...(job === undefined ? {} : { second_job: job.what }),
        };
      }),
    };
  } catch (error) {
    return { device, fault: messageOf(error), lines: [] };
  }
}

/** Which device or output has which line. Without `chip:` an input means the chip of the header. */
function lineUses(device: string, label: string, settings: GatewaySettings | undefined): ReadonlyMap<string, string> {
  const inputs = settings?.inputs.flatMap((input) => (input.driver === 'gpio' ? [input] : [])) ?? [];
  const here = inputs.filter(({ chip: named = hasHeader(label) ? device : '' }) => named === device || named === label);
  return new Map(
    here.flatMap(({ contacts, outputs }) => [
      ...contacts.flatMap(({ device: of, pin, cutPin }): [string, string][] => [
        [pin, of],
        ...(cutPin === undefined ? [] : [[cutPin, of] as [string, string]]),
      ]),
      ...outputs.map(({ id, pin }): [string, string] => [pin, id]),
    ]),
  );
}

function radioDocument(
  { name, port }: { readonly name: string; readonly port: string | undefined },
  { sys }: MachineRoots,
): RadioDocument {
  const blocked = blockOf(name, join(sys, 'class/bluetooth'));
  return {
    name,
    ...(port === undefined ? {} : { port: `usb:${port}` }),
    ...(blocked === undefined ? {} : { blocked }),
  };
}
