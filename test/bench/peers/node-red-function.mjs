/**
 * What Node-RED's function node does with a message of the serial node: the bytes up to a zero, the
 * delimiter of a frame. node-red.ts puts the call after it.
 */
export function reportOf(msg, line, flow) {
  const body = msg.payload[msg.payload.length - 1] === 0 ? msg.payload.subarray(0, -1) : msg.payload;
  if (body.length < 22) return null;
  const raw = Buffer.alloc(body.length - 1);
  let to = 0;
  for (let from = 0; from < body.length; ) {
    const end = from + body[from];
    if (body[from] === 0 || end > body.length) return null;
    for (from++; from < end; ) raw[to++] = body[from++];
    if (from < body.length) raw[to++] = 0;
  }
  if (raw[0] !== 1 || raw[2] !== 1) return null;
  const sequence = ((flow.get('sequence') ?? 0) % 9999) + 1;
  flow.set('sequence', sequence);
  const id = `p${line}a${raw[1]}.${raw.readUInt32LE(3)}.${raw.readUInt32LE(7)}`;
  const zone = String(raw[1]).padStart(3, '0');
  const text = `"SIA-DCS"${String(sequence).padStart(4, '0')}L0#1234[#1234|NPA${zone}^Room ${raw[1]} (${id})^]`;
  let crc = 0;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  const hex4 = (value) => value.toString(16).toUpperCase().padStart(4, '0');
  msg.payload = `\n${hex4(crc)}${hex4(text.length)}${text}\r`;
  return msg;
}
