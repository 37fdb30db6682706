import { createInterface } from 'node:readline';
import { messageOf } from '../../protocol/errors.ts';
import type { AlertDocument, DrillDocument } from '../../protocol/mqtt-documents.ts';
import { describeShown, onShown } from '../cli/describe-shown.ts';
import { firstSignal } from '../cli/until-stopped.ts';
import { FAR_END_BEHAVIOURS } from '../site/far-end.ts';
import type { Demo } from './demo.ts';
import { MQTT_USER } from './demo-site.ts';
import { describeTimeline, isComplete } from './timeline.ts';

const HELD_MS = 300;
const DRILL_MINUTES = 15;

type Say = (line: string) => void;

export function invite(
  { siteFile, devices, ends, mqttPassword, mqttPort, logFile }: Demo,
  eachPath: boolean,
  say: Say,
): void {
  const paths = ends.all.map(({ path }) => path).join(', ');
  const everywhere = eachPath ? '; goes over every path at once' : '';
  say(`
Type one of these and Enter:
  105            presses the button in that room: ${devices.map(({ room }) => room.number).join(' ')}
  m105           the medical button of a wall node (101 to 106, 203)${everywhere}
  cancel         takes the latest alert back
  drill          starts a drill: until "drill off", presses are not the real thing
  central hang   makes a path's far end misbehave: ${FAR_END_BEHAVIOURS.slice(1).join(', ')}; normal again
                 (paths: ${paths})
From another terminal:
  npm run -s sim -- press wb-105 --site ${siteFile}
  npm run -s sim -- door pull-201 open --site ${siteFile}
  mosquitto_sub -p ${mqttPort} -u ${MQTT_USER} -P ${mqttPassword} -t 'callpoint/v1/demo/#' -v
The gateway's log: ${logFile}
Ctrl-C, or the end of the input, ends it.
`);
}

/**
 * Shows events and carries out typed commands until Ctrl-C, until the input ends, or until nothing
 * reads the output any more.
 */
export async function live(demo: Demo, say: Say, nobodyReads: Promise<void>): Promise<void> {
  const tell = (who: string, line: string) => say(`  ${who.padEnd(9)} ${line}`);
  onShown(demo.ends.all, (paths, shown) => tell(paths.join(', '), describeShown(shown)));
  demo.simulator.onLed((device, led) => tell('wall', `${device} LED ${led}`));
  const told = new Map([...demo.watch.alerts.values()].map((alert) => [alert.id, stateOf(alert)]));
  demo.watch.onAlert((alert) => tellAlert(alert, told, tell));
  demo.watch.onDrill((drill) => tell('gateway', describeDrill(drill)));
  const typed = createInterface({ input: process.stdin });
  typed.on('line', async (line) => {
    try {
      await obey(demo, line.trim().toLowerCase(), (text) => tell('', text));
    } catch (error) {
      tell('', messageOf(error));
    }
  });
  await new Promise<void>((resolve) => {
    void firstSignal().then(resolve);
    void nobodyReads.then(resolve);
    // Without this a CI job that gives no input would hang.
    typed.once('close', () => resolve());
  });
  typed.close();
}

/** Prints one line for each new state of an alert, as soon as its times are known. */
function tellAlert(alert: AlertDocument, told: Map<string, string>, tell: (who: string, line: string) => void): void {
  const state = stateOf(alert);
  const isWhole = isComplete(alert) || alert.not_confirmed || alert.closed_reason !== undefined;
  if (told.get(alert.id) === state) return;
  if (!told.has(alert.id)) told.set(alert.id, '');
  if (!isWhole) return;
  const isFirst = told.get(alert.id) === '';
  told.set(alert.id, state);
  const mode = alert.mode === 'live' ? '' : ` (${alert.mode})`;
  const why = alert.closed_reason === undefined ? '' : `: ${alert.closed_reason}`;
  tell('gateway', `${alert.id}${mode} ${state}${why}`);
  if (isFirst) for (const line of describeTimeline(alert)) tell('', line);
}

function stateOf({ not_confirmed, state }: AlertDocument): string {
  return not_confirmed ? 'NOT CONFIRMED' : state;
}

function describeDrill({ scope, state, ends_at }: DrillDocument): string {
  return state === 'running' ? `drill on ${scope} until ${ends_at.slice(11, 16)} UTC` : `drill on ${scope} is over`;
}

async function obey(demo: Demo, line: string, tell: Say): Promise<void> {
  const [first = '', second] = line.split(/\s+/);
  const behaviours = [...FAR_END_BEHAVIOURS, ...demo.ends.all.flatMap(({ ownBehaviours }) => ownBehaviours)];
  const how = behaviours.find((each) => each.toLowerCase() === second);
  const latest = [...demo.watch.alerts.values()].findLast(({ closed_reason }) => closed_reason === undefined)?.id;
  const press = /^(m?)(\d{3})$/.exec(first);
  if (first === '') return;
  if (first === 'drill') await drill(demo, second === 'off');
  else if (first === 'cancel' && latest === undefined) tell('no alert is open: press one first');
  else if (first === 'cancel') await demo.watch.command('cancel', { alert: latest, reason: 'pressed by mistake' });
  else if (press !== null) pressRoom(demo, press[2] ?? '', press[1] === 'm');
  else if (how === undefined)
    tell('a room number such as 105, m105, cancel, drill, drill off, or a path: central hang');
  else {
    await demo.ends.of(first).behave(how);
    tell(`${first} behaves: ${how}`);
  }
}

async function drill({ watch }: Demo, isOver: boolean): Promise<void> {
  const action = isOver ? { action: 'stop' } : { action: 'start', minutes: DRILL_MINUTES };
  await watch.command('drill', { ...action, scope: 'site', reason: 'trying it out' });
}

/** @throws RangeError */
function pressRoom({ devices, simulator }: Demo, number: string, isMedical: boolean): void {
  const device = devices.find(({ room }) => room.number === number);
  if (device === undefined) throw new RangeError(`there is no room ${number}`);
  const button = isMedical ? '1' : '0';
  simulator.press(device.id, button, 'single');
  setTimeout(() => simulator.release(device.id, button), HELD_MS).unref();
}
