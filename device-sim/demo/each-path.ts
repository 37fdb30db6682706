import type { AlertDocument, AlertPathState } from '../../protocol/mqtt-documents.ts';
import type { FarEnd } from '../site/far-end.ts';
import { type Displayed, monotonicMs } from '../site/screen.ts';
import type { AlertWatch } from './alert-watch.ts';
import { type Demo, withinTime } from './demo.ts';
import { type Press, pressAndWatch } from './press-and-watch.ts';

/** Radio, pagers and text messages take seconds, and longer if something is lost. */
const DISPLAYED_WITHIN_MS = 60_000;
/**
 * Time from the display at the far end to the gateway's knowledge of the answer. Over radio the
 * answer takes a transmission.
 */
const ANSWERED_WITHIN_MS = 4000;
const ANSWERED: ReadonlySet<Delivery['state']> = new Set(['acknowledged', 'handedOver']);

/** The outcome of one alert on one path. */
export interface Delivery {
  readonly path: string;
  readonly driver: string;
  /** What the gateway knows about the delivery. */
  readonly state: AlertPathState['state'] | 'none';
  /** Time since the press; `null` if the alert never arrived. */
  readonly first_byte_ms: number | null;
  readonly displayed_ms: number | null;
  /** Text of the alert at the far end. */
  readonly text: string | null;
  /** Number of times a person there saw the alert. The right value is 1. */
  readonly times_displayed: number;
  /** Number of repeats that no person saw. */
  readonly repeats: number;
}

interface EachPath {
  readonly alert: AlertDocument | undefined;
  readonly deliveries: readonly Delivery[];
}

/**
 * Makes one press. Resolves when every far end displays the alert and the gateway knows each path's
 * answer, or when time is up.
 */
export async function pressForEachPath(demo: Demo, press: Press): Promise<EachPath> {
  const { watch, ends, patience } = demo;
  const pressedMs = monotonicMs();
  const alert = await pressAndWatch(demo, press);
  if (alert === undefined) return { alert, deliveries: [] };
  const shown = ends.all.map((end) => end.until(() => displaysOf(end, alert, pressedMs).length > 0));
  await withinTime(Promise.all(shown), DISPLAYED_WITHIN_MS * patience);
  const last = () => watch.alerts.get(alert.id) ?? alert;
  const known = () => ends.all.every(({ path }) => ANSWERED.has(stateOn(path, last())));
  await withinTime(untilAlert(watch, known), ANSWERED_WITHIN_MS * patience);
  return { alert, deliveries: ends.all.map((end) => deliveryOf(end, last(), pressedMs)) };
}

/**
 * Resolves as soon as the condition holds. It is checked at each document that the gateway
 * publishes about an alert.
 */
function untilAlert(watch: AlertWatch, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (condition()) {
      resolve();
      return;
    }
    const off = watch.onAlert(() => {
      if (!condition()) return;
      off();
      resolve();
    });
  });
}

function stateOn(path: string, { paths }: AlertDocument): Delivery['state'] {
  return paths[path]?.state ?? 'none';
}

export function isDelivered({ state, times_displayed }: Delivery): boolean {
  return ANSWERED.has(state) && times_displayed === 1;
}

export function describeDeliveries(deliveries: readonly Delivery[]): string[] {
  return [
    row('path', 'driver', 'answer', 'first byte', 'displayed', 'as displayed'),
    ...deliveries.map(describeDelivery),
  ];
}

function describeDelivery(delivery: Delivery): string {
  const { path, driver, state, text, times_displayed, repeats } = delivery;
  const ms = (value: number | null) => (value === null ? 'never' : value.toFixed(1));
  const answer = state === 'handedOver' ? 'handed over' : ANSWERED.has(state) ? state : 'none';
  const odd = times_displayed > 1 ? `DISPLAYED ${times_displayed} TIMES: ` : '';
  const again = repeats > 0 ? ` (came ${repeats + 1} times, shown once)` : '';
  return row(
    path,
    driver,
    answer,
    ms(delivery.first_byte_ms),
    ms(delivery.displayed_ms),
    `${odd}${text ?? '-'}${again}`,
  );
}

function row(path: string, driver: string, answer: string, firstByte: string, displayed: string, text: string): string {
  const times = `${firstByte.padStart(10)} ${displayed.padStart(10)}`;
  return `  ${path.padEnd(8)} ${driver.padEnd(9)} ${answer.padEnd(12)} ${times}   ${text}`;
}

function deliveryOf(end: FarEnd, alert: AlertDocument, pressedMs: number): Delivery {
  const displays = displaysOf(end, alert, pressedMs);
  const [first] = displays;
  const since = (ms: number | undefined) => (ms === undefined ? null : Math.round((ms - pressedMs) * 1000) / 1000);
  return {
    path: end.path,
    driver: end.driver,
    state: stateOn(end.path, alert),
    first_byte_ms: since(first?.firstMs),
    displayed_ms: since(first?.shownMs),
    text: first?.text ?? null,
    times_displayed: displays.length,
    repeats: displays.reduce((sum, { repeats }) => sum + repeats, 0),
  };
}

/**
 * Short messages carry the text of the alert but not its id. A cancellation has other text in
 * front.
 */
function displaysOf(end: FarEnd, alert: AlertDocument, pressedMs: number): Displayed[] {
  return end.displayed.filter(({ text, shownMs }) => shownMs >= pressedMs && text.startsWith(alert.text));
}
