import type { CanaryTest } from './alerts/canary-test.ts';
import type { CoreParts } from './core-parts.ts';
import { invariant, known } from './invariant.ts';
import type { Timer } from './timers.ts';

type Firing = {
  readonly [T in Timer['type']]: (parts: CoreParts, timer: Extract<Timer, { readonly type: T }>) => void;
};

/**
 * When a timer fires, the part that set it is called. Parts set timers only for what the site has.
 */
const FIRING: Firing = {
  attemptTimeout: (parts, { path, attempt }) => parts.dispatcher.queue(path).attemptTimedOut(attempt),
  deliveryRetry: (parts, { path, report }) => parts.dispatcher.queue(path).retryDue(report),
  holdOffEnd: (parts, { path }) => parts.dispatcher.queue(path).pump(),
  joinPath: ({ dispatcher }, { report }) => dispatcher.joinDue(report),
  notConfirmed: ({ alerts }, { alert }) => alerts.notConfirmedDue(alert),
  autoResolve: ({ alerts }) => alerts.autoResolveDue(),
  alertDocuments: ({ alerts }) => alerts.documents.due(),
  alertSurplus: ({ alerts }) => alerts.surplus.due(),
  alertDoors: ({ alertDoors }, { building }) => alertDoors.due(building),
  doorForced: ({ doors }, { door }) => doors.forcedDue(door),
  doorHeldOpen: ({ doors }, { door }) => doors.heldOpenDue(door),
  drill: ({ drills }, { scope }) => drills.due(scope),
  walkTest: ({ walkTest }) => walkTest.tests.due(),
  testHold: ({ signals }, { device, button }) => signals.heldTests.due(device, button),
  outputShown: ({ walkTest }) => walkTest.outputs.over(),
  sensorWatch: ({ walkTest }) => walkTest.watch.due(),
  canaryDue: ({ canary }) => certain(canary).due(),
  canaryLate: ({ canary }) => certain(canary).late(),
  canaryRelease: ({ canary }) => certain(canary).release(),
  inputDue: ({ inputs }, { input }) => known(inputs, input, 'input').firstHealthDue(),
  deviceDue: (parts, { device }) => {
    const overdue = known(parts.devices, device, 'device');
    if (parts.bridgeOf(device)?.reportAvailabilityOff(overdue) !== true) overdue.due();
  },
  bridgeDue: ({ bridges }, { bridge }) => known(bridges, bridge, 'bridge').due(),
  bridgeCached: ({ bridges }, { bridge }) => known(bridges, bridge, 'bridge').cacheOver(),
  probe: ({ paths }, { path }) => known(paths, path, 'path').probeDue(),
  debounce: ({ devices }, { device, point }) => known(devices, device, 'device').debounced(point),
  buttonContact: (parts, { device, button }) => parts.contacts(device).buttonDue(button),
  contactWire: (parts, { device, of, number }) => parts.contacts(device).wireDue(of, number),
  heldPress: ({ signals }, { record }) => signals.held.release(record),
  commandAnswer: ({ commands }, { ticket }) => commands.answers.late(ticket),
  holdWait: ({ signals }, { device, button }) => signals.presses.holdWaitOver(device, button),
  enrolmentEnd: ({ commands }, { device }) => commands.enrolmentOver(device),
  noticeWindow: ({ notices }, { key }) => notices.windowOver(key),
  flappingEnd: ({ troubles }, { trouble, subject }) => troubles.flappingOver(trouble, subject),
  certificates: ({ certificates }) => certificates.due(),
  clockUnsynchronised: ({ clock }) => clock.due(),
  answersDue: ({ context }) => {
    context.withholdsAnswers = false;
  },
  checkpoint: ({ checkpoint }) => checkpoint.due(),
  internalPressDue: ({ internal }) => internal?.due(),
  internalPress: ({ internal }) => internal?.press(),
  beat: ({ stalls }) => stalls.beat(),
};

/** Only a canary sets its timers. */
function certain(canary: CoreParts['canary']): CanaryTest {
  invariant(canary !== undefined, 'a timer of the canary fired, and the site has none');
  return canary;
}

export function fireTimer(timer: Timer, parts: CoreParts): void {
  const fire = FIRING[timer.type] as (parts: CoreParts, timer: Timer) => void;
  fire(parts, timer);
}
