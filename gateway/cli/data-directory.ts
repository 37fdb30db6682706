import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { controlSocketPath, isAnswered, proveWritable } from '../control/socket-file.ts';
import { JOURNAL_LOCK, type LockOwner, takeDirectory } from '../journal/directory-lock.ts';
import { nodeJournalFiles } from '../journal/journal-files.ts';
import { processOwner } from '../journal/process-owner.ts';

const GATEWAY_LOCK = 'gateway.lock';
/** Longest wait for a disk that hangs, ms. */
const PATIENCE_MS = 3_000;

/**
 * Takes the data directory for this process, before anything is opened: two gateways on one
 * directory would send a centre contradictory messages under one account. Only a living gateway
 * keeps another one from starting. The lock is never released: the next gateway finds that its
 * owner is gone.
 *
 * @param journalDirectories may be shared with a gateway on another data directory
 * @returns why it could not be taken although no other gateway was found (the disk is full,
 * read-only or hangs); undefined if it was taken
 * @throws CallpointError ALREADY_RUNNING
 */
export async function claimDataDirectory(
  directory: string,
  journalDirectories: readonly string[],
  owner: LockOwner,
): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, `the disk has not answered for ${PATIENCE_MS / 1000} s`);
  });
  try {
    return await Promise.race([claim(directory, journalDirectories, owner), hangs]);
  } finally {
    clearTimeout(timer);
  }
}

/** A gateway lives on the data directory: its lock or its socket says so. */
export async function gatewayRuns(directory: string): Promise<boolean> {
  const lock = await readFile(join(directory, GATEWAY_LOCK), 'utf8').catch(() => '');
  return processOwner('asks').isAlive(lock) || isAnswered(controlSocketPath(directory), 'only if it answers');
}

async function claim(
  directory: string,
  journalDirectories: readonly string[],
  owner: LockOwner,
): Promise<string | undefined> {
  await refuseIfHeld(directory, GATEWAY_LOCK, owner);
  for (const each of journalDirectories) await refuseIfHeld(each, JOURNAL_LOCK, owner);
  const socket = controlSocketPath(directory);
  if (await isAnswered(socket, 'only if it answers')) refuse(directory, `it answers at ${socket}`);
  try {
    await proveWritable(directory);
    const holder = takeDirectory(nodeJournalFiles(), directory, owner, GATEWAY_LOCK);
    if (holder !== undefined) refuse(directory, holder);
  } catch (error) {
    if (error instanceof CallpointError) throw error;
    return messageOf(error);
  }
  return undefined;
}

async function refuseIfHeld(directory: string, lock: string, owner: LockOwner): Promise<void> {
  let holder: string;
  try {
    holder = await readFile(join(directory, lock), 'utf8');
  } catch {
    // There is no lock, or no readable one: nothing shows a living gateway here.
    return;
  }
  if (owner.isAlive(holder)) refuse(directory, holder);
}

function refuse(directory: string, holder: string): never {
  const pid = /^pid (\d+) /.exec(holder)?.[1];
  const who = pid === undefined ? holder : `process ${pid}`;
  const what = `Another gateway already runs on ${directory}: ${who}`;
  throw new CallpointError('ALREADY_RUNNING', `${what}. Stop it first, or give this one a directory of its own.`);
}
