import type { TroubleSeverity } from '../../protocol/states.ts';
import type { TroubleTypeName } from './trouble-types.ts';

/** What the subject of a trouble names: the part before its first dot is the id of one. */
type About = 'device' | 'door' | 'input' | 'output' | 'path' | 'gateway';

/** What each trouble is about, and how bad it is. */
export const TROUBLE_RANKS: Readonly<Record<TroubleTypeName, readonly [about: About, severity: TroubleSeverity]>> = {
  deviceMissing: ['device', 'major'],
  lowBattery: ['device', 'minor'],
  wireFault: ['device', 'major'],
  stuckButton: ['device', 'major'],
  deviceFault: ['device', 'major'],
  tamper: ['device', 'major'],
  doorForced: ['door', 'major'],
  doorHeldOpen: ['door', 'minor'],
  inputDown: ['input', 'critical'],
  outputFault: ['output', 'minor'],
  bridgeDown: ['input', 'critical'],
  availabilityOff: ['input', 'major'],
  devicesMissing: ['input', 'major'],
  bridgeClock: ['input', 'minor'],
  pathDown: ['path', 'critical'],
  pathRefuses: ['path', 'critical'],
  clockRefused: ['path', 'critical'],
  clockDiffers: ['path', 'minor'],
  clockUnsynchronised: ['gateway', 'minor'],
  certificateExpires: ['gateway', 'minor'],
  notProven: ['gateway', 'major'],
  canaryFailed: ['gateway', 'critical'],
  journalDegraded: ['gateway', 'minor'],
  journalFailed: ['gateway', 'critical'],
  logFailed: ['gateway', 'minor'],
  updateReturned: ['gateway', 'minor'],
  brokerDown: ['gateway', 'major'],
  brokerFull: ['gateway', 'minor'],
  brokerGuessed: ['gateway', 'minor'],
  clientTurnedAway: ['gateway', 'minor'],
  gatewayDefect: ['gateway', 'critical'],
  gatewayStalled: ['gateway', 'critical'],
  unknownPress: ['input', 'critical'],
  unknownDevice: ['input', 'minor'],
  stalePress: ['device', 'critical'],
  pressNotUnderstood: ['device', 'critical'],
  notUnderstood: ['device', 'minor'],
  pressInDoubt: ['device', 'critical'],
  unknownButton: ['device', 'critical'],
};
