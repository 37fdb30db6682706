import type { PlantedBug } from '../planted-bug.ts';
import { DELIVERY_BUGS } from './delivery.ts';
import { DRILL_BUGS } from './drills.ts';
import { ORDER_BUGS } from './order.ts';
import { PATH_BUGS } from './paths.ts';
import { PRESS_BUGS } from './presses.ts';
import { RESTART_BUGS } from './restart.ts';
import { SENSOR_BUGS } from './sensors.ts';
import { SUPERVISION_BUGS } from './supervision.ts';
import { WALL_BUGS } from './walls.ts';

export const ALL_BUGS: readonly PlantedBug[] = [
  ...PRESS_BUGS,
  ...WALL_BUGS,
  ...DELIVERY_BUGS,
  ...ORDER_BUGS,
  ...PATH_BUGS,
  ...RESTART_BUGS,
  ...DRILL_BUGS,
  ...SENSOR_BUGS,
  ...SUPERVISION_BUGS,
];
