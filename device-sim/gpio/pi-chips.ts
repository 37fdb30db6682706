/**
 * The GPIO chips of Raspberry Pi boards as their kernels present them: labels, numbers of the
 * device files, names of all lines. From the device trees of raspberrypi/linux and Linux
 * (`gpio-line-names` of `bcm2710-rpi-3-b.dts`, `bcm2710-rpi-zero-2-w.dts`, `bcm2711-rpi-4-b.dts`,
 * `bcm2711-rpi-cm4.dts`, `bcm2712-rpi-5-b.dts`) and from published outputs of `gpioinfo`.
 */

interface PiChip {
  /** Number of its device file: `/dev/gpiochip4`. */
  readonly number: number;
  readonly label: string;
  /** Line names, by offset; '' where the kernel has none. */
  readonly lines: readonly string[];
}

const HEADER_LINES = 28;

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Names by the function that the pin has on the schematic of the SoC. */
const SOC_HEADER = words(`
  ID_SDA ID_SCL SDA1 SCL1 GPIO_GCLK GPIO5 GPIO6 SPI_CE1_N SPI_CE0_N SPI_MISO SPI_MOSI SPI_SCLK
  GPIO12 GPIO13 TXD1 RXD1 GPIO16 GPIO17 GPIO18 GPIO19 GPIO20 GPIO21 GPIO22 GPIO23 GPIO24 GPIO25
  GPIO26 GPIO27`);

/**
 * Names by BCM number: Raspberry Pi's kernels since 2024 (raspberrypi/linux, pull request 5902).
 */
const BCM_HEADER = ['ID_SDA', 'ID_SCL', ...Array.from({ length: HEADER_LINES - 2 }, (_, index) => `GPIO${index + 2}`)];

/** Names by pin of the connector: the first kernels of the Pi 5. */
const CONNECTOR_HEADER = words(`
  ID_SD ID_SC PIN3 PIN5 PIN7 PIN29 PIN31 PIN26 PIN24 PIN21 PIN19 PIN23 PIN32 PIN33 PIN8 PIN10 PIN36
  PIN11 PIN12 PIN35 PIN38 PIN40 PIN15 PIN16 PIN18 PIN22 PIN37 PIN13`);

const PI_3_REST = words(`
  NC LAN_RUN_BOOT CTS0 RTS0 TXD0 RXD0 SD1_CLK SD1_CMD SD1_DATA0 SD1_DATA1 SD1_DATA2 SD1_DATA3
  PWM0_OUT PWM1_OUT ETH_CLK WIFI_CLK SDA0 SCL0 SMPS_SCL SMPS_SDA SD_CLK_R SD_CMD_R SD_DATA0_R
  SD_DATA1_R SD_DATA2_R SD_DATA3_R`);

const ZERO_2_REST = words(`
  HDMI_HPD_N STATUS_LED_N CTS0 RTS0 TXD0 RXD0 SD1_CLK SD1_CMD SD1_DATA0 SD1_DATA1 SD1_DATA2
  SD1_DATA3 CAM_GPIO1 WL_ON BT_ON WIFI_CLK SDA0 SCL0 SMPS_SCL SMPS_SDA SD_CLK_R SD_CMD_R SD_DATA0_R
  SD_DATA1_R SD_DATA2_R SD_DATA3_R`);

const PI_4_REST = words(`
  RGMII_MDIO RGMIO_MDC CTS0 RTS0 TXD0 RXD0 SD1_CLK SD1_CMD SD1_DATA0 SD1_DATA1 SD1_DATA2 SD1_DATA3
  PWM0_MISO PWM1_MOSI STATUS_LED_G_CLK SPIFLASH_CE_N SDA0 SCL0 RGMII_RXCLK RGMII_RXCTL RGMII_RXD0
  RGMII_RXD1 RGMII_RXD2 RGMII_RXD3 RGMII_TXCLK RGMII_TXCTL RGMII_TXD0 RGMII_TXD1 RGMII_TXD2
  RGMII_TXD3`);

const PI_5_REST = words(`
  PCIE_RP1_WAKE FAN_TACH HOST_SDA HOST_SCL ETH_RST_N - CD0_IO0_MICCLK CD0_IO0_MICDAT0
  RP1_PCIE_CLKREQ_N - CD0_SDA CD0_SCL CD1_SDA CD1_SCL USB_VBUS_EN USB_OC_N RP1_STAT_LED FAN_PWM
  CD1_IO0_MICCLK 2712_WAKE CD1_IO1_MICDAT1 EN_MAX_USB_CUR - - - -`);

