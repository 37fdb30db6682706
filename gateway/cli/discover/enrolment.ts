import type { MqttStranger, Stranger } from '../../../protocol/discovery-document.ts';

/** How a stranger becomes a device of the site. */
export interface Enrolment {
  /** Ready to run; it asks for what is missing, such as the room. */
  readonly command?: string;
  /** What to do instead, or before. */
  readonly advice?: string;
}

const ADD = 'callpoint devices add';

export function enrolmentOf(stranger: Stranger): Enrolment {
  const { input } = stranger;
  switch (stranger.kind) {
    case 'node': {
      const { address, claims, opened_by_key_of: opener } = stranger;
      if (opener !== undefined) {
        const advice = `it is ${opener} with address ${address}: set its address back, or change address: of ${opener}`;
        return { advice };
      }
      if (claims === undefined) return { command: command(input, ['--address', String(address)]) };
      return {
        command: `callpoint devices replace ${quoted(claims)}`,
        advice: `it has the address of ${claims} and another key: a node that was replaced, or two with one address`,
      };
    }
    case 'bthome':
      return {
        command: command(input, [
          ...['--address', stranger.address],
          ...(stranger.encrypted ? [] : ['--no-encrypted']),
          ...(stranger.buttons === undefined && stranger.openings !== undefined ? ['--door'] : []),
        ]),
        ...(stranger.encrypted ? { advice: 'it asks for the bind key, which the app of the tag shows' } : {}),
      };
    case 'iBeacon': {
      const { uuid = '', major, minor } = stranger;
      return { command: command(input, ['--uuid', uuid, ...given('--major', major), ...given('--minor', minor)]) };
    }
    case 'eddystone': {
      const { namespace = '', instance } = stranger;
      return { command: command(input, ['--namespace', namespace, ...given('--instance', instance)]) };
    }
    case 'mqtt':
      return mqttEnrolment(stranger);
    case 'modbus': {
      const { address, moved_input: pin, table } = stranger;
      if (table === undefined) {
        return { advice: 'it answers, and shows no inputs at address 0: see its manual for table: and firstAddress:' };
      }
      const inputs = pin === undefined ? [] : ['--pin', String(pin)];
      const advice = table === 'coils' ? { advice: 'its inputs are coils: write table: coils into its entry' } : {};
      return { command: command(input, ['--address', String(address), ...inputs]), ...advice };
    }
  }
}

function mqttEnrolment({ input, profile, topic, address, component, channels, offers }: MqttStranger): Enrolment {
  if (profile === undefined) {
    const advice = `no profile fits it: hardware/mqtt/README.md shows how topic ${topic} is written into site.yaml`;
    return { advice };
  }
  const tag = component === undefined ? given('--address', address) : ['--component', component];
  const keys = channels.length === 0 ? [] : ['--channel', channels.join(',')];
  const door = offers === 'doorContact' ? ['--door'] : [];
  return { command: command(input, ['--profile', profile, '--topic', topic, ...tag, ...keys, ...door]) };
}

function given(option: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [option, String(value)];
}

function command(input: string, options: readonly string[]): string {
  return [ADD, '--input', quoted(input), ...options.map(quoted)].join(' ');
}

/** Whatever a stranger calls itself, the shell takes it as one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
