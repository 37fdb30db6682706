import fs from 'node:fs';
import { join } from 'node:path';

/** Where the firmware of a Pi reads its settings, newest place first. */
const CONFIG_FILES = ['boot/firmware/config.txt', 'boot/config.txt'];
const CONFIG_TXT = '/boot/firmware/config.txt';

/** What else a line of the header is for. */
interface SecondJob {
  /** Completes "GPIO8 …". */
  readonly what: string;
  /** How to get the line for a contact; completes "choose another line, or …". */
  readonly free: string;
}

const EEPROM: SecondJob = {
  what: 'reads the EEPROM of a HAT at start',
  free: `write force_eeprom_read=0 into ${CONFIG_TXT} and have no HAT with an EEPROM`,
};
const I2C: SecondJob = {
  what: 'has a fixed 1.8 kΩ pull-up and is an I2C bus',
  free: `remove dtparam=i2c_arm=on from ${CONFIG_TXT} (the pull-up stays, so that pull: down can't work)`,
};
const ONE_WIRE: SecondJob = {
  what: 'is the usual line of 1-Wire sensors, which then hold it',
  free: `see that ${CONFIG_TXT} has no dtoverlay=w1-gpio`,
};
const CHIP_SELECT: SecondJob = {
  what: 'is a chip select of SPI, which holds it with dtparam=spi=on',
  free: `remove dtparam=spi=on from ${CONFIG_TXT} and restart the Pi`,
};
const SPI: SecondJob = {
  what: 'is a line of the SPI bus, which a contact on it breaks without a word',
  free: `remove dtparam=spi=on from ${CONFIG_TXT} and restart the Pi`,
};
const SERIAL: SecondJob = {
  what: 'is the serial console',
  free: `remove enable_uart=1 from ${CONFIG_TXT} and console=serial0,115200 from cmdline.txt beside it`,
};
const SOUND: SecondJob = {
  what: 'belongs to the sound of this Pi (I2S)',
  free: `remove dtparam=i2s=on and the overlay of the sound card from ${CONFIG_TXT}`,
};

/**
 * By BCM number, from the Raspberry Pi documentation ("GPIO and the 40-pin header") and the device
 * trees (`spi0_pins`, `spi0_cs_pins`, `i2c1_pins`).
 */
const SECOND_JOBS: ReadonlyMap<number, SecondJob> = new Map([
  [0, EEPROM],
  [1, EEPROM],
  [2, I2C],
  [3, I2C],
  [4, ONE_WIRE],
  [7, CHIP_SELECT],
  [8, CHIP_SELECT],
  [9, SPI],
  [10, SPI],
  [11, SPI],
  [14, SERIAL],
  [15, SERIAL],
]);
/** Overlays that take a line by themselves, and the one they take unless they name another. */
const OVERLAY_LINES: ReadonlyMap<string, number> = new Map([
  ['w1-gpio', 4],
  ['w1-gpio-pi5', 4],
  ['w1-gpio-pullup', 4],
  ['gpio-ir', 18],
  ['gpio-shutdown', 3],
  ['gpio-poweroff', 26],
  ['gpio-fan', 12],
]);
const SOUND_LINES = [18, 19, 20, 21];
/**
 * First of the lines of each UART that an overlay switches on: TX, RX, and with ctsrts or rs485 two
 * more (overlays README of the Pi's kernel). A contact there breaks the UART, which no request of a
 * line refuses.
 */
const UART_LINES: ReadonlyMap<string, number> = new Map([
  ['uart2', 0],
  ['uart3', 4],
  ['uart4', 8],
  ['uart5', 12],
  ['uart0-pi5', 14],
  ['uart1-pi5', 0],
  ['uart2-pi5', 4],
  ['uart3-pi5', 8],
  ['uart4-pi5', 12],
]);

/**
 * What else the line is for: on this machine, if its config.txt says so, or else on any Pi.
 * @param root where /boot is
 */
export function secondJob(bcmNumber: number, root = '/'): SecondJob | undefined {
  return configured(bcmNumber, root) ?? SECOND_JOBS.get(bcmNumber);
}

function configured(bcmNumber: number, root: string): SecondJob | undefined {
  for (const line of configLines(root)) {
    const [, setting = '', value = ''] = /^(dtparam|dtoverlay)=(.*)$/.exec(line) ?? [];
    if (setting === 'dtparam' && /(^|,)i2s=on\b/.test(value) && SOUND_LINES.includes(bcmNumber)) return SOUND;
    if (setting !== 'dtoverlay') continue;
    if (takenBy(value).includes(bcmNumber))
      return { what: `is taken by ${line} in ${CONFIG_TXT}`, free: 'remove that line there' };
  }
  return undefined;
}

/** @param overlay what follows dtoverlay= */
function takenBy(overlay: string): number[] {
  const [name = '', ...parameters] = overlay.split(',');
  const uart = UART_LINES.get(name);
  if (uart !== undefined) {
    const count = parameters.some((each) => /^(ctsrts|rs485)/.test(each)) ? 4 : 2;
    return Array.from({ length: count }, (_, at) => uart + at);
  }
  const named = /(^|,)gpio(_?pin)?=(\d+)/.exec(overlay)?.[3];
  const taken = named === undefined ? OVERLAY_LINES.get(name) : Number(named);
  return taken === undefined ? [] : [taken];
}

function configLines(root: string): string[] {
  for (const file of CONFIG_FILES) {
    try {
      const lines = fs.readFileSync(join(root, file), 'utf8').split('\n');
      return lines.map((line) => line.trim()).filter((line) => !line.startsWith('#'));
    } catch {
      // Not there, or not ours to read: this may be no Pi.
    }
  }
  return [];
}
