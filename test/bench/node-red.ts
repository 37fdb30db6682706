import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { progress } from '../rig/waiting.ts';
import type { Contestant, Place } from './contestant.ts';

/** Node-RED 4 is the last that runs on Node 20. */
const PACKAGES = ['node-red@4', 'node-red-node-serialport@2'];
const FUNCTION = fileURLToPath(new URL('peers/node-red-function.mjs', import.meta.url));
const { XDG_CACHE_HOME } = process.env;
const CACHE = join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'callpoint-bench/node-red');

/** A flow has to read the answer: without an ACK, DC-09 has delivered nothing. */
const ANSWERED = `if (!msg.payload.includes('"ACK"')) node.warn(msg.payload);`;

/** Node-RED with its serial, function and TCP nodes, installed outside the project. */
export function nodeRed(): Contestant {
  return {
    name: 'Node-RED',
    kind: 'peer',
    connections: () => 1,
    prepare: (place) => {
      writeFlow(place);
      const main = join(CACHE, 'node_modules/node-red/red.js');
      return {
        program: process.execPath,
        arguments: [
          main,
          '--userDir',
          place.directory,
          '--settings',
          join(place.directory, 'settings.js'),
          'flow.json',
        ],
        readyWhen: ['Started flows', ...place.lines.map((line) => `serial port ${line} opened`)],
      };
    },
  };
}

/** @throws Error with npm's own words if it cannot be installed */
export function installNodeRed(): void {
  if (existsSync(join(CACHE, 'node_modules/node-red/red.js'))) return;
  progress(`installing ${PACKAGES.join(' and ')} in ${CACHE}`);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, 'package.json'), '{ "private": true }\n');
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...PACKAGES], {
    cwd: CACHE,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm could not install Node-RED: ${stderr}`);
}

function writeFlow({ directory, lines, receiverPort }: Place): void {
  const settings = {
    uiPort: 0,
    uiHost: '127.0.0.1',
    httpAdminRoot: false,
    nodesDir: join(CACHE, 'node_modules/node-red-node-serialport'),
    logging: { console: { level: 'info', metrics: false, audit: false } },
  };
  writeFileSync(join(directory, 'settings.js'), `module.exports = ${JSON.stringify(settings)};\n`);
  const code = readFileSync(FUNCTION, 'utf8').replace('export ', '');
  const flow = [
    { id: 'flow', type: 'tab', label: 'presses' },
    ...lines.flatMap((path, line) => [
      {
        id: `port${line}`,
        type: 'serial-port',
        serialport: path,
        serialbaud: '115200',
        databits: '8',
        parity: 'none',
        stopbits: '1',
        newline: '\\0',
        bin: 'bin',
        out: 'char',
        addchar: '',
      },
      { id: `in${line}`, type: 'serial in', z: 'flow', serial: `port${line}`, wires: [[`frame${line}`]] },
      {
        id: `frame${line}`,
        type: 'function',
        z: 'flow',
        func: `${code}\nreturn reportOf(msg, ${line}, flow);`,
        outputs: 1,
        wires: [['out']],
      },
    ]),
    {
      id: 'out',
      type: 'tcp request',
      z: 'flow',
      server: '127.0.0.1',
      port: String(receiverPort),
      // The connection stays open, and every answer is a message.
      out: 'sit',
      ret: 'string',
      newline: '\\r',
      splitc: '0',
      wires: [['answer']],
    },
    { id: 'answer', type: 'function', z: 'flow', func: ANSWERED, outputs: 0, wires: [] },
  ];
  writeFileSync(join(directory, 'flow.json'), JSON.stringify(flow));
}
