import { RESERVED_CLIENT } from '../config/fields/broker-address.ts';
import type { GatewaySettings, InputSettings } from '../config/settings.ts';
import { createBleDriver } from '../inputs/ble/driver.ts';
import type { BleSettings } from '../inputs/ble/settings.ts';
import { createBusSearch } from '../inputs/button-bus/search.ts';
import type { InputSearch, InputSink } from '../inputs/input-driver.ts';
import { kernelRadios } from '../inputs/kernel-radios.ts';
import { createModbusSearch } from '../inputs/modbus/search.ts';
import { type BrokerAccount, createMqttSearch, FAMILY_TOPICS } from '../inputs/mqtt-devices/search.ts';

/** One input that the command looks for strangers on. */
export interface NamedSearch {
  readonly input: string;
  readonly driver: InputSettings['driver'];
  readonly search: InputSearch;
}

/** What the command line adds to the site, or stands in for it. */
export interface SearchOptions {
  /** Ports of Modbus modules that no input names. */
  readonly modbus?: {
    readonly port: string;
    readonly baudRate: number;
    readonly parity: 'none' | 'even' | 'odd';
  };
  /** Radios to listen with where no input names one. */
  readonly adapters?: readonly string[];
}

const MODBUS_ANSWER_MS = 150;
const SILENCE_MS = 60_000;
const BLE_BAUD = 1_000_000;

/** The searches that listen while no gateway does. */
export function searchesOf(settings: GatewaySettings): readonly NamedSearch[] {
  return settings.inputs.flatMap((input) => {
    const search = searchOf(input, settings);
    return search === undefined ? [] : { input: input.id, driver: input.driver, search };
  });
}

/** A broker may be listened at while the gateway runs: it has room for another client. */
export function brokerSearches(settings: GatewaySettings): readonly NamedSearch[] {
  return searchesOf({ ...settings, inputs: settings.inputs.filter(({ driver }) => driver === 'mqtt') });
}

/** @returns `undefined`: nothing can be heard on such an input */
function searchOf(input: InputSettings, { inputs, mqtt }: GatewaySettings): InputSearch | undefined {
  switch (input.driver) {
    case 'button-bus':
      return createBusSearch(
        input,
        inputs.flatMap((each) => (each.driver === 'button-bus' ? each.nodes : [])),
      );
    case 'ble':
      return new BleSearch(input);
    case 'modbus': {
      const { modules, driver: _, ...line } = input;
      return createModbusSearch({ ...line, known: modules.map(({ address }) => address) });
    }
    case 'mqtt':
      return createMqttSearch(input, accountsFor(input, mqtt));
    case 'gpio':
    case 'firmata':
      return undefined;
  }
}

/** The searches that need no site. */
export function machineSearches({ modbus, adapters = [] }: SearchOptions): readonly NamedSearch[] {
  const lines =
    modbus === undefined
      ? []
      : [createModbusSearch({ id: modbus.port, ...modbus, stopBits: 1, answerMs: MODBUS_ANSWER_MS, known: [] })];
  const radios = adapters.length > 0 ? [new BleSearch(withoutDevices(adapters))] : [];
  return [
    ...lines.map((search) => ({ input: modbus?.port ?? '', driver: 'modbus' as const, search })),
    ...radios.map((search) => ({ input: BLE_ID, driver: 'ble' as const, search })),
  ];
}

/** The radios of the kernel, for a machine without a site. */
export function kernelAdapters(): readonly string[] {
  return kernelRadios().map(({ name }) => name);
}

const BLE_ID = 'ble';

function withoutDevices(adapters: readonly string[]): BleSettings {
  return {
    driver: 'ble',
    id: BLE_ID,
    adapters: adapters.map((name, at) => ({
      name,
      baudRate: BLE_BAUD,
      ...(adapters.length > 1 ? { input: `${BLE_ID}.${at}` } : {}),
    })),
    devices: [],
    beacons: [],
    silenceMs: SILENCE_MS,
  };
}

/** The driver itself: it only listens, and its child processes remember strangers. */
class BleSearch implements InputSearch {
  readonly #driver: ReturnType<typeof createBleDriver>;
  #isUp = false;
  #detail = 'the radio is being opened';

  constructor(settings: BleSettings) {
    const nothing = () => undefined;
    const sink: InputSink = {
      signal: nothing,
      unknownSignal: nothing,
      bridge: nothing,
      reception: nothing,
      health: ({ input, state, detail }) => {
        if (input !== settings.id) return;
        this.#isUp = state === 'up';
        this.#detail = detail;
      },
    };
    this.#driver = createBleDriver(settings, sink);
  }

  start(): void {
    this.#driver.start();
  }

  stop(): Promise<void> {
    return this.#driver.stop();
  }

  state() {
    const isDenied = this.#detail.includes('permission denied');
    return { isListening: this.#isUp, detail: isDenied ? `${this.#detail}; or run this with sudo` : this.#detail };
  }

  strangers() {
    return this.#driver.strangers();
  }
}

/**
 * Who may read the topics of devices: at the gateway's own broker the devices' own accounts, in
 * their topics; at another one, the input's account, wherever the broker lets it.
 */
function accountsFor(
  input: Extract<InputSettings, { readonly driver: 'mqtt' }>,
  { broker }: GatewaySettings['mqtt'],
): readonly BrokerAccount[] {
  const { username, password } = input;
  if (username !== RESERVED_CLIENT || broker.type !== 'embedded') {
    const login = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
    return [{ ...login, topics: FAMILY_TOPICS }];
  }
  return broker.clients.flatMap((client) =>
    client.role === 'device' && client.topics !== undefined
      ? [{ username: client.name, password: client.password, topics: client.topics }]
      : [],
  );
}
