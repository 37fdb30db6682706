/** Control bytes of TAP 1.8. */
export const STX = 0x02;
export const ETX = 0x03;
export const EOT = 0x04;
export const ACK = 0x06;
export const LF = 0x0a;
export const CR = 0x0d;
export const NAK = 0x15;
export const ETB = 0x17;
export const SUB = 0x1a;
export const ESC = 0x1b;
export const RS = 0x1e;
export const US = 0x1f;
