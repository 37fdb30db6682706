import type * as z from 'zod';
import type { ButtonBusSettings } from '../../inputs/button-bus/settings.ts';
import { defaultsSchema, deviceSchema, pressKinds } from '../fields/device-schema.ts';
import { mapping, number, whole } from '../fields/fields.ts';
import { Unique } from '../fields/unique.ts';
import { required } from '../fields/values.ts';
import type { InputConfig } from './input-config.ts';
import { baudRate, checkRs485, driverName, inputId, rs485, rs485Mode, serialPort } from './input-fields.ts';

const own = {
  device: {
    address: whole(1, 254, 17, 'Address of the node on its line, 1…254.'),
    heartbeatSeconds: number(1, 3600, 30, 'How often the node sends a sign of life.').default(30),
  },
  button: { number: whole(0, 15, 0, 'Number of the button on its node, 0…15.'), ...pressKinds },
  point: { number: whole(0, 15, 0, 'Number of the point on its node, 0…15.') },
};
const input = mapping(
  {
    id: inputId,
    driver: driverName('button-bus', 'RS-485 or UART line of Callpoint wall nodes.'),
    port: serialPort,
    baudRate: baudRate(115_200),
    rs485,
    defaults: defaultsSchema(own),
  },
  '{ id: bus-1, driver: button-bus, port: /dev/serial/by-id/… }',
);

const device = deviceSchema(own);

export const buttonBus: InputConfig<z.output<typeof input>, z.output<typeof device>, never, ButtonBusSettings> = {
  input,
  device,
  own,
  check(view, { devices }, { ports }) {
    ports.add(view, 'port', view.text('port'));
    checkRs485(view);
    const addresses = new Unique('give each node on a line an address of its own');
    for (const each of devices) {
      const address = each.text('address');
      addresses.add(each, 'address', address, `address ${address} on ${view.text('id')}`);
    }
  },
  hasKey: () => true,
  traits: (_, { heartbeatSeconds }) => ({ heartbeatSeconds, keyed: true }),
  settings: ({ driver, id, port, baudRate, rs485 }, devices, _, { keys }) => ({
    driver,
    id,
    port,
    baudRate,
    ...rs485Mode(rs485),
    nodes: devices.map(({ id, address }) => {
      return { device: id, address, key: required(keys.devices.get(id), `key of device ${id}`) };
    }),
  }),
};
