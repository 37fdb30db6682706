import type { StatusDocument } from '../../protocol/status-document.ts';
import { stillUnknown } from '../demo/gateway-status.ts';
import type { FarEnd } from '../site/far-end.ts';
import { monotonicMs, type Shown } from '../site/screen.ts';
import type { SimulatedSite } from '../site/site-file.ts';
import type { WireNotice } from '../site/wire.ts';
import type { ArrivalView, DeviceView, EndView, FloorView, GatewayView, NoticeView, PanelView } from './panel-view.ts';
import { PressTimes } from './press-times.ts';

const NOTICES_MAX = 50;
const ARRIVALS_MAX = 200;

type Fault = 'cut' | 'jammed';
type DeviceState = Pick<DeviceView, 'led' | 'isDoorOpen' | 'isUnlocked' | 'isHeld'>;
type Still = Pick<DeviceView, 'id' | 'room' | 'input' | 'buttons' | 'hasDoor' | 'hasBolt'> & {
  readonly floor: string;
  readonly roomNumber: string;
};

/** What the panel knows. Times come as arguments, and as local times for a person. */
export class PanelState {
  readonly #title: string;
  readonly #devices: readonly Still[];
  readonly #inputs: readonly { readonly id: string; readonly driver: string }[];
  readonly #ends: readonly Pick<FarEnd, 'path' | 'driver'>[];
  readonly #states = new Map<string, DeviceState>();
  readonly #faults = new Map<string, Fault>();
  readonly #notices = new Map<string, NoticeView[]>();
  readonly #behaviours = new Map<string, string>();
  readonly #counts = new Map<string, { count: number; latencyMs?: number }>();
  readonly #presses = new PressTimes();
  #arrivals: ArrivalView[] = [];
  #status: StatusDocument | undefined;
  #message = { text: '', isBad: false };
  gateway: GatewayView['state'] = 'none';

  constructor(site: SimulatedSite, ends: readonly Pick<FarEnd, 'path' | 'driver'>[]) {
    this.#title = site.name;
    this.#devices = stillDevices(site);
    this.#inputs = [
      ...site.lines.map(({ input }) => ({ id: input, driver: 'button-bus' })),
      ...site.inputs.map(({ id, driver }) => ({ id, driver })),
    ];
    this.#ends = ends;
  }

  say(text: string, isBad = false): void {
    this.#message = { text, isBad };
  }

  change(device: string, changed: Partial<DeviceState>): void {
    this.#states.set(device, { ...this.state(device), ...changed });
  }

  state(device: string): DeviceState {
    return this.#states.get(device) ?? { isDoorOpen: false, isUnlocked: false, isHeld: false };
  }

  pressed(device: string, alert: string | undefined): void {
    const room = this.#devices.find(({ id }) => id === device)?.roomNumber ?? '';
    this.#presses.pressed({ device, atMs: monotonicMs(), room, ...(alert === undefined ? {} : { alert }) });
  }

  fault(input: string): Fault | undefined {
    return this.#faults.get(input);
  }

  setFault(input: string, fault: Fault | undefined): void {
    if (fault === undefined) this.#faults.delete(input);
    else this.#faults.set(input, fault);
  }

  behaves(path: string, how: string): void {
    this.#behaviours.set(path, how);
  }

  heard({ input, device, isToGateway, text }: WireNotice, time: string): void {
    const notice = { time, isToGateway, text: device === undefined ? text : `${device} ${text}` };
    this.#notices.set(input, [notice, ...(this.#notices.get(input) ?? [])].slice(0, NOTICES_MAX));
  }

  arrived(paths: readonly string[], shown: Shown, time: string): void {
    const path = paths.join(', ');
    const isReport = shown.type !== 'remark';
    const latencyMs = isReport ? this.#presses.latencyOf(path, shown.displayed) : undefined;
    const arrival = { time, path, ...(latencyMs === undefined ? {} : { latencyMs }) };
    const told = isReport ? reportText(shown) : shown.text;
    this.#arrivals = [{ ...arrival, text: told, isBad: !isReport }, ...this.#arrivals].slice(0, ARRIVALS_MAX);
    if (shown.type !== 'displayed') return;
    for (const each of paths) {
      const before = this.#counts.get(each);
      this.#counts.set(each, { ...before, count: (before?.count ?? 0) + 1, ...(latencyMs && { latencyMs }) });
    }
  }

  asked(status: StatusDocument | undefined): void {
    if (status === undefined) return;
    this.#status = status;
    if (this.gateway !== 'starting' || stillUnknown(status, false).length > 0) return;
    this.gateway = 'ready';
    this.say('The gateway is ready. ? shows the keys.');
  }

  view(clock: string): PanelView {
    return {
      title: this.#title,
      gateway: this.#gatewayView(),
      floors: this.#floors(),
      wires: this.#inputs.map(({ id, driver }) => {
        return { input: id, driver, lost: this.fault(id) ?? '', notices: this.#notices.get(id) ?? [] };
      }),
      ends: this.#ends.map((end) => this.#endView(end)),
      arrivals: this.#arrivals,
      message: this.#message,
      clock,
    };
  }

  #gatewayView(): GatewayView {
    const troubles = this.#status?.troubles.map(({ text }) => text) ?? [];
    const alerts = (this.#status?.alerts ?? []).toReversed().map(({ state, not_confirmed, text, mode }) => {
      const shown = not_confirmed ? 'NOT CONFIRMED' : state.toUpperCase();
      return { state: mode === 'live' ? shown : `${shown} (${mode})`, isBad: not_confirmed, text };
    });
    return { state: this.gateway, troubles, alerts };
  }

  #floors(): FloorView[] {
    const floors = new Map<string, DeviceView[]>();
    for (const { floor, roomNumber: _, ...still } of this.#devices) {
      const lost = this.#faults.get(still.input) ?? '';
      const device = { ...still, ...this.state(still.id), lost, ...this.#supervision(still.id) } as const;
      floors.set(floor, [...(floors.get(floor) ?? []), device]);
    }
    return [...floors].map(([name, devices]) => ({ name, devices }));
  }

  #supervision(id: string): Pick<DeviceView, 'supervised' | 'isBad'> {
    const known = this.#status?.devices.find(({ device }) => device === id);
    if (known === undefined) return { supervised: '', isBad: false };
    const { supervised, tamper, low_battery, battery_percent, silent_mode } = known;
    const charge = battery_percent === null ? '' : `${battery_percent} %`;
    const marks = [
      supervised === 'missing' ? 'LOST' : supervised,
      tamper ? 'tampered' : '',
      low_battery ? 'low battery' : charge,
      silent_mode ? 'silent' : '',
    ];
    const isBad = supervised === 'missing' || tamper === true || low_battery === true;
    return { supervised: marks.filter((mark) => mark !== '').join(', '), isBad };
  }

  #endView({ path, driver }: Pick<FarEnd, 'path' | 'driver'>): EndView {
    const { count = 0, latencyMs } = this.#counts.get(path) ?? {};
    const behaviour = this.#behaviours.get(path) ?? 'normal';
    return { path, driver, behaviour, count, ...(latencyMs === undefined ? {} : { latencyMs }) };
  }
}

