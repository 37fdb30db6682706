import type { Site } from '../site.ts';
import type { TroubleTypeName } from '../trouble-types.ts';

/**
 * The subject of the trouble about an account at the embedded broker, or about clients that have
 * not logged in.
 */
export function clientSubject(account: string | undefined): string {
  return account === undefined ? 'mqtt' : `mqtt.${account}`;
}

/** `type.subject` of every trouble that can stand, and so be restored, with this configuration. */
export function possibleTroubles(site: Site): ReadonlySet<string> {
  const possible = new Set<string>();
  const add = (type: TroubleTypeName, subject: string) => possible.add(`${type}.${subject}`);
  add('journalDegraded', 'journal');
  add('journalFailed', 'journal');
  add('logFailed', 'log');
  add('clockUnsynchronised', 'clock');
  add('updateReturned', 'update');
  add('brokerDown', 'mqtt');
  add('brokerFull', 'mqtt');
  add('brokerGuessed', 'mqtt');
  for (const account of [undefined, ...(site.mqttClients ?? [])]) add('clientTurnedAway', clientSubject(account));
  for (const subject of site.certificates ?? []) add('certificateExpires', subject);
  if (site.canary !== undefined) add('canaryFailed', 'canary');
  if (site.walkTest?.provenWithinMs !== undefined) add('notProven', 'site');
  for (const { id } of site.inputs) add('inputDown', id);
  for (const { id } of site.outputs) add('outputFault', id);
  for (const { id } of site.paths) {
    add('pathDown', id);
    add('clockRefused', id);
    add('clockDiffers', id);
    add('pathRefuses', id);
  }
  for (const { input, bridge } of site.devices.values()) {
    if (bridge === undefined) continue;
    add('bridgeDown', `${input}.${bridge}`);
    add('devicesMissing', `${input}.${bridge}`);
    add('availabilityOff', `${input}.${bridge}`);
  }
  for (const { id, points, buttons, heartbeatMs, watched } of site.devices.values()) {
    // A device that gives no sign of life is never missing, and nothing would restore that trouble.
    if (heartbeatMs > 0 || watched) add('deviceMissing', id);
    add('lowBattery', id);
    add('tamper', id);
    add('deviceFault', id);
    for (const button of buttons.values()) {
      add('stuckButton', `${id}.${button.id}`);
      add('wireFault', `${id}.${button.id}`);
    }
    for (const point of points.values()) add('wireFault', `${id}.${point.id}`);
    for (const point of points.values()) if (point.type === 'tamper') add('tamper', `${id}.${point.id}`);
  }
  for (const { id, contact, bolt, heldOpenMs } of site.doors) {
    if (contact === undefined) continue;
    if (bolt !== undefined) add('doorForced', id);
    if (heldOpenMs !== undefined) add('doorHeldOpen', id);
  }
  return possible;
}
