import type { GpioChipDocument, MachineDocument, SerialPortDocument } from '../../../protocol/discovery-document.ts';
import { coloured, type TextOptions, table, wrapped } from '../terminal-text.ts';

/** Ports, GPIO lines and radios of this machine. */
export function machineText({ serial_ports, gpio_chips, radios }: MachineDocument, options: TextOptions): string[] {
  const radioLines = radios.flatMap(({ name, port, blocked }) =>
    wrapped(
      `  ${[name, port, blocked === undefined ? undefined : `blocked (${blocked})`].filter(Boolean).join(', ')}`,
      options.width,
      4,
    ),
  );
  return [
    ...section(
      'Serial ports',
      serial_ports.flatMap((port) => portLines(port, options)),
      'This machine has none.',
    ),
    ...section(
      'GPIO lines',
      gpio_chips.flatMap((chip) => chipLines(chip, options)),
      'This machine has no GPIO chip.',
    ),
    ...section(
      'Bluetooth radios',
      radioLines,
      'The kernel has none. A controller on a serial port is named with --adapter.',
    ),
  ];
}

function section(title: string, lines: readonly string[], otherwise: string): string[] {
  return ['', coloured('bold', title), ...(lines.length > 0 ? lines : [`  ${otherwise}`])];
}

function portLines(port: SerialPortDocument, { width }: TextOptions): string[] {
  const { device, by_id, by_path, manufacturer, product, vendor_id, product_id, held_by, used_by, shared_name } = port;
  const usb = vendor_id === undefined ? [] : [`USB ${vendor_id}:${product_id ?? '????'}`];
  const model = [manufacturer, product].filter((part) => part !== undefined).join(' ');
  const use = used_by.length > 0 ? `input or path ${used_by.join(', ')}` : 'not used by the site';
  const holder = held_by.length > 0 ? `open in ${held_by.join(', ')}` : 'open in no program that this user may see';
  const about = [...usb, ...(model === '' ? [] : [model]), use, holder].join(', ');
  // By name, so that renumbering can't swap two lines; by socket where the name is not the
  // adapter's.
  const best = shared_name === true ? (by_path ?? by_id) : (by_id ?? by_path);
  const names = [best, shared_name === true ? undefined : by_path].filter((name) => name !== undefined);
  return [
    ...wrapped(`  ${device}: ${plain(about)}`, width, 6),
    // Not wrapped: they are copied.
    ...[...new Set(names)].map((name) => `      port: ${plain(name)}`),
    ...(shared_name === true
      ? wrapped(coloured('yellow', '      several adapters have its name under by-id: use its USB socket'), width, 6)
      : []),
  ];
}

function chipLines({ device, label, fault, lines }: GpioChipDocument, { width }: TextOptions): string[] {
  const title = `  ${device}${label === undefined ? '' : ` (${plain(label)})`}`;
  if (fault !== undefined) return wrapped(`${title}: ${plain(fault)}`, width, 4);
  const rows = lines
    .filter(({ name, consumer, used_by }) => name !== '' || consumer !== undefined || used_by !== undefined)
    .map(({ offset, name, consumer, used_by, second_job }) => {
      const use = [
        consumer === undefined ? 'free' : `held by ${plain(consumer)}`,
        ...(used_by === undefined ? [] : [`line of ${used_by}`]),
        ...(second_job === undefined ? [] : [second_job]),
      ].join(', ');
      return [String(offset), plain(name), use];
    });
  const unnamed = lines.length - rows.length;
  return [title, ...table(rows, width).flat(), ...(unnamed > 0 ? [`  and ${unnamed} lines without a name`] : [])];
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
