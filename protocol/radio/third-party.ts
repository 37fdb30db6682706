import { asciiToBytes, bytesToAscii } from '../bytes.ts';
import { type Ax25Address, addressText, parseAddress } from './ax25.ts';

/**
 * Third-party traffic (APRS Protocol Reference 1.0.1, chapter 17): an igate hears a message on the
 * internet and sends it on the air in its own frame. `}SOURCE>DESTINATION,TCPIP,IGATE*:` comes
 * before the information.
 */
interface ThirdParty {
  /** Original sender, as the igate writes it. */
  readonly source: Ax25Address;
  readonly info: Uint8Array;
}

const HEADER = /^\}([A-Za-z0-9]{1,6})(?:-0*(\d{1,2}))?>([A-Za-z0-9-]{1,9})((?:,[A-Za-z0-9-]{1,9}\*?){0,9}):/;

/**
 * Returns `undefined` if the information is not third-party traffic, or if its source cannot be an
 * AX.25 station.
 */
export function parseThirdParty(info: Uint8Array): ThirdParty | undefined {
  const [header, call = '', ssid = '0'] = HEADER.exec(bytesToAscii(info)) ?? [];
  if (header === undefined) return undefined;
  const source = parseAddress(addressText({ call: call.toUpperCase(), ssid: Number(ssid) }));
  return source === undefined ? undefined : { source, info: info.slice(header.length) };
}

/** Returns the frame in which `igate` sends a message that `source` sent on the internet. */
export function encodeThirdParty(source: Ax25Address, igate: Ax25Address, info: Uint8Array): Uint8Array {
  const header = asciiToBytes(`}${addressText(source)}>APRS,TCPIP,${addressText(igate)}*:`);
  const whole = new Uint8Array(header.length + info.length);
  whole.set(header);
  whole.set(info, header.length);
  return whole;
}
