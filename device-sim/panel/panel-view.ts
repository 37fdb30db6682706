/** Everything that the panel shows, as plain data. */
export interface PanelView {
  /** Name of the site. */
  readonly title: string;
  readonly gateway: GatewayView;
  readonly floors: readonly FloorView[];
  readonly wires: readonly WireView[];
  readonly ends: readonly EndView[];
  /** Newest first. */
  readonly arrivals: readonly ArrivalView[];
  /** Of the last thing that was done, or that went wrong. */
  readonly message: MessageView;
  /** Local time, `12:01:05`. */
  readonly clock: string;
}

interface MessageView {
  readonly text: string;
  readonly isBad: boolean;
}

export interface GatewayView {
  /** `none`: the panel knows of no gateway. */
  readonly state: 'none' | 'starting' | 'ready' | 'ended';
  readonly troubles: readonly string[];
  /** Newest first. */
  readonly alerts: readonly { readonly state: string; readonly isBad: boolean; readonly text: string }[];
}

export interface FloorView {
  readonly name: string;
  readonly devices: readonly DeviceView[];
}

export interface DeviceView {
  readonly id: string;
  readonly room: string;
  readonly input: string;
  /** Ids of its buttons. */
  readonly buttons: readonly string[];
  readonly hasDoor: boolean;
  readonly hasBolt: boolean;
  /** Absent: it has none. */
  readonly led?: string;
  readonly isDoorOpen: boolean;
  readonly isUnlocked: boolean;
  readonly isHeld: boolean;
  /** What keeps the gateway from hearing it. */
  readonly lost: '' | 'cut' | 'jammed';
  /** What the gateway says of it: ok, missing, low battery. */
  readonly supervised: string;
  readonly isBad: boolean;
}

export interface WireView {
  readonly input: string;
  readonly driver: string;
  readonly lost: '' | 'cut' | 'jammed';
  /** Newest first. */
  readonly notices: readonly NoticeView[];
}

export interface NoticeView {
  readonly time: string;
  readonly isToGateway: boolean;
  readonly text: string;
}

export interface EndView {
  readonly path: string;
  readonly driver: string;
  readonly behaviour: string;
  readonly count: number;
  /** The last one's, in ms from the press. */
  readonly latencyMs?: number;
}

export interface ArrivalView {
  readonly time: string;
  readonly path: string;
  readonly latencyMs?: number;
  readonly text: string;
  readonly isBad: boolean;
}
