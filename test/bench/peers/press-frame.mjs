/** What the Node contestants share: the frame of a press in, a DC-09 message out. */

const CRC = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});
const PRESS = 1;

let sequence = 0;

/** Returns the DC-09 message of a press; `undefined` for anything else. */
export function messageOf(line, body) {
  const raw = decodeCobs(body);
  if (raw === undefined || raw.length < 21 || raw[0] !== 1 || raw[2] !== PRESS) return undefined;
  const id = `p${line}a${raw[1]}.${raw.readUInt32LE(3)}.${raw.readUInt32LE(7)}`;
  sequence = (sequence % 9999) + 1;
  const zone = String(raw[1]).padStart(3, '0');
  const text = `"SIA-DCS"${String(sequence).padStart(4, '0')}L0#1234[#1234|NPA${zone}^Room ${raw[1]} (${id})^]`;
  return `\n${hex4(crc16(text))}${hex4(text.length)}${text}\r`;
}

/** Returns a function that takes the bytes of a line and calls `onBody` with each frame's body. */
export function splitter(onBody) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0)) {
      if (end > 0) onBody(bytes.subarray(0, end));
      bytes = bytes.subarray(end + 1);
    }
    rest = Buffer.from(bytes);
  };
}

function decodeCobs(body) {
  const raw = Buffer.alloc(body.length - 1);
  let to = 0;
  for (let from = 0; from < body.length; ) {
    const end = from + body[from];
    if (body[from] === 0 || end > body.length) return undefined;
    for (from++; from < end; ) raw[to++] = body[from++];
    if (from < body.length) raw[to++] = 0;
  }
  return raw;
}

function crc16(text) {
  let crc = 0;
  for (let i = 0; i < text.length; i++) crc = (crc >> 8) ^ (CRC[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0);
  return crc;
}

function hex4(value) {
  return value.toString(16).toUpperCase().padStart(4, '0');
}
