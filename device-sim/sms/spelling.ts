/** How a modem writes its lines: as 3GPP TS 27.007 does, or as some do. */
type Spelling = 'usual' | 'blanks' | 'nul' | 'noise';

/** One line with its ends. */
export function spelt(line: string, spelling: Spelling): string {
  switch (spelling) {
    case 'usual':
      return `\r\n${line}\r\n`;
    // +CREG : 0 , 1
    case 'blanks':
      return `\r\n${line.startsWith('+') ? line.replace(/: ?/, ' : ').replaceAll(',', ' , ') : line} \r\n`;
    // LF only, and NUL in every pause.
    case 'nul':
      return `\0\n${[...line].join('\0')}\0\n`;
    // What a port carries while a modem starts.
    case 'noise':
      return `\xf8\x00~\x80\r\n^BOOT:12345678,0,0,0,6\r\n${line}\r\n`;
  }
}
