import { userInfo } from 'node:os';

/** The person at the keyboard, even behind sudo. */
export function person(): string {
  const { SUDO_USER: behind } = process.env;
  if (behind !== undefined && behind !== '') return behind;
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in passwd, as in containers.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
