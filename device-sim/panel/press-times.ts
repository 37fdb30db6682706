/** A later report of the same room is about something else, ms. */
const PRESS_MS = 120_000;

interface PressTime {
  readonly device: string;
  readonly atMs: number;
  /** The number of its room, by which short messages name it. */
  readonly room: string;
  readonly alert?: string;
  readonly arrivedOn: Set<string>;
}

/** When buttons were pressed, to tell how long an alert took to each far end. */
export class PressTimes {
  #presses: PressTime[] = [];

  pressed(press: Omit<PressTime, 'arrivedOn'>): void {
    const recent = this.#presses.filter(({ atMs }) => press.atMs - atMs < PRESS_MS);
    this.#presses = [...recent, { ...press, arrivedOn: new Set() }];
  }

  /**
   * Time from the press to the first byte of its alert on this path, in ms; `undefined` for what no
   * press caused, and for later reports about the same alert.
   */
  latencyOf(path: string, shown: { readonly id?: string; readonly text: string; readonly firstMs: number }) {
    const press = this.#presses.findLast((each) => shown.firstMs >= each.atMs && isOf(each, shown));
    if (press === undefined || press.arrivedOn.has(path)) return undefined;
    press.arrivedOn.add(path);
    return shown.firstMs - press.atMs;
  }
}

/** A wire without numbers leaves the alert's id to the gateway: it begins with the device's. */
function isOf({ device, alert, room }: PressTime, { id, text }: { readonly id?: string; readonly text: string }) {
  if (id?.includes('.')) return alert === undefined ? id.startsWith(`${device}.`) : id === alert;
  return room !== '' && text.split(/[\s,]+/).includes(room);
}
