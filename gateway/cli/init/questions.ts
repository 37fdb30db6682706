import { id, label, place } from '../../config/fields/fields.ts';
import { pathDriverNamed } from '../../config/paths/path-drivers.ts';
import { entriesIn, ranged } from './entries.ts';
import type { FoundHardware } from './found-hardware.ts';

export interface Question {
  /** Stands for the answer; it never changes while the answers before it stay the same. */
  readonly key: string;
  readonly text: string;
  /** Lines above it: what to write. */
  readonly help?: readonly string[];
  /** The answer of Enter. */
  readonly usual: string;
  /** What is typed is not shown. */
  readonly isSecret?: boolean;
  /** What to write instead; `undefined`: the answer is sound. */
  fault(answer: string): string | undefined;
}

export type Given = ReadonlyMap<string, string>;

/** The first question without an answer; `undefined`: all are answered. */
export function nextQuestion(given: Given, found: FoundHardware): Question | undefined {
  for (const question of questions(given, found)) if (!given.has(question.key)) return question;
  return undefined;
}

/** All questions, as far as the answers decide which there are. */
function* questions(given: Given, found: FoundHardware): Generator<Question> {
  yield {
    key: 'site',
    text: 'Name of the site',
    usual: 'Northfield School',
    fault: (text) => faultOf(label(''), text),
  };
  yield {
    key: 'gateway',
    text: 'Name of this gateway, in every MQTT topic',
    usual: 'gw-1',
    fault: (text) => faultOf(id(''), text),
  };
  yield {
    key: 'buildings',
    text: 'Buildings',
    help: ['Short name and name of each, with commas between them: A Main building, B Annex'],
    usual: 'A Main building',
    fault: (text) => (text === '' ? 'at least one building' : entriesFault(text)),
  };
  for (const building of entriesIn(given.get('buildings') ?? '')) yield* placesIn(building, given);
  yield* hardware(found);
  yield* receivers(given);
  yield* messageBus(given);
}

function* placesIn(building: { readonly id: string; readonly name?: string }, given: Given): Generator<Question> {
  const key = `floors ${building.id}`;
  yield {
    key,
    text: `Floors of ${building.name ?? building.id}`,
    help: ['Short name and name of each: 1 First floor, 2 Second floor'],
    usual: '1 First floor',
    fault: (text) => (text === '' ? 'at least one floor' : entriesFault(text)),
  };
  for (const floor of entriesIn(given.get(key) ?? '')) {
    yield {
      key: `rooms ${building.id}/${floor.id}`,
      text: `Rooms of ${building.name ?? building.id}, ${floor.name ?? floor.id}`,
      help: ['Number as on the door, and name if it has one: 101 Reception, 102, 103-112. Enter: later.'],
      usual: '',
      fault: entriesFault,
    };
  }
}

/** What may be on a serial port: the answer, the driver, and what it is called. */
export const ON_A_PORT = [
  ['bus', 'button-bus', 'wall nodes'],
  ['modbus', 'modbus', 'input modules (Modbus)'],
  ['board', 'firmata', 'a board with Firmata'],
  ['none', undefined, 'nothing of Callpoint'],
] as const;

function* hardware(found: FoundHardware): Generator<Question> {
  const kinds = ON_A_PORT.map(([answer, , what]) => `${answer}: ${what}`).join('; ');
  for (const port of found.ports) {
    const help = [`${port} is plugged in.`, `${kinds}.`];
    yield {
      ...choice(
        `port ${port}`,
        'What is on it',
        'none',
        ON_A_PORT.map(([answer]) => answer),
      ),
      help,
    };
  }
  if (found.ports.length === 0) {
    yield {
      key: 'port',
      text: 'Serial port of the wall nodes',
      help: ['No serial adapter is plugged in here. Write where it will be, or Enter: none.'],
      usual: '',
      fault: (text) =>
        text === '' || /^\/dev\/[^\p{Cc}]+$/u.test(text) ? undefined : 'a port such as /dev/serial/by-id/usb-…',
    };
  }
  if (found.hasGpio) yield yesNo('gpio', "Are contacts wired to this machine's header (GPIO)", 'no');
  for (const radio of found.radios)
    yield yesNo(`radio ${radio}`, `Are there Bluetooth buttons, for the radio ${radio}`, 'no');
  yield yesNo('mqtt devices', 'Are there buttons behind Zigbee2MQTT', 'no');
}

