import type { DiscoveryDocument, ListenedInput, Stranger } from '../../../protocol/discovery-document.ts';
import { age, coloured, type TextOptions, wrapped } from '../terminal-text.ts';
import { enrolmentOf } from './enrolment.ts';
import { inOrder } from './stranger-order.ts';

/** Beyond this nobody reads on: the nearest and the moved ones come first. */
const SHOWN_MAX = 40;
const INDENT = 5;

/** What was found, with how to enrol it. */
export function foundText(document: DiscoveryDocument, options: TextOptions, sinceIso: string): string[] {
  const { strangers } = document;
  const ordered = inOrder(strangers);
  const shown = ordered.slice(0, SHOWN_MAX);
  const more = ordered.length - shown.length;
  return [
    ...headline(strangers.length, options),
    ...shown.flatMap((each) => [...strangerLines(each, options, sinceIso), ...enrolmentLines(each, options)]),
    ...(more > 0
      ? wrapped(`  and ${more} more, which moved less or are farther away: --json lists them`, options.width, 2)
      : []),
    ...leftOutLines(document.inputs, options),
    '',
    ...inputLines(document.inputs, options),
  ];
}

/** The live view: what moved last comes first. It fits into `rows`. */
export function liveText(
  document: DiscoveryDocument,
  options: TextOptions & { readonly rows: number },
  sinceIso: string,
): string[] {
  const asked = wrapped(
    'Press the button now: the device that moved comes first. Ctrl-C ends and shows how to enrol.',
    options.width,
    0,
  );
  const inputs = inputLines(document.inputs, options);
  const ordered = inOrder(document.strangers);
  const head = [...asked, '', ...headline(ordered.length, options)];
  const room = Math.max(3, options.rows - head.length - inputs.length - 3);
  const body: string[] = [];
  let count = 0;
  for (const each of ordered) {
    const lines = strangerLines(each, options, sinceIso);
    if (count > 0 && body.length + lines.length > room) break;
    body.push(...lines);
    count += 1;
  }
  const more = ordered.length - count;
  return [...head, ...body, ...(more > 0 ? [`  and ${more} more`] : []), '', ...inputs];
}

function headline(count: number, { width }: TextOptions): string[] {
  const text =
    count === 0
      ? 'No device was heard that the site does not have.'
      : `${count} device${count === 1 ? '' : 's'} that the site does not have:`;
  return wrapped(coloured('bold', text), width, 0);
}

function strangerLines(stranger: Stranger, { width, now }: TextOptions, sinceIso: string): string[] {
  const hasMoved = stranger.moved_at !== undefined && stranger.moved_at >= sinceIso;
  const mark = hasMoved ? '>>' : '  ';
  const first = wrapped(`${mark} ${plain(nameOf(stranger))}`, width, INDENT);
  const moved =
    stranger.moved_at === undefined ? [] : [`${stranger.movement ?? 'it moved'} ${age(stranger.moved_at, now)} ago`];
  const heard = `${stranger.messages} message${stranger.messages === 1 ? '' : 's'}, the last ${age(stranger.last_heard_at, now)} ago`;
  const details = [...moved, ...detailsOf(stranger), heard].map(plain).join(', ');
  const lines = [...first, ...wrapped(`${' '.repeat(INDENT)}${details}`, width, INDENT)];
  return hasMoved ? lines.map((line) => coloured('green', line)) : lines;
}

function enrolmentLines(stranger: Stranger, { width }: TextOptions): string[] {
  const { command, advice } = enrolmentOf(stranger);
  const indent = ' '.repeat(INDENT);
  return [
    ...(advice === undefined ? [] : wrapped(`${indent}${plain(advice)}`, width, INDENT)),
    // Not wrapped: it is copied.
    ...(command === undefined ? [] : [`${indent}${coloured('bold', plain(command))}`]),
  ];
}

function nameOf(stranger: Stranger): string {
  const { input } = stranger;
  switch (stranger.kind) {
    case 'node':
      return `node ${stranger.address} on ${input}`;
    case 'bthome':
      return `BTHome ${stranger.address} by ${input}`;
    case 'iBeacon':
      return `iBeacon ${stranger.uuid} major ${stranger.major} minor ${stranger.minor} by ${input}`;
    case 'eddystone':
      return `Eddystone ${stranger.namespace} ${stranger.instance} by ${input}`;
    case 'mqtt': {
      const which = stranger.address ?? stranger.component;
      return `${stranger.profile ?? 'MQTT'} ${stranger.topic}${which === undefined ? '' : ` ${which}`} by ${input}`;
    }
    case 'modbus':
      return `Modbus module ${stranger.address} on ${input}`;
  }
}

function detailsOf(stranger: Stranger): readonly string[] {
  switch (stranger.kind) {
    case 'node': {
      const { serial, claims, opened_by_key_of: opener } = stranger;
      const unopened = stranger.keys_left_to_try ? 'known keys are being tried' : 'no known key opens it';
      const key = opener === undefined ? unopened : `the key of ${opener} opens it`;
      return [
        ...(claims === undefined ? ['not enrolled'] : [`WRONG KEY for ${claims}`]),
        ...(serial === undefined ? [] : [`serial ${serial}`]),
        key,
      ];
    }
    case 'bthome': {
      const { rssi_dbm, encrypted, battery_percent, buttons, openings, object_ids } = stranger;
      return [
        `${rssi_dbm} dBm`,
        encrypted ? 'encrypted' : 'not encrypted',
        ...(battery_percent === undefined ? [] : [`battery ${battery_percent} %`]),
        ...(buttons === undefined ? [] : [`${buttons} button${buttons === 1 ? '' : 's'}`]),
        ...(openings === undefined ? [] : ['door contact']),
        ...(object_ids.length === 0 ? [] : [`objects ${object_ids.join(' ')}`]),
      ];
    }
    case 'iBeacon':
    case 'eddystone':
      return [`${stranger.rssi_dbm} dBm`, `address ${stranger.address}`];
    case 'mqtt': {
      const { offers, name, model, channels, battery_percent } = stranger;
      return [
        offers === 'button' ? 'button' : 'door contact',
        ...(name === undefined ? [] : [name]),
        ...(model === undefined ? [] : [model]),
        ...(channels.length === 0 ? [] : [`keys ${channels.join(' ')}`]),
        ...(battery_percent === undefined ? [] : [`battery ${battery_percent} %`]),
      ];
    }
    case 'modbus': {
      const { table, inputs } = stranger;
      const on = inputs.flatMap((each, at) => (each ? [at] : []));
      if (table === undefined) return ['it shows no inputs at address 0'];
      return [table === 'coils' ? 'coils' : 'discrete inputs', on.length === 0 ? 'all off' : `on: ${on.join(' ')}`];
    }
  }
}

function leftOutLines(inputs: readonly ListenedInput[], { width }: TextOptions): string[] {
  return inputs.flatMap(({ input, left_out: count }) => {
    if (count === 0) return [];
    const text = `  ${input}: ${count} others made room for these. The nearest, the newest and those that moved are kept.`;
    return wrapped(coloured('yellow', text), width, 4);
  });
}

function inputLines(inputs: readonly ListenedInput[], { width }: TextOptions): string[] {
  return inputs.flatMap(({ input, driver, state, detail }) => {
    const listens = state === 'listening';
    const text = `${listens ? ' ' : '-'} ${input} (${driver}): ${plain(detail)}`;
    return wrapped(listens ? text : coloured('yellow', text), width, 4);
  });
}

/** What a stranger sends must not move the cursor. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
