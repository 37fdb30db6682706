/** The parameters that decide how long frames occupy a channel. */
export interface AirSpeed {
  /** Bit rate of the modem on the air, 1200 for Bell 202 AFSK. */
  readonly bitsPerSecond: number;
  /** Time from key-up to the first bit. */
  readonly txDelayMs: number;
  /** Time from the last bit to the end of the transmission. */
  readonly txTailMs: number;
}

const FLAG_BITS = 8;
const CHECK_SEQUENCE_BITS = 16;

/**
 * Returns the air time of a single AX.25 frame, with its flags, check sequence and stuffed bits
 * (AX.25 2.2 §3.6).
 */
export function frameAirMs(frame: Uint8Array, air: AirSpeed): number {
  const bits = 2 * FLAG_BITS + 8 * frame.length + stuffedBits(frame) + CHECK_SEQUENCE_BITS;
  return air.txDelayMs + air.txTailMs + (bits * 1_000) / air.bitsPerSecond;
}

/** Counts stuffed bits: a zero follows each run of five ones. */
function stuffedBits(frame: Uint8Array): number {
  let stuffed = 0;
  let ones = 0;
  for (const byte of frame) {
    for (let bit = 0; bit < 8; bit++) {
      ones = ((byte >> bit) & 1) === 1 ? ones + 1 : 0;
      if (ones < 5) continue;
      stuffed += 1;
      ones = 0;
    }
  }
  return stuffed;
}

/**
 * Bytes around a message's text: destination and source, control and PID, `:addressee:`, `{` and an
 * id of four digits, flags and check sequence.
 */
const MESSAGE_BYTES = 14 + 2 + 11 + 5 + 4;
const DIGIPEATER_BYTES = 7;
/** The same for an acknowledgement: `:addressee:ack` and the id replace text and id. */
const ACK_BYTES = MESSAGE_BYTES - 5 + 7;
/** Random bits are stuffed once in 62 (32 of 2,016). Text and addresses are stuffed less often. */
const STUFFING = 63 / 62;

interface MessageAirTime {
  /** Air time of a message without text. */
  readonly messageMs: number;
  /** Air time of each character of its text. */
  readonly characterMs: number;
  readonly ackMs: number;
}

export function messageAirTime(air: AirSpeed, digipeaters: number): MessageAirTime {
  const characterMs = (8_000 / air.bitsPerSecond) * STUFFING;
  const keyed = air.txDelayMs + air.txTailMs + digipeaters * DIGIPEATER_BYTES * characterMs;
  return {
    messageMs: keyed + MESSAGE_BYTES * characterMs,
    characterMs,
    ackMs: keyed + ACK_BYTES * characterMs,
  };
}
