/**
 * Every error that a person or a program can see, by code. There is one catalogue, so that code,
 * help and documents cannot diverge: `test/unit/errors.test.ts` checks that each code is thrown
 * somewhere and is in ARCHITECTURE.md's table.
 */
export const ERROR_CATALOGUE = {
  CONFIG_INVALID: 'the configuration has mistakes; each is listed with its file, line and what to write instead',
  CONFIG_UNREADABLE: 'a configuration file could not be read',
  KEYS_EXPOSED: 'the keys file can be read by other users of this machine',
  EDIT_REFUSED: 'an edit of the configuration was refused, and nothing was changed',
  DIRECTORY_NOT_EMPTY: 'init or restore would overwrite files that exist',
  ALREADY_RUNNING: 'another gateway runs on this data directory or journal',
  JOURNAL_UNREADABLE: 'the journal could not be read',
  JOURNAL_NOT_PROVEN: 'the journal is damaged or altered, so nothing is reported from it',
  REPORT_REFUSED: 'the report could not be made or written',
  PORT_TAKEN: 'a TCP port is in use by another program',
  BROKER_UNAVAILABLE: 'the MQTT broker could not be started or reached',
  GATEWAY_UNREACHABLE: 'no gateway is running on this data directory',
  COMMAND_REFUSED: 'the gateway did not carry out the command',
  BACKUP_INVALID: 'the file is no backup, or is damaged, cut off or of a later version',
  BACKUP_LOCKED: 'the backup is encrypted, and its passphrase is missing or wrong',
  BACKUP_FAILED: 'a backup could not be made or restored',
  RECORDING_FAILED: 'a recording could not be written or read',
  UPDATE_INVALID: 'the file is no update, or is damaged, cut off or altered',
  UPDATE_REFUSED: 'the update was not begun: nothing was changed',
  UPDATE_FAILED: 'the update could not be carried out, or was returned',
  NODE_UNREACHABLE: 'no wall node answers on the serial port, or the port could not be used',
  NODE_REFUSED: 'a wall node did not take its settings, or cannot have those of its device',
  SIMULATOR_UNREACHABLE: 'no simulator is serving this site',
  SIMULATOR_REFUSED: 'the simulator did not do it, or nothing can hear it',
  USAGE: 'the command was called with arguments that do not fit',
} as const;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** An error with a catalogue code; `message` says what happened and what to do next. */
export class CallpointError extends Error {
  override readonly name = 'CallpointError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the text of a thrown value. Libraries also throw values that are not errors. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
