import fs from 'node:fs';
import { messageOf } from '../../protocol/errors.ts';

/** Why a port can't be used. A change of kind is news; a change of words within a kind is not. */
export interface PortTrouble {
  readonly kind: 'absent' | 'denied' | 'locked' | 'failed';
  /** Plain words for a person, with what to do. */
  readonly detail: string;
}

export function slow(port: string): PortTrouble {
  return { kind: 'failed', detail: `${port}: the system has not answered the request to open it` };
}

function absent(port: string): PortTrouble {
  return { kind: 'absent', detail: `${port} is not there: is the adapter plugged in?` };
}

/**
 * An open port hung up or its device node went. Of the kind `absent`: that it stays away is no
 * further news.
 */
export function unplugged(port: string, reason: string): PortTrouble {
  return { kind: 'absent', detail: `${port} went away (${reason}): is the adapter unplugged?` };
}

/** What serialport's words for a failed open mean. Its errors carry no code. */
export function openTrouble(port: string, error: unknown): PortTrouble {
  const message = messageOf(error);
  if (/no such (file|device)/i.test(message)) return absent(port);
  if (/permission denied/i.test(message)) return { kind: 'denied', detail: deniedDetail(port) };
  if (/cannot lock|resource busy|temporarily unavailable/i.test(message)) {
    return { kind: 'locked', detail: `${port} is locked: another program uses it` };
  }
  if (/inappropriate ioctl|is a directory/i.test(message)) {
    return { kind: 'failed', detail: `${port} is not a serial port` };
  }
  return { kind: 'failed', detail: `${port}: open failed: ${message.replace(/^Error:? /, '')}` };
}

const GROUP_MAY_READ_AND_WRITE = 0o060;

function deniedDetail(port: string): string {
  let stat: fs.Stats;
  try {
    stat = fs.statSync(port);
  } catch {
    return `${port}: permission denied: a directory above it may not be entered`;
  }
  if ((stat.mode & GROUP_MAY_READ_AND_WRITE) !== GROUP_MAY_READ_AND_WRITE) {
    return `${port}: permission denied: its group may not read and write it`;
  }
  return `${port}: permission denied: add the gateway's user to the group "${groupName(stat.gid)}"`;
}

function groupName(gid: number): string {
  const number = String(gid);
  try {
    const lines = fs.readFileSync('/etc/group', 'utf8').split('\n');
    return lines.map((line) => line.split(':')).find((fields) => fields[2] === number)?.[0] ?? number;
  } catch {
    // Without the list of names the number serves.
    return number;
  }
}
