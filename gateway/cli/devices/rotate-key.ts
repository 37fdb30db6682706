import { randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { findDevice } from '../../config/edit/device-edits.ts';
import { placeName, refused } from '../../config/edit/rooms.ts';
import { findSecret, freshSecret, type Secret, writeSecret } from '../../config/edit/rotate-key.ts';
import { SiteEdit } from '../../config/edit/site-edit.ts';
import { readWantedKeys } from '../../config/load.ts';
import { jsonText } from '../json-output.ts';
import type { Questions } from '../questions.ts';
import { dataDirectory } from '../site-options.ts';
import { terminalSafe } from '../terminal-safe.ts';
import { exchangeSteps, RELOAD, type Step } from './next-steps.ts';
import type { Change, EditOptions } from './run-edit.ts';

interface RotateOptions {
  readonly config: string;
  readonly showKey?: boolean;
  /** The new secret, where another side gives it. */
  readonly key?: string;
}

/** `callpoint keys rotate` */
export async function rotateKey(
  edit: SiteEdit,
  written: string,
  { config, key: given, showKey }: RotateOptions,
  questions: Questions | undefined,
): Promise<Change> {
  const secret = secretNamed(edit, config, written);
  const { name } = secret;
  const driver = secret.section === 'devices' ? findDevice(edit, name).driver : undefined;
  const isGiven = secret.form === 'givenText' || driver === 'ble';
  const fresh = given ?? (isGiven ? await asked(name, questions) : freshSecret(edit, secret, randomBytes));
  if (fresh === edit.secretOf(secret.section, name)) throw refused(`This is the key that ${name} has already.`);
  writeSecret(edit, secret, fresh);
  return {
    what: [`${name} gets a new ${secret.form === 'password' ? 'password' : 'key'}`],
    next: stepsFor(edit, secret),
    confirm: `The old ${secret.form === 'password' ? 'password' : 'key'} of ${name} is lost.`,
    more: { name, section: secret.section, ...(showKey === true ? { key: fresh } : {}) },
    ...(showKey === true ? { secrets: [`New key of ${name}: ${fresh}`] } : {}),
  };
}

/** `callpoint keys show`: prints one secret, for a set-up tool. Nothing else prints one. */
export async function showKey(options: EditOptions, written: string, out: (line: string) => void): Promise<void> {
  const edit = SiteEdit.read(options.config, dataDirectory(options));
  const secret = secretNamed(edit, options.config, written);
  const { section, name, form } = secret;
  const value = form === 'typedKey' ? textOf(edit.writtenSecret(section, name)) : edit.secretOf(section, name);
  if (value === undefined) throw refused(`The key of ${name} can't be read: see ${options.config} and its keys file.`);
  const fault = exposedOutput();
  if (fault !== undefined) process.stderr.write(`${terminalSafe(fault)}\n`);
  if (options.json !== true) {
    out(value);
    return;
  }
  const device = section === 'devices' ? findDevice(edit, name) : undefined;
  const place = device && {
    address: device.address,
    location: device.location,
    place: placeName(edit.site, device.location),
  };
  out(jsonText({ ok: true, name, section, key: value, ...place }));
}

/** A pipe is what a set-up tool reads. A file stays. */
function exposedOutput(): string | undefined {
  const output = fstatSync(1);
  if (!output.isFile() || (output.mode & 0o077) === 0) return undefined;
  return 'The key is now in a file that other users may read: run chmod 600 on it, and remove it after use.';
}

function secretNamed(edit: SiteEdit, config: string, written: string): Secret {
  const wanted = readWantedKeys(config);
  if (wanted === undefined) throw refused('The site is being changed by somebody else. Give the command again.');
  return findSecret(edit, wanted, written);
}

function textOf(written: unknown): string | undefined {
  const [text] = typeof written === 'object' && written !== null ? Object.values(written) : [];
  return typeof text === 'string' ? text : undefined;
}

async function asked(name: string, questions: Questions | undefined): Promise<string> {
  if (questions === undefined) throw refused(`The other side gives the key of ${name}: give it here with --key-stdin.`);
  return questions.askSecret(`New key of ${name}, as the other side has it`);
}

/**
 * In an order in which no alarm is lost: a path keeps what the far end refuses, and sends it again.
 */
function stepsFor(edit: SiteEdit, { section, name, form }: Secret): readonly Step[] {
  if (section === 'devices') {
    const { driver, address } = findDevice(edit, name);
    return exchangeSteps(driver, name, address);
  }
  const show: Step = { command: `callpoint keys show ${name}`, text: 'give it to the other side, never by e-mail' };
  if (section === 'mqtt') {
    return [
      { ...show, text: 'the new password' },
      RELOAD,
      {
        text: `Write it in ${name} at once: the broker turns it away until then. With a broker of your own, set it there before the reload`,
      },
    ];
  }
  if (form === 'givenText') return [RELOAD, { command: 'callpoint status', text: `path ${name} must be up` }];
  return [
    { ...show, text: 'agree with the receiver on a time, and give it the new key, never by e-mail' },
    {
      ...RELOAD,
      text: `give it when the receiver has changed its key. Until both have the new one, alarms on ${name} wait and are sent again, and the plan's other paths carry them`,
    },
    { command: 'callpoint status', text: `path ${name} must be up` },
  ];
}
