import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT, reachable, type SourceFile, sourceFiles } from './source-files.ts';

const protocol = sourceFiles('protocol');
const gateway = sourceFiles('gateway');
const simulator = sourceFiles('device-sim');
const shipped = [...protocol, ...gateway, ...simulator];
const everything = [...shipped, ...sourceFiles('test')];
const byPath = new Map(everything.map((file) => [file.path, file]));

/** What makes the drivers, what rehearses their codecs, and what looks for new devices. */
const ROOT: readonly string[] = [
  'gateway/gateway.ts',
  'gateway/driver-makers.ts',
  'gateway/rehearsal/effect-codecs.ts',
  'gateway/discovery/searches.ts',
];

const inside = (folder: string) => (file: SourceFile) => file.path.startsWith(`${folder}/`);
const core = gateway.filter(inside('gateway/core'));

/** It lives the gateway's own code on simulated time; the twins share nothing with the gateway. */
const swarm = simulator.filter(inside('device-sim/swarm'));
const twins = simulator.filter((file) => !swarm.includes(file));
const withoutSwarm = new Map([...byPath].filter(([, file]) => !swarm.includes(file)));

/** Forbidden imports of each of these files, as "file → import". */
function offences(files: readonly SourceFile[], allowed: (name: string) => boolean, all = byPath): string[] {
  return files.flatMap((file) =>
    [...reachable(file, all)].filter((name) => !allowed(name)).map((name) => `${file.path} → ${name}`),
  );
}

test('the sources are really read: every import of the project leads to a file that exists', () => {
  expect(protocol.length).toBeGreaterThan(15);
  expect(core.length).toBeGreaterThan(15);
  expect(simulator.length).toBeGreaterThan(20);
  const missing = shipped.flatMap(({ path, imports }) =>
    imports.flatMap(({ file }) => (file === undefined || existsSync(join(PROJECT, file)) ? [] : [`${path} → ${file}`])),
  );
  expect(missing).toEqual([]);
  const gatewayReaches = reachable(byPath.get('gateway/cli/main.ts') ?? never(), byPath);
  for (const name of ['gateway/gateway.ts', 'gateway/journal/journal-thread.ts', 'serialport', 'aedes']) {
    expect(gatewayReaches).toContain(name);
  }
});

