import { asciiToBytes, bytesToAscii, concatBytes } from '../bytes.ts';

/** A part of a multipart body (RFC 2046 §5.1). */
export interface BodyPart {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: Uint8Array;
}

/** @param boundary must not occur in any part */
export function encodeMultipart(parts: readonly BodyPart[], boundary: string): Uint8Array {
  const pieces = parts.flatMap(({ headers, body }) => {
    const lines = headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
    return [asciiToBytes(`--${boundary}\r\n${lines}\r\n`), body, asciiToBytes('\r\n')];
  });
  return concatBytes(...pieces, asciiToBytes(`--${boundary}--\r\n`));
}

/** More parts than any message has. */
const PARTS_MAX = 16;

/**
 * Returns the parts of a body whose Content-Type is `type`; `undefined` if it is not a multipart or
 * is cut short.
 */
export function parseMultipart(type: string, body: Uint8Array): readonly BodyPart[] | undefined {
  const [, quoted, bare] =
    /^multipart\/[^;]+;(?:.*;)?\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  // The line end before a boundary belongs to the boundary.
  const pieces = `\r\n${bytesToAscii(body)}`.split(`\r\n--${boundary}`);
  const last = pieces.at(-1);
  if (pieces.length < 3 || pieces.length > PARTS_MAX + 2 || last?.startsWith('--') !== true) return undefined;
  return pieces.slice(1, -1).map(parsePart);
}

/** `piece` runs from after the boundary to before the line end of the next one. */
function parsePart(piece: string): BodyPart {
  const begun = piece.slice(piece.indexOf('\r\n'));
  const empty = begun.indexOf('\r\n\r\n');
  const head = empty < 0 ? begun : begun.slice(0, empty);
  const headers = head.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
  });
  return { headers, body: asciiToBytes(empty < 0 ? '' : begun.slice(empty + 4)) };
}
