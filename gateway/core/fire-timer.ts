import type { CoreParts } from './core-parts.ts';
import type { Timer } from './timers.ts';

type Firing = {
  readonly [T in Timer['type']]: (parts: CoreParts, timer: Extract<Timer, { readonly type: T }>) => void;
};

/** Which part set a timer, and what it is told when it fires. */
const FIRING: Firing = {
  attemptTimeout: ({ dispatcher }, { path, attempt }) => dispatcher.queue(path)?.attemptTimedOut(attempt),
  deliveryRetry: ({ dispatcher }, { path, report }) => dispatcher.queue(path)?.retryDue(report),
  holdOffEnd: ({ dispatcher }, { path }) => dispatcher.queue(path)?.pump(),
  joinPath: ({ dispatcher }, { report }) => dispatcher.joinDue(report),
  notConfirmed: ({ alerts }, { alert }) => alerts.notConfirmedDue(alert),
  autoResolve: ({ alerts }, { alert }) => {
    alerts.close(alert, 'resolved', 'gateway', 'acknowledged, and nobody resolved it in time');
  },
  alertDoors: ({ alertDoors }, { building }) => alertDoors.due(building),
  doorForced: ({ doors }, { door }) => doors.forcedDue(door),
  doorHeldOpen: ({ doors }, { door }) => doors.heldOpenDue(door),
  drill: ({ drills }, { scope }) => drills.due(scope),
  canaryDue: ({ canary }) => canary?.due(),
  canaryLate: ({ canary }) => canary?.late(),
  canaryRelease: ({ canary }) => canary?.release(),
  inputDue: ({ inputs }, { input }) => inputs.get(input)?.firstWordDue(),
  deviceDue: ({ devices }, { device }) => devices.get(device)?.overdue(),
  probe: ({ paths }, { path }) => paths.get(path)?.probeDue(),
  debounce: ({ devices }, { device, point }) => devices.get(device)?.debounced(point),
  buttonContact: ({ signals }, { device, button }) => signals.contacts(device)?.buttonDue(button),
  contactWire: ({ signals }, { device, of, number }) => signals.contacts(device)?.wireDue(of, number),
  heldPress: ({ signals }, { record }) => signals.held.release(record),
  enrolmentEnd: ({ commands }, { device }) => commands.enrolmentOver(device),
  noticeWindow: ({ notices }, { key }) => notices.windowOver(key),
  flappingEnd: ({ troubles }, { trouble, subject }) => troubles.flappingOver(trouble, subject),
  answersDue: ({ context }) => {
    context.withholdsAnswers = false;
  },
  checkpoint: ({ checkpoint }) => checkpoint.due(),
  beat: ({ stalls }) => stalls.beat(),
};

export function fireTimer(timer: Timer, parts: CoreParts): void {
  const fire = FIRING[timer.type] as (parts: CoreParts, timer: Timer) => void;
  fire(parts, timer);
}
