import { entriesIn, roomsIn } from './entries.ts';
import type { FoundHardware } from './found-hardware.ts';
import { type Given, ON_A_PORT } from './questions.ts';

const ZIGBEE = { name: 'zigbee2mqtt', role: 'device', topics: ['zigbee2mqtt/#'] };
/** Reserved for examples (RFC 5737): `check` warns of it until it is edited. */
const EXAMPLE_HOST = '192.0.2.10';

/** The settings of `site.yaml` that the answers mean, and the secrets that were typed. */
export function answersGiven(given: Given, found: FoundHardware): object {
  const receivers = receiversIn(given);
  const keys = receivers.flatMap(({ path, key }) => (key === '' ? [] : [[path.id, key]]));
  const hasMqttDevices = given.get('mqtt devices') === 'yes';
  const users = entriesIn(given.get('mqtt users') ?? '').map(({ id, name }) => ({ name: id, role: name ?? 'viewer' }));
  return {
    gateway: given.get('gateway'),
    site: { name: given.get('site') },
    buildings: entriesIn(given.get('buildings') ?? '').map((building) => ({
      ...building,
      floors: entriesIn(given.get(`floors ${building.id}`) ?? '').map((floor) => ({
        ...floor,
        rooms: roomsIn(given.get(`rooms ${building.id}/${floor.id}`) ?? ''),
      })),
    })),
    inputs: inputsIn(given, found),
    devices: [],
    paths: receivers.map(({ path }) => path),
    mqtt: {
      clients: [...users, ...(hasMqttDevices ? [ZIGBEE] : [])],
      homeAssistant: given.get('home assistant') === 'yes',
    },
    ...(keys.length > 0 && { secrets: { paths: Object.fromEntries(keys) } }),
  };
}

const NAMES = { 'button-bus': 'bus', modbus: 'modules', firmata: 'board' } as const;

function inputsIn(given: Given, found: FoundHardware): object[] {
  const counts = new Map<string, number>();
  const onPort = (driver: keyof typeof NAMES, port: string) => {
    const count = (counts.get(driver) ?? 0) + 1;
    counts.set(driver, count);
    return { id: `${NAMES[driver]}-${count}`, driver, port };
  };
  const typed = given.get('port') ?? '';
  const radios = found.radios.filter((radio) => given.get(`radio ${radio}`) === 'yes');
  return [
    ...found.ports.flatMap((port) => {
      const driver = ON_A_PORT.find(([answer]) => answer === given.get(`port ${port}`))?.[1];
      return driver === undefined ? [] : [onPort(driver, port)];
    }),
    ...(typed === '' ? [] : [onPort('button-bus', typed)]),
    ...(given.get('gpio') === 'yes' ? [{ id: 'header', driver: 'gpio' }] : []),
    ...(radios.length > 0 ? [{ id: 'radio-1', driver: 'ble', adapters: radios }] : []),
    ...(given.get('mqtt devices') === 'yes' ? [{ id: 'mqtt-1', driver: 'mqtt' }] : []),
  ];
}

interface Receiver {
  readonly path: { readonly id: string } & Readonly<Record<string, unknown>>;
  /** Empty: a new one. */
  readonly key: string;
}

function receiversIn(given: Given): Receiver[] {
  const found: Receiver[] = [];
  for (let number = 1; (given.get(`receiver ${number}`) ?? '') !== ''; number += 1) {
    const of = (what: string) => given.get(`receiver ${number} ${what}`) ?? '';
    const path = {
      id: number === 1 ? 'central' : `central-${number}`,
      driver: `dc09-${of('protocol')}`,
      host: given.get(`receiver ${number}`),
      port: Number(of('port')),
      account: of('account'),
    };
    found.push({ path, key: of('key') });
  }
  if (found.length > 0) return found;
  const example = { id: 'central', driver: 'dc09-tcp', host: EXAMPLE_HOST, port: 7700, account: '1234' };
  return [{ path: example, key: '' }];
}
