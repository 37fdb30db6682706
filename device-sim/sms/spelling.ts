/** The form of a modem's lines: as in 3GPP TS 27.007, or as some modems write them. */
type Spelling = 'usual' | 'blanks' | 'nul' | 'noise';

/** One line with its line ends. */
export function spelt(line: string, spelling: Spelling): string {
  switch (spelling) {
    case 'usual':
      return `\r\n${line}\r\n`;
    // For example `+CREG : 0 , 1`.
    case 'blanks':
      return `\r\n${line.startsWith('+') ? line.replace(/: ?/, ' : ').replaceAll(',', ' , ') : line} \r\n`;
    // LF only, and NUL in every pause.
    case 'nul':
      return `\0\n${[...line].join('\0')}\0\n`;
    // Bytes on a port while a modem starts.
    case 'noise':
      return `\xf8\x00~\x80\r\n^BOOT:12345678,0,0,0,6\r\n${line}\r\n`;
  }
}
