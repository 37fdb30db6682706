import { readRecording, readRequest, readSender } from '../../../gateway/control/control-requests.ts';
import { parseScope, scopeText } from '../../../protocol/drill-scope.ts';
import { COMMAND_BYTES_MAX, parseFields, readCommand } from '../../../protocol/gateway-command.ts';
import { withInputDefaults } from '../../../protocol/input-defaults.ts';
import { withProfile } from '../../../protocol/mqtt-profiles/with-profile.ts';
import { parseCommand } from '../../../protocol/mqtt-topics.ts';
import { readWalkTest } from '../../../protocol/read-walk-test.ts';
import { readRecordRequest } from '../../../protocol/recording/record-request.ts';
import { promise, same, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const NAMES = ['resolve', 'cancel', 'enrol', 'drill', 'canary', 'walk-test', 'constructor'];

/** A line at the control socket, or the payload of a command over MQTT. */
const command: FuzzTarget = {
  name: 'gateway-commands',
  seeds: [
    '{"command":"cancel","alert":"wb-101.3.4","reason":"false alarm","by":"jo"}',
    '{"command":"drill","action":"start","scope":"room:A/1/101","minutes":5,"reason":"drill","by":"jo"}',
    '{"command":"enrol","device":"tag-1","reason":"battery","by":"jo"}',
    '{"command":"walk-test","action":"start","scope":"site","minutes":60,"tester":"Jo","at":"2026-11-28T14:05:00Z","reason":"w","by":"jo"}',
    '{"command":"walk-test","action":"tick","output":"siren","reason":"w","by":"jo"}',
    '{"command":"record","for_ms":1000,"since_ms":5,"by":"jo"}',
    '{"command":"canary","reason":"now","by":"jo"}',
  ],
  words: [
    '"reason":',
    '"by":',
    '"scope":',
    '"minutes":',
    '"at":',
    '"action":"stop"',
    '"alert":',
    '"toString":1',
    '1e999',
    'null',
    '[',
    '{',
    '}',
    '\\u202e',
    '-0',
    '"__proto__":{}',
  ],
  lengthMax: COMMAND_BYTES_MAX,
  slowMs: 10,
  run: (input) => {
    const line = utf8(input);
    const sender = readSender(line);
    const request = readRequest(line);
    promise(typeof sender !== 'string' || !request.ok, 'nobody commands without a name');
    if (request.ok) promise(request.command.by.startsWith('cli:'), 'who asks is marked as a claim');
    readRecording(line);
    const fields = parseFields(line);
    if (fields !== undefined) {
      readRecordRequest(fields);
      readWalkTest(fields, { reason: 'r', by: 'b' });
    }
    for (const name of NAMES) {
      const received = { topic: `callpoint/v1/gw-1/cmd/${name}`, payload: line, by: 'user', retain: false };
      const result = parseCommand('gw-1', received);
      promise(!parseCommand('gw-1', { ...received, retain: true }).ok, 'no retained command is obeyed');
      if (!result.ok) continue;
      promise(result.command.by === 'user', 'a claim in the payload is ignored');
      const again = readCommand(result.command.command, JSON.parse(JSON.stringify(withTime(result.command))), 'user');
      same(again, result, 'the command as it is read again');
    }
  },
};

function withTime(command: object): object {
  return 'at' in command ? { ...command, at: new Date(Number(command.at)).toISOString() } : command;
}

const scopes: FuzzTarget = {
  name: 'drill-scopes',
  seeds: ['site', 'building:A', 'floor:A/1', 'room:A/1/101', 'device:wb-101'],
  words: ['site', 'building:', 'floor:', 'room:', 'device:', '/', '-', ' ', '.', 'ä'],
  lengthMax: 1_024,
  run: (input) => {
    const text = utf8(input);
    const scope = parseScope(text);
    if (scope !== undefined) same(scopeText(scope), text, 'a scope is written as it was read');
  },
};

/** What somebody wrote in site.yaml, before it is checked. */
const entries: FuzzTarget = {
  name: 'config-entries',
  seeds: [
    '{"profile":"zigbee2mqtt","topic":"z/room","buttons":[{"channel":1}],"points":[{"type":"doorContact"}]}',
    '{"profile":"shelly-blu-gateway","topic":"b","address":"B43522000102","battery":{"lowPercent":5},"buttons":[{"press":["single"]}]}',
    '{"inputs":[{"id":"a","defaults":{"buttons":[{"id":"x"}]}}],"devices":[{"input":"a","zone":5},{"input":1}]}',
  ],
  words: [
    '"profile":',
    '"toString":1',
    '"input":{',
    '"id":{',
    '"__proto__":',
    '"constructor":',
    'null',
    '[',
    ']',
    '{',
    '}',
    '"press":',
    '"release":',
    '"channel":',
    '"availability":',
  ],
  slowMs: 50,
  run: (input) => {
    const value: unknown = parseFields(utf8(input)) ?? utf8(input);
    withProfile(value);
    const once = withInputDefaults(value);
    same(withInputDefaults(once), once, 'what was inherited is not inherited again');
  },
};

export const commandTargets: readonly FuzzTarget[] = [command, scopes, entries];
