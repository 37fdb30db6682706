import type { PortSettings } from '../../serial/polled-port.ts';
import type { TapSerialLine } from './settings.ts';

const PARITY = { N: 'none', E: 'even', O: 'odd' } as const;

/** `7O1`: seven data bits, odd parity, one stop bit. */
export function portSettings({ baudRate, framing }: Pick<TapSerialLine, 'baudRate' | 'framing'>): PortSettings {
  const [dataBits, parity = 'N', stopBits] = framing;
  return {
    baudRate,
    dataBits: dataBits === '7' ? 7 : 8,
    parity: PARITY[parity as keyof typeof PARITY],
    stopBits: stopBits === '2' ? 2 : 1,
  };
}
