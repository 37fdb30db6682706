import { existsSync } from 'node:fs';
import { messageOf } from '../../../protocol/errors.ts';
import { loadSettings } from '../../config/load.ts';
import { jsonText } from '../json-output.ts';
import { dataDirectory } from '../site-options.ts';
import { terminalWidth, wrapped } from '../terminal-text.ts';
import { keyCheckValue, readNode, readNodeContacts, type ShownNode } from './node-dialogue.ts';
import { nodeDocument } from './node-document.ts';
import { boardText, contactsText, settingRows } from './node-text.ts';
import { NodeServicePort, type ServiceTimes } from './service-port.ts';
import type { SetupOptions } from './setup-node.ts';

/** `callpoint node show` */
export async function showNode(
  port: string,
  options: SetupOptions,
  out: (line: string) => void,
  times?: ServiceTimes,
): Promise<void> {
  const service = await NodeServicePort.open(port, times);
  try {
    const shown = await readNode(service);
    const contacts = await readNodeContacts(service);
    const { board, bauds, state, settings } = shown;
    const device = deviceOf(shown, options);
    if (options.json === true) {
      out(jsonText({ ok: true, port, ...nodeDocument(shown, contacts), ...device }));
      return;
    }
    const { epoch = 'none', supplyMillivolts = 'not measured', batteryMillivolts = 'none' } = state;
    const lines = [
      boardText(board, port),
      ...(state.settings === 'none'
        ? ['It has no settings, and sends nothing: callpoint node setup.']
        : settingRows(settings)),
      `  ${'last epoch'.padEnd(16)}${epoch === 0 ? 'not started yet' : epoch}`,
      `  ${'supply, battery'.padEnd(16)}${supplyMillivolts}, ${batteryMillivolts} (mV)`,
      `Now: ${contactsText(contacts)}`,
      `Rates of the board: ${bauds.join(', ')} Bd`,
      device.detail,
    ];
    for (const line of lines) for (const each of wrapped(line, terminalWidth(), 2)) out(each);
  } finally {
    await service.close();
  }
}

/** Which device of the site has this address and key. */
function deviceOf({ settings, state }: ShownNode, options: SetupOptions): { device?: string; detail: string } {
  const { config } = options;
  if (state.settings === 'none') return { detail: 'It belongs to no device yet.' };
  if (!existsSync(config)) return { detail: `${config} is not there: which device it is can't be said.` };
  try {
    const { inputs } = loadSettings(config, dataDirectory(options));
    const nodes = inputs.flatMap((input) => (input.driver === 'button-bus' ? input.nodes : []));
    const address = Number(settings.get('address'));
    const here = nodes.filter((node) => node.address === address);
    const own = here.find(({ key }) => settings.get('key') === `check ${keyCheckValue(key)}`);
    if (own !== undefined)
      return { device: own.device, detail: `It is ${own.device}: address and key are those of the site.` };
    const names = here.map(({ device }) => device).join(', ');
    const detail =
      here.length === 0
        ? `No device of ${config} has address ${address}.`
        : `It has the address of ${names}, and another key: callpoint node setup writes the right one.`;
    return { detail };
  } catch (error) {
    return { detail: `Which device it is can't be said: ${messageOf(error)}` };
  }
}