function reportText({ type, displayed }: Exclude<Shown, { type: 'remark' }>): string {
  const { to, terms, text, repeats } = displayed;
  const again = type === 'repeated' ? `(again, ${repeats}) ` : '';
  return again + [to === undefined ? '' : `to ${to}`, terms ?? '', text].filter((part) => part !== '').join('  ');
}

/** The devices in the order of their rooms. */
function stillDevices({ lines, inputs, buildings }: SimulatedSite): Still[] {
  const nodes = lines.flatMap(({ input, nodes: each }) =>
    each.map(({ settings, location, buttons, points }) => ({
      ...{ id: settings.id, input, location },
      buttons: [...buttons.keys()],
      types: [...points.keys()],
    })),
  );
  const others = inputs.flatMap(({ id: input, devices }) =>
    devices.map(({ id, location, buttons, points }) => ({
      ...{ id, input, location },
      buttons: buttons.map((button) => button.id),
      types: points.map(({ type }) => type),
    })),
  );
  const places = new Map(
    buildings.flatMap(({ id, name, floors }) =>
      floors.flatMap((floor) =>
        floor.rooms.map((room): [string, { floor: string; room: string }] => [
          `${id}/${floor.id}/${room.number}`,
          { floor: [name, floor.name].filter(Boolean).join(', '), room: `${room.number} ${room.name}`.trim() },
        ]),
      ),
    ),
  );
  const order = [...places.keys()];
  const rank = (location: string) => (order.includes(location) ? order.indexOf(location) : order.length);
  return [...nodes, ...others]
    .sort((a, b) => rank(a.location) - rank(b.location) || a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map(({ id, input, location, buttons, types }) => {
      const [building = '', floor = '', roomNumber = ''] = location.split('/');
      const place = places.get(location) ?? { floor: `${building}/${floor}`, room: roomNumber };
      const contacts = { hasDoor: types.includes('doorContact'), hasBolt: types.includes('bolt') };
      return { id, input, buttons, ...contacts, ...place, roomNumber };
    });
}
