/**
 * The 40-pin header of a Raspberry Pi and the chips its lines are on.
 *
 * On these chips the offset of a line is its BCM number, so that GPIO17 is line 17 whatever the
 * kernel calls it: GPIO17 in all, but GPIO4 also GPIO_GCLK (Linux, Debian, Ubuntu, Raspberry Pi OS
 * until 2024), PIN7 (first kernels of the Pi 5), or nothing at all (older kernels of the Pi 3).
 * The number of the device file says nothing: the header of a Pi 5 was gpiochip4 and is gpiochip0.
 */

/** Pi 1 to 3, Zero and Zero 2 W; Pi 4, 400 and CM4; Pi 5, 500 and CM5. */
const HEADER_CHIPS: ReadonlySet<string> = new Set(['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1']);

/**
 * Names that kernels give to lines of the header, by BCM number: only those that no kernel gives to
 * another line as well (TXD0 is GPIO14 on a Pi 2, and GPIO32 on a Pi 4).
 */
const KERNEL_NAMES: ReadonlyMap<string, number> = new Map([
  ['ID_SD', 0],
  ['ID_SDA', 0],
  ['ID_SC', 1],
  ['ID_SCL', 1],
  ['SDA1', 2],
  ['SCL1', 3],
  ['GPIO_GCLK', 4],
  ['SPI_CE1_N', 7],
  ['SPI_CE0_N', 8],
  ['SPI_MISO', 9],
  ['SPI_MOSI', 10],
  ['SPI_SCLK', 11],
  ['TXD1', 14],
  ['RXD1', 15],
]);

/** Highest BCM number on the header. */
export const HEADER_GPIO_MAX = 27;

export function hasHeader(chipLabel: string): boolean {
  return HEADER_CHIPS.has(chipLabel);
}

/** BCM number of a line that is written as GPIO17 or by a kernel's name; `undefined`: none. */
export function bcmNumber(line: string): number | undefined {
  const number = /^GPIO(\d{1,3})$/.exec(line)?.[1];
  return number === undefined ? KERNEL_NAMES.get(line) : Number(number);
}
