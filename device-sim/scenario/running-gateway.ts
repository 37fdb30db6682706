import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CERTIFICATES } from '../dry/dry-site.ts';
import { usageError } from '../errors.ts';
import { keysShape, siteShape } from '../site/site-shape.ts';
import { readYaml } from '../site/yaml-file.ts';
import { GatewayRun } from './gateway-run.ts';
import type { SchoolGateway, SchoolPlace } from './school.ts';

const NOT_OURS = 'this gateway is not the run’s own: run the scenario without --against running';

/** A gateway that somebody else has started. It is left running. */
export class RunningGateway implements SchoolGateway {
  readonly isRunning = true;
  readonly isOurs = false;
  readonly lastLines = '';
  readonly config: string;
  readonly data: string;
  readonly command: SchoolGateway['command'];

  constructor(file: string) {
    this.config = resolve(file);
    this.data = join(dirname(this.config), 'data');
    const { directory, needs } = { directory: dirname(this.config), needs: { nodeArguments: [], environment: {} } };
    this.command = (args) => new GatewayRun({ directory, needs }, () => undefined).command(args);
  }

  start(): void {
    throw new RangeError(NOT_OURS);
  }

  async stop(): Promise<void> {
    throw new RangeError(NOT_OURS);
  }

  async kill(): Promise<void> {
    throw new RangeError(NOT_OURS);
  }

  signal(): void {
    throw new RangeError(NOT_OURS);
  }
}

/**
 * The place of a site whose gateway runs, and the operator that the run logs in as.
 * @throws CallpointError USAGE, CONFIG_UNREADABLE, CONFIG_INVALID
 */
export function runningPlace(file: string): SchoolPlace & { readonly username: string; readonly password: string } {
  const site = readYaml(file, siteShape, 'core');
  const keys = readYaml(resolve(dirname(file), site.keys), keysShape, 'failsafe');
  const operator = site.mqtt.clients.find(({ name, role }) => role === 'operator' && keys.mqtt[name] !== undefined);
  const password = operator && keys.mqtt[operator.name];
  if (operator === undefined || password === undefined)
    throw usageError(`${file}: write a client with role: operator under mqtt: clients:, and its password in keys.yaml`);
  const directory = dirname(resolve(file));
  const pem = (name: string) => readFileSync(join(directory, name), 'utf8');
  const hasTls = existsSync(join(directory, CERTIFICATES.receiverKey));
  const tls = {
    certificate: hasTls ? pem(CERTIFICATES.receiver) : '',
    key: hasTls ? pem(CERTIFICATES.receiverKey) : '',
  };
  return { file, directory, needsCertificates: hasTls, username: operator.name, password, ...(hasTls ? { tls } : {}) };
}