const RECEIVERS_MAX = 4;

function* receivers(given: Given): Generator<Question> {
  for (let number = 1; number <= RECEIVERS_MAX; number += 1) {
    const key = `receiver ${number}`;
    const first = number === 1;
    yield {
      key,
      text: first ? "Address of the monitoring centre's receiver (DC-09)" : 'Address of a further receiver',
      help: [first ? 'A host name or an IP address. Enter: later, with an example to edit.' : 'Enter: none.'],
      usual: '',
      fault: (text) => (text === '' ? undefined : receiverFault('host', text)),
    };
    if ((given.get(key) ?? '') === '') return;
    yield choice(`${key} protocol`, 'Does it take TCP or UDP', 'tcp', ['tcp', 'udp']);
    yield {
      key: `${key} port`,
      text: 'Its port',
      usual: '7700',
      fault: (text) => receiverFault('port', /^\d+$/.test(text) ? Number(text) : text),
    };
    yield {
      key: `${key} account`,
      text: 'Account number',
      help: ['The monitoring centre gives it to you.'],
      usual: '1234',
      fault: (text) => receiverFault('account', text),
    };
    yield {
      key: `${key} key`,
      text: 'Its AES key',
      help: ['32, 48 or 64 hex digits, if the centre gave you one; they are not shown. Enter: a new one.'],
      usual: '',
      isSecret: true,
      fault: (text) =>
        text === '' || /^([0-9a-fA-F]{32}|[0-9a-fA-F]{48}|[0-9a-fA-F]{64})$/.test(text)
          ? undefined
          : '32, 48 or 64 hex digits',
    };
  }
}

/** Role of each user of MQTT. */
const ROLES = ['viewer', 'operator'];

function* messageBus(given: Given): Generator<Question> {
  yield yesNo('mqtt', 'May displays and Home Assistant on this machine read over MQTT', 'yes');
  if (given.get('mqtt') !== 'yes') return;
  yield {
    key: 'mqtt users',
    text: 'Who may log in',
    help: ['Names, each with viewer (reads) or operator (may also cancel): console viewer, office operator'],
    usual: 'console viewer',
    fault: (text) =>
      entriesIn(text)
        .map(
          (user) =>
            faultOf(id(''), user.id) ??
            (ROLES.includes(user.name ?? 'viewer') ? undefined : `viewer or operator for ${user.id}`),
        )
        .find((fault) => fault !== undefined),
  };
  yield yesNo('home assistant', 'Announce the devices to Home Assistant', 'no');
}

function yesNo(key: string, text: string, usual: 'yes' | 'no'): Question {
  return choice(key, `${text}? yes or no`, usual, ['yes', 'no']);
}

function choice(key: string, text: string, usual: string, answers: readonly string[]): Question {
  const fault = (answer: string) => (answers.includes(answer) ? undefined : `one of: ${answers.join(', ')}`);
  return { key, text, usual, fault };
}

function entriesFault(text: string): string | undefined {
  const entries = entriesIn(text);
  const seen = new Set<string>();
  for (const entry of entries) {
    const isRange = ranged(entry.id) !== undefined;
    const fault = isRange
      ? undefined
      : (faultOf(place(''), entry.id) ?? (entry.name === undefined ? undefined : faultOf(label(''), entry.name)));
    if (fault !== undefined) return `for "${entry.id}" ${fault}`;
    if (seen.has(entry.id)) return `another short name: ${entry.id} is there twice`;
    seen.add(entry.id);
  }
  return undefined;
}

interface Schema {
  safeParse(value: unknown): {
    readonly error?:
      | { readonly issues: readonly { readonly message: string; readonly path: PropertyKey[] }[] }
      | undefined;
  };
}

function faultOf(schema: Schema, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

/** As `site.yaml` would be refused. */
function receiverFault(field: 'host' | 'port' | 'account', value: unknown): string | undefined {
  const written = {
    id: 'central',
    driver: 'dc09-tcp',
    host: 'receiver.example',
    port: 7700,
    account: '1234',
    [field]: value,
  };
  const issues = pathDriverNamed('dc09-tcp').path.safeParse(written).error?.issues ?? [];
  // Quotes are for YAML.
  return issues
    .find(({ path }) => path[0] === field)
    ?.message.replace(/,? (?:in|without) quotes/, '')
    .replaceAll('"', '');
}
