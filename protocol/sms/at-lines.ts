/**
 * An error of a modem: its family, and its number or text. Text comes from a modem that was set to
 * it (AT+CMEE=2) or that has no numbers.
 */
export type AtError =
  | { readonly family: 'plain' }
  | { readonly family: 'CME' | 'CMS'; readonly code: number }
  | { readonly family: 'CME' | 'CMS'; readonly words: string };

/** A result code that ends an answer (ITU-T V.250 §5.7.1, 3GPP TS 27.007 §9). */
type FinalResult = { readonly ok: true } | { readonly ok: false; readonly error: AtError };

/**
 * Returns `undefined` if the line ends no answer. Result codes of calls (`NO CARRIER`, `BUSY` …)
 * end none either: the gateway makes no calls, so they belong to another program's.
 */
export function finalResult(line: string): FinalResult | undefined {
  if (line === 'OK') return { ok: true };
  if (line === 'ERROR' || line === 'ABORTED' || line === 'COMMAND NOT SUPPORT') {
    return { ok: false, error: { family: 'plain' } };
  }
  const [, family, said] = /^\+(CME|CMS) ERROR\s*:\s*(.{1,100})/.exec(line) ?? [];
  if ((family !== 'CME' && family !== 'CMS') || said === undefined) return undefined;
  const error: AtError = /^\d{1,5}$/.test(said) ? { family, code: Number(said) } : { family, words: printable(said) };
  return { ok: false, error };
}

/**
 * Reads the reply of a centre that has accepted a message (3GPP TS 27.005 §3.5.1). The result code
 * `OK` follows.
 */
export function isMessageReference(line: string): boolean {
  return /^\+CMGS\s*:\s*\d/.test(line);
}

/** Messages of modems that have just started. Any command in progress is lost. */
export function saysItStarted(line: string): boolean {
  return /^(RDY|START|MODEM:STARTUP|\^SYSSTART.{0,40})$/.test(line);
}

/** Messages for a SIM card that was removed or is not there yet. */
export function saysSimLost(line: string): boolean {
  return /^\+CPIN\s*:\s*NOT (READY|INSERTED)$/.test(line);
}

/*
 * Answers to queries. Blanks around a colon or a comma mean nothing: the space in
 * `+CREG: <n>,<stat>` is a convention only (3GPP TS 27.007 §4.1, ITU-T V.250 §5.7.2), and some
 * modems also write one after the comma.
 */
/**
 * An answer to `AT+CREG?` or `AT+CEREG?`. The unsolicited form has one number only, or a quoted
 * area code after it (3GPP TS 27.007 §7.2).
 */
export const REGISTRATION = /^\+CE?REG\s*:\s*\d\s*,\s*(\d{1,2})\s*(,|$)/;
export const SIGNAL = /^\+CSQ\s*:\s*(\d{1,2})\s*,/;
export const PIN_STATE = /^\+CPIN\s*:\s*"?([A-Z0-9 -]{1,30})"?$/;
export const ERROR_STYLE = /^\+CMEE\s*:\s*(\d)/;
/** 0: minimum functionality, 1: full, 4: no radio (3GPP TS 27.007 §8.2). */
export const FUNCTIONALITY = /^\+CFUN\s*:\s*(\d{1,3})/;
/**
 * Tries left: by the standard command (3GPP TS 27.007 §8.65), or from the SIM card itself (§8.17,
 * ETSI TS 102 221 §11.1.9).
 */
export const PIN_TRIES = /^\+CPINR\s*:\s*"?SIM PIN"?\s*,\s*(\d{1,2})/;
export const PIN_TRIES_OF_CARD = /^\+CSIM\s*:\s*4\s*,\s*"?63C([0-9A-F])"?$/i;

export type Registration = 'home' | 'roaming' | 'searching' | 'denied' | 'none';

/**
 * @param stat as the modem reports it (3GPP TS 27.007 §7.2); SMS-only registrations (6, 7) are
 * sufficient
 */
export function registrationOf(stat: string | undefined): Registration {
  switch (stat) {
    case '1':
    case '6':
      return 'home';
    case '5':
    case '7':
      return 'roaming';
    case '2':
      return 'searching';
    case '3':
      return 'denied';
    default:
      return 'none';
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
