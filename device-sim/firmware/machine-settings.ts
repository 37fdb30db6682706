import { usageError } from '../errors.ts';
import type { WallNodeSettings } from '../nodes/wall-node.ts';
import type { BoardKind } from './node-pins.ts';
import type { MachineSettings } from './node-storage.ts';

const SERIAL_DIGITS = 16;
/** The node has a battery, and says that it is low below this. */
const LOW_BATTERY_MV = 2_400;
/** The range of the setting. */
const HEARTBEAT_SECONDS_MIN = 5;
const HEARTBEAT_SECONDS_MAX = 3_600;

/**
 * What `callpoint node setup` would write into this board, with a battery and with all points
 * closed in their normal state.
 *
 * @throws CallpointError USAGE naming what the board cannot do
 */
export function machineSettings(node: WallNodeSettings, baudRate: number, board: BoardKind): MachineSettings {
  const [obstacle] = obstaclesOf(node, baudRate, board);
  if (obstacle !== undefined) throw usageError(obstacle);
  return {
    key: node.key,
    serial: node.serial ?? node.address.toString(16).padStart(SERIAL_DIGITS, '0'),
    address: node.address,
    buttons: node.buttons,
    points: node.points,
    longPress: bitsOf(node.longPress),
    silent: bitsOf(node.silent),
    normallyClosed: (1 << node.points) - 1,
    baudRate,
    isSharedLine: true,
    hasBuzzer: true,
    lowBatteryMv: LOW_BATTERY_MV,
    ...(node.heartbeatMs && { heartbeatSeconds: node.heartbeatMs / 1000 }),
  };
}

/** Says what of a node of the site this board cannot do. */
export function obstaclesOf(node: WallNodeSettings, baudRate: number, board: BoardKind): string[] {
  const { id, buttons, points, heartbeatMs } = node;
  const obstacles: string[] = [];
  const contacts = (has: number, can: number, what: string) => {
    if (has > can) obstacles.push(`${id} has ${has} ${what}: the board of the firmware has ${can}`);
  };
  contacts(buttons, board.buttons.length, 'buttons');
  contacts(points, board.points.length, 'points');
  if (!board.baudRates.includes(baudRate)) {
    const rates = board.baudRates.join(', ');
    obstacles.push(`${id} is on a line with ${baudRate} Bd: the board of the firmware can do ${rates}`);
  }
  const seconds = (heartbeatMs ?? HEARTBEAT_SECONDS_MIN * 1000) / 1000;
  if (!Number.isInteger(seconds) || seconds < HEARTBEAT_SECONDS_MIN || seconds > HEARTBEAT_SECONDS_MAX) {
    const can = `whole seconds, ${HEARTBEAT_SECONDS_MIN} to ${HEARTBEAT_SECONDS_MAX}`;
    obstacles.push(`${id} has heartbeatSeconds: ${seconds}: the firmware can do ${can}`);
  }
  return obstacles;
}

function bitsOf(numbers: readonly number[] = []): number {
  return numbers.reduce((bits, number) => bits | (1 << number), 0);
}