describe('who may know whom', () => {
  test('protocol imports nothing but itself', () => {
    expect(offences(protocol, (name) => name.startsWith('protocol/'))).toEqual([]);
  });

  test('gateway/core imports nothing but itself and protocol', () => {
    expect(offences(core, (name) => /^(protocol|gateway\/core)\//.test(name))).toEqual([]);
  });

  test('device-sim imports nothing of gateway or test, except how YAML is read and mistakes are shown', () => {
    // A mistake in a scenario is shown as one in site.yaml. The twins share nothing with the
    // gateway.
    const reading = /^gateway\/config\/(read\/|schema\/schema-mistakes\.ts$)/;
    const isAllowed = (name: string) => !/^(gateway|test)\//.test(name) || reading.test(name);
    expect(offences(twins, isAllowed, withoutSwarm)).toEqual([]);
    const readers = twins.filter(({ imports }) => imports.some(({ file }) => file?.startsWith('gateway/') === true));
    expect(readers.map(({ path }) => path).filter((path) => !path.startsWith('device-sim/scenario/'))).toEqual([]);
  });

  test('only the commands of device-sim know its swarm', () => {
    expect(swarm.length).toBeGreaterThan(20);
    const users = twins.filter(({ imports }) => imports.some(({ file }) => file?.startsWith('device-sim/swarm/')));
    expect(users.map(({ path }) => path).filter((path) => !path.startsWith('device-sim/cli/'))).toEqual([]);
  });

  test('gateway imports nothing of device-sim or test', () => {
    expect(offences(gateway, (name) => !/^(device-sim|test)\//.test(name))).toEqual([]);
  });

  test('only the composition root knows drivers; the configuration knows their settings, as types', () => {
    const driverOf = (path: string) => /^(gateway\/(?:inputs|paths)\/[^/]+)\//.exec(path)?.[1];
    const strangers = gateway.flatMap(({ path, imports }) =>
      imports
        .filter(({ file }) => file !== undefined && driverOf(file) !== undefined && driverOf(file) !== driverOf(path))
        .filter(({ file, typeOnly }) => {
          const settings = typeOnly && file?.endsWith('/settings.ts') === true && path.startsWith('gateway/config/');
          return !ROOT.includes(path) && !settings;
        })
        .map(({ file }) => `${path} → ${file}`),
    );
    expect(strangers).toEqual([]);
  });

  test('no driver knows another, the journal or MQTT', () => {
    const drivers = gateway.filter(({ path }) => /^gateway\/(inputs|paths)\/[^/]+\//.test(path));
    const own = (path: string) => path.split('/').slice(0, 3).join('/');
    const strangers = drivers.flatMap((file) =>
      [...reachable(file, byPath)]
        .filter((name) => /^gateway\/(inputs\/.+\/|paths\/.+\/|journal\/|mqtt\/|config\/)/.test(name))
        .filter((name) => own(name) !== own(file.path))
        .map((name) => `${file.path} → ${name}`),
    );
    expect(strangers).toEqual([]);
  });

  test.each([
    ['serialport', ['gateway/serial/']],
    ['aedes', ['gateway/mqtt/', 'device-sim/mqtt/broker-process.ts']],
    ['mqtt', ['gateway/mqtt/', 'gateway/inputs/mqtt-devices/', 'device-sim/demo/', 'device-sim/mqtt/']],
    [
      'koffi',
      [
        'gateway/system/libc.ts',
        'gateway/inputs/ble/',
        'gateway/inputs/gpio/',
        'gateway/serial/',
        'device-sim/pty/',
        'device-sim/gpio/',
      ],
    ],
    ['@serialport/bindings-cpp', ['gateway/inputs/gpio/']],
    ['johnny-five', ['gateway/inputs/gpio/', 'gateway/inputs/firmata/']],
    ['firmata-io', ['gateway/inputs/firmata/']],
    ['modbus-serial', ['gateway/inputs/modbus/']],
    ['@abandonware/noble', ['gateway/inputs/ble/']],
    ['commander', ['gateway/cli/', 'device-sim/cli/', 'device-sim/start.ts']],
    [
      'zod',
      ['gateway/config/', 'device-sim/site/', 'device-sim/demo/', 'device-sim/scenario/', 'device-sim/swarm/life/'],
    ],
    ['any-ascii', ['gateway/config/fields/latin-spelling.ts']],
    ['yaml', ['gateway/config/', 'device-sim/site/', 'device-sim/scenario/', 'device-sim/dry/']],
    ['pino', ['gateway/system/log.ts']],
    ['saxes', ['gateway/paths/cap/']],
    ['pdfkit', ['gateway/print/']],
  ])('%s is imported only where it belongs', (name, places) => {
    const users = shipped.filter(({ imports }) =>
      imports.some(({ specifier, typeOnly }) => (specifier === name || specifier.startsWith(`${name}/`)) && !typeOnly),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(users.map(({ path }) => path).filter((path) => !places.some((place) => path.startsWith(place)))).toEqual([]);
  });
});

describe('the pure part', () => {
  test.each([
    'Math.random',
    'Date',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'performance',
    'process',
    'Buffer',
    'console',
    'fetch',
    'crypto',
    'globalThis',
  ])('never uses %s', (name) => {
    const used = new RegExp(`(?<![.\\w'-])${name.replace('.', '\\.')}(?![\\w'-]|: )`);
    const users = [...protocol, ...core].filter(({ code }) => used.test(withoutTexts(code)));
    expect(users.map(({ path }) => path)).toEqual([]);
  });
});

describe('rooms', () => {
  test('no source file is longer than 350 lines', () => {
    // A test file may be as long as its promises. Code may not.
    const code = everything.filter(({ path }) => !path.endsWith('.test.ts'));
    expect(code.filter(({ text }) => text.split('\n').length > 350).map(({ path }) => path)).toEqual([]);
  });

  test('no file only passes on what others export', () => {
    const passing = everything.filter(({ code }) =>
      /^\s*export\s+(type\s+)?(\*|\{[^}]*\})\s*(as \w+\s*)?from/m.test(code),
    );
    expect(passing.map(({ path }) => path)).toEqual([]);
    expect(everything.map(({ path }) => path).filter((path) => path.endsWith('/index.ts'))).toEqual([]);
  });

  test('nothing is exported as default', () => {
    const defaults = shipped.filter(({ code }) => /^export default\b/m.test(code));
    expect(defaults.map(({ path }) => path)).toEqual([]);
  });

  test('no caught error is dropped without a word', () => {
    const empty = shipped.filter(({ text }) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(text));
    expect(empty.map(({ path }) => path)).toEqual([]);
  });
});

test('no log call is given a key, a password or a secret', () => {
  const calls = gateway.flatMap(({ path, code }) =>
    [...code.matchAll(/\b(?:log|logger)(?:\.(?:trace|debug|info|warn|error|fatal)|\[[^\]]+\])?\(([\s\S]*?)\);/g)].map(
      ([call]) => ({ path, call }),
    ),
  );
  expect(calls.length).toBeGreaterThan(10);
  const secret = /\b\w*(password|secret|credential|privateKey|\bkey\b|Keys?\b(?!\())\w*/i;
  const telling = calls.filter(({ call }) => secret.test(withoutTexts(call)));
  expect(telling).toEqual([]);
});

/**
 * Returns code without quoted text: a word in a message is not a use of it. Substitutions in
 * templates are code and stay.
 */
function withoutTexts(code: string): string {
  return code
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replace(/`(?:[^`\\]|\\.)*`/g, (text) =>
      [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, inner]) => `(${inner})`).join(' '),
    );
}

function never(): never {
  throw new Error('a file the tests rely on is gone');
}
