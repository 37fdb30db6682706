import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestant.ts';
import { nodeRed } from './node-red.ts';
import { writePressSite } from './press-site.ts';

const PEERS = fileURLToPath(new URL('peers/', import.meta.url));
/** The priority in hardware/package/callpoint.service. Every contestant has it. */
export const SERVICE_NICE = -5;

export function cFloor(program: string): Contestant {
  return {
    name: 'C floor',
    kind: 'floor',
    connections: () => 1,
    prepare: ({ receiverPort, lines }) => ({
      program,
      arguments: [String(receiverPort), ...lines],
      readyWhen: ['ready'],
    }),
  };
}

function nodeProgram(name: string, file: string): Contestant {
  return {
    name,
    kind: 'peer',
    connections: () => 1,
    prepare: ({ directory, receiverPort, lines }) => ({
      program: process.execPath,
      arguments: [join(PEERS, file), String(receiverPort), join(directory, 'journal'), ...lines],
      readyWhen: ['ready'],
    }),
  };
}

/** @param project the compiled project: `dist` of this one, or of another state to compare with */
export function callpoint(project: string, name: string, flags: readonly string[]): Contestant {
  return {
    name,
    kind: 'callpoint',
    connections: ({ connections }) => connections,
    prepare: ({ directory, book, lines, receiverPort, mqttPort, connections }) => {
      const file = writePressSite(directory, book, { lines, receiverPort, mqttPort, connections });
      const main = join(project, 'dist/gateway/cli/main.js');
      return {
        program: process.execPath,
        arguments: [...flags, main, 'run', '--config', file, '--data', join(directory, 'data')],
        readyWhen: ['"event":"ready"'],
        preparedWhen: '"event":"rehears',
      };
    },
  };
}

/** What a user would pick instead. */
export function peers(): Contestant[] {
  return [nodeProgram('bare Node', 'bare-node.mjs'), nodeProgram('serialport', 'serialport-node.mjs'), nodeRed()];
}
