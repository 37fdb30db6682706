import { z } from 'zod';
import { button, choice, device, duration, flag, input, path, share, signedDuration, text, whole } from './fields.ts';

/** What each step has besides its action. */
const when = {
  name: text('a name for this step', 'Name by which `since:` refers to this step.').optional(),
  at: duration('When, since the start of the timeline.').optional(),
  after: duration('How long after the step before. Default: at once.').optional(),
};

const step = <T extends z.ZodRawShape>(fields: T, description: string) =>
  z.strictObject({ ...fields, ...when }, { error: 'a step such as press: wb-101' }).describe(description);

/** A fault that lasts until the same step comes again with `to: normal`. */
const ends = { to: choice(['normal'], '`normal` ends it.').optional() };

const clockSetting = z
  .union([signedDuration('A step.'), z.literal('normal'), z.union([z.literal(1970), z.literal('1970')])], {
    error: 'a step such as +1h or -90s, 1970, or normal',
  })
  .describe('Step such as +1h; 1970: as without a battery; normal: the right time.');

const contact = text('the id of a button or a door contact', 'Contact, by its id. Default: the first one.').optional();

const WAYS = 'hang, refuse or another name that sim behave --help lists; normal ends it';

/** The steps of a timeline, by the field that says what is done. A new one is a line here. */
export const STEP_SHAPES = {
  press: step(
    {
      press: device,
      button: button.default('0'),
      long: flag('A long press.').default(false),
      hold: duration('How long until the button is released.').default(300),
      repeat: whole(1, 1000, 'How many times it is pressed.').default(1),
      every: duration('Time between two of these presses.').default(1000),
    },
    'Presses a button, and releases it.',
  ),
  hold: step({ hold: device, button: button.default('0') }, 'Presses a button and holds it.'),
  release: step({ release: device, button: button.default('0') }, 'Releases a button that is held.'),
  storm: step(
    {
      storm: whole(1, 10_000, 'Number of presses.'),
      in: duration('They are spread over this time.'),
      from: text('the id of a building, or all', 'Building whose devices are pressed in turn. Default: all.').default(
        'all',
      ),
    },
    'Presses the devices of a building in turn.',
  ),
  door: step({ door: device, to: choice(['open', 'closed'], 'Where it goes.') }, 'Opens or closes a door.'),
  bolt: step({ bolt: device, to: choice(['locked', 'unlocked'], 'Where it goes.') }, 'Locks or unlocks a door.'),
  battery: step(
    { battery: device, to: choice(['low', 'normal'], 'Its state.').default('low') },
    'Its battery gets low.',
  ),
  tamper: step({ tamper: device, ...ends }, 'Opens the housing of a wall node.'),
  cut: step({ cut: device, contact, ...ends }, 'Cuts the wires of a contact.'),
  short: step({ short: device, contact, ...ends }, 'Shorts the wires of a contact.'),
  stuck: step({ stuck: device, button: button.default('0'), ...ends }, 'A button stays pressed.'),
  lost: step({ lost: device, ...ends }, 'A device loses its power; with to: normal it starts again.'),
  reboot: step({ reboot: device }, 'A device loses its power for a moment.'),
  keyLost: step({ keyLost: device, ...ends }, 'A device loses its key, and has another one.'),
  sameAddress: step({ sameAddress: device, as: device }, 'A wall node is set to the address of another one.'),
  replay: step({ replay: device }, 'Somebody sends again what the device sent so far.'),
  stranger: step(
    { stranger: input, count: whole(1, 10_000, 'How many.').default(1) },
    'Devices appear that the site does not have.',
  ),
  jam: step({ jam: input, ...ends }, 'No radio of a Bluetooth input hears anything.'),
  line: step(
    {
      line: input,
      bitErrors: share('Share of the frames in which a bit is flipped, in both directions.').default(0),
      lost: share('Share of the frames that are lost, in both directions.').default(0),
      garbage: share('Share of the frames with random bytes before them.').default(0),
      baudRate: whole(0, 4_000_000, 'Speed of the line in bits a second; 0: as fast as it is read.').default(0),
    },
    'Sets the faults of a button bus line; without fields it is well again.',
  ),
  unplug: step({ unplug: input }, 'Unplugs an input, or takes a bridge off its broker.'),
  replug: step({ replug: input }, 'Plugs it in again.'),
  behave: step(
    { behave: text('the id of a path or of an MQTT input', 'Path, or input over MQTT.'), to: text(WAYS, WAYS) },
    'Makes a far end misbehave, as sim behave does.',
  ),
  gateway: step(
    {
      gateway: choice(
        ['kill', 'hang', 'resume', 'stop', 'start', 'restart'],
        'kill: SIGKILL, as a power cut. hang: SIGSTOP, until resume. stop: SIGTERM. restart: stop and start.',
      ),
    },
    'Does something to the gateway’s process.',
  ),
  broker: step(
    { broker: choice(['kill', 'hang', 'resume', 'start', 'restart'], 'As for gateway.') },
    'Does something to the MQTT broker’s process; the scenario has broker: external.',
  ),
  disk: step(
    {
      disk: choice(['full', 'slow', 'normal'], 'full: writes fail with ENOSPC. slow: each takes 200 ms.'),
    },
    'The disk of the gateway’s data gets full or slow.',
  ),
  clock: step({ clock: clockSetting }, 'Sets the gateway’s wall clock.'),
  reload: step(
    {
      reload: text('a text that stands once in site.yaml', 'Text that stands once in site.yaml.'),
      to: z.string({ error: 'the text that takes its place' }).describe('Text that takes its place.'),
    },
    'Changes site.yaml, and lets the gateway take it up.',
  ),
  certificate: step(
    { certificate: path, endsIn: duration('Time until the certificates end.') },
    'Renews the certificates of paths with others that end soon.',
  ),
  hostile: step(
    {
      hostile: choice(
        ['passwords', 'flood', 'garbage', 'connections', 'forge'],
        'passwords: wrong passwords. flood: many messages. garbage: bytes that are no MQTT. connections: many that say nothing. forge: publishes presses and alerts of others.',
      ),
      count: whole(1, 100_000, 'How many.').default(50),
    },
    'A hostile MQTT client.',
  ),
  cancel: step(
    { cancel: device, reason: text('why', 'Why.').default('scenario') },
    'An operator cancels the newest alert of a device.',
  ),
  resolve: step(
    { resolve: device, reason: text('why', 'Why.').default('scenario') },
    'An operator resolves the newest alert of a device.',
  ),
  drill: step(
    {
      drill: choice(['start', 'stop'], 'start or stop.'),
      scope: text('site, building:A, floor:A/1, room:A/1/101 or device:wb-101', 'Where.').default('site'),
      minutes: whole(1, 240, 'For how long.').default(15),
    },
    'An operator starts or stops a drill.',
  ),
  wait: step(
    {
      wait: z.unknown().describe('What is waited for: an expectation, as under expect:.'),
    },
    'Waits until something has happened: one of the expectations, with its bound.',
  ),
} as const;

export type ActionName = keyof typeof STEP_SHAPES;
export const ACTION_NAMES = Object.keys(STEP_SHAPES) as readonly ActionName[];

/** What was written, with its defaults, its action and its place in the file. */
export type Step = {
  [K in ActionName]: { readonly action: K; readonly fileLine: number; readonly written: string } & Readonly<
    z.output<(typeof STEP_SHAPES)[K]>
  >;
}[ActionName];
export type StepOf<K extends ActionName> = Extract<Step, { action: K }>;