const PI_5_SOC_BANKS = [
  words(`
    - 2712_BOOT_CS_N 2712_BOOT_MISO 2712_BOOT_MOSI 2712_BOOT_SCLK - - - - - - - - - PCIE_SDA PCIE_SCL
    - - - - PWR_GPIO 2712_G21_FS - - BT_RTS BT_CTS BT_TXD BT_RXD WL_ON BT_ON WIFI_SDIO_CLK
    WIFI_SDIO_CMD`),
  words('WIFI_SDIO_D0 WIFI_SDIO_D1 WIFI_SDIO_D2 WIFI_SDIO_D3'),
  words(`
    RP1_SDA RP1_SCL RP1_RUN SD_IOVDD_SEL SD_PWR_ON SD_CDET_N SD_FLG_N - 2712_WAKE 2712_STAT_LED - -
    PMIC_INT UART_TX_FS UART_RX_FS - -`),
  words('HDMI0_SCL HDMI0_SDA HDMI1_SCL HDMI1_SDA PMIC_SCL PMIC_SDA'),
];
const PI_5_SOC_LABELS = ['107d508500', '107d508520', '107d517c00', '107d517c20'].map((at) => `gpio-brcmstb@${at}`);

/** The SoC's own chips, none of which has a line on the header. */
function pi5Soc(from: number): PiChip[] {
  return PI_5_SOC_BANKS.map((lines, bank) => ({ number: from + bank, label: PI_5_SOC_LABELS[bank] ?? '', lines }));
}

const PI_3_EXPANDER = words('BT_ON WL_ON STATUS_LED LAN_RUN HDMI_HPD_N CAM_GPIO0 CAM_GPIO1 PWR_LOW_N');
const PI_4_EXPANDER = words('BT_ON WL_ON PWR_LED_OFF GLOBAL_RESET VDD_SD_IO_SEL CAM_GPIO SD_PWR_ON SD_OC_N');
const CM_4_EXPANDER = words('BT_ON WL_ON PWR_LED_OFF ANT1 VDD_SD_IO_SEL CAM_GPIO SD_PWR_ON ANT2');

const BCM2835 = 'pinctrl-bcm2835';
const BCM2711 = 'pinctrl-bcm2711';
export const RP1 = 'pinctrl-rp1';
const EXPANDER = 'raspberrypi-exp-gpio';

export const PI_5_LINES: readonly string[] = [...BCM_HEADER, ...PI_5_REST];

/** All chips of a board, by board and age of its kernel. */
export const PI_CHIPS = {
  // raspberrypi/linux issue 2760.
  'Pi 3 without names': [
    { number: 0, label: BCM2835, lines: Array<string>(54).fill('') },
    { number: 1, label: 'brcmvirt-gpio', lines: ['', ''] },
    { number: 2, label: EXPANDER, lines: Array<string>(8).fill('') },
  ],
  'Pi 3': [
    { number: 0, label: BCM2835, lines: [...SOC_HEADER, ...PI_3_REST] },
    { number: 1, label: 'brcmvirt-gpio', lines: ['', ''] },
    { number: 2, label: EXPANDER, lines: PI_3_EXPANDER },
  ],
  'Zero 2 W': [{ number: 0, label: BCM2835, lines: [...SOC_HEADER, ...ZERO_2_REST] }],
  'Pi 4': [
    { number: 0, label: BCM2711, lines: [...SOC_HEADER, ...PI_4_REST] },
    { number: 1, label: EXPANDER, lines: PI_4_EXPANDER },
  ],
  'Pi 4, names of 2024': [
    { number: 0, label: BCM2711, lines: [...BCM_HEADER, ...PI_4_REST] },
    { number: 1, label: EXPANDER, lines: PI_4_EXPANDER },
  ],
  CM4: [
    { number: 0, label: BCM2711, lines: [...SOC_HEADER, ...PI_4_REST] },
    { number: 1, label: EXPANDER, lines: CM_4_EXPANDER },
  ],
  'Pi 5, kernel of 2023': [...pi5Soc(0), { number: 4, label: RP1, lines: [...CONNECTOR_HEADER, ...PI_5_REST] }],
  // raspberrypi/linux pull request 6144: the header's chip is number 0, the SoC's own are 10 and
  // more.
  'Pi 5': [{ number: 0, label: RP1, lines: PI_5_LINES }, ...pi5Soc(10)],
} as const satisfies Record<string, readonly PiChip[]>;

/**
 * Offset of the line that a wire on the header reaches, by BCM number (`GPIO17`) or by one of the
 * names that kernels have given to it; `undefined` for a name of no pin.
 */
export function headerOffset(name: string): number | undefined {
  const number = Number(/^GPIO(\d+)$/.exec(name)?.[1] ?? -1);
  if (number >= 0) return number;
  const offset = [SOC_HEADER, BCM_HEADER, CONNECTOR_HEADER].map((names) => names.indexOf(name)).find((at) => at >= 0);
  return offset;
}
