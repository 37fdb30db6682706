import { randomBytes } from 'node:crypto';
import { CallpointError } from '../../../protocol/errors.ts';
import { type Step, testStep } from '../devices/next-steps.ts';
import { type JsonFlag, jsonText } from '../json-output.ts';
import { terminalQuestions } from '../questions.ts';
import { dataDirectory, type SiteOptions } from '../site-options.ts';
import { terminalWidth, wrapped } from '../terminal-text.ts';
import { readNode, readNodeContacts, type ShownNode, writeSettings } from './node-dialogue.ts';
import { nodeDocument } from './node-document.ts';
import { boardText, contactsText, settingRows } from './node-text.ts';
import { NodeServicePort, type ServiceTimes } from './service-port.ts';
import { type NodeOptions, type SiteNode, siteNode } from './site-node.ts';

export interface SetupOptions extends SiteOptions, JsonFlag, NodeOptions {
  readonly yes?: boolean;
}

/** `callpoint node setup` */
export async function setUpNode(
  port: string,
  device: string | undefined,
  options: SetupOptions,
  out: (line: string) => void,
  times?: ServiceTimes,
): Promise<void> {
  const { config } = options;
  const wanted = siteNode({ config, data: dataDirectory(options) }, device, options);
  const service = await NodeServicePort.open(port, times);
  try {
    const before = await readNode(service);
    checkBoard(wanted, before);
    await checkOwner(wanted, before, options);
    const known = before.settings.get('serial') ?? 'none';
    const serial = options.serial ?? (known === 'none' ? randomBytes(8).toString('hex').toUpperCase() : known);
    await writeSettings(service, { ...wanted.settings, serial });
    const [after, contacts] = [await readNode(service), await readNodeContacts(service)];
    const warnings = warningsOf(wanted, before);
    const next = stepsOf(wanted, options);
    const label = labelOf(wanted, serial);
    if (options.json === true) {
      const written = { device: wanted.device, port, ...nodeDocument(after, contacts) };
      out(jsonText({ ok: true, ...written, label, warnings, next: next.map(stepText) }));
      return;
    }
    const width = terminalWidth();
    const lines = [
      boardText(after.board, port),
      `${wanted.device} (${wanted.place}) is written in it, read back and compared:`,
      ...settingRows(after.settings, wanted),
      `Now: ${contactsText(contacts)}`,
      ...warnings.map((warning) => `Warning: ${warning}`),
      'Label (callpoint devices labels prints it):',
      ...label.map((line) => `  ${line}`),
      'Next:',
      ...next.map((step, at) => `  ${at + 1}. ${stepText(step)}`),
    ];
    for (const line of lines) for (const each of wrapped(line, width, 5)) out(each);
  } finally {
    await service.close();
  }
}

/** @throws CallpointError NODE_REFUSED if the board can't be this device. Nothing was written. */
function checkBoard({ device, input, settings }: SiteNode, { board, bauds }: ShownNode): void {
  const { buttons, points, baudRate } = settings;
  const faults = [
    ...(buttons > board.buttonsMax ? [`${device} has buttons up to number ${buttons - 1}`] : []),
    ...(points > board.pointsMax ? [`${device} has points up to number ${points - 1}`] : []),
  ];
  if (faults.length > 0) {
    const has = `The board ${board.name} has ${board.buttonsMax} buttons and ${board.pointsMax} points`;
    throw refused(`${has}, and ${faults.join(' and ')}. Take another board, or change site.yaml`);
  }
  if (bauds.includes(baudRate)) return;
  const list = bauds.join(', ');
  throw refused(
    `The board ${board.name} can't keep ${baudRate} Bd with its clock: ${list} are possible. Set baudRate: of ${input} in site.yaml, and set up all nodes of that line again`,
  );
}

/** A node of another device may lie on the same table. */
async function checkOwner(
  { device, settings }: SiteNode,
  { settings: present }: ShownNode,
  { yes, json }: SetupOptions,
): Promise<void> {
  const address = Number(present.get('address'));
  if (address === 0 || address === settings.address || yes === true) return;
  const what = `This node is set up for address ${address}, and ${device} has address ${settings.address}`;
  const questions = json === true ? undefined : terminalQuestions();
  if (questions === undefined) throw refused(`${what}. If it is the right node, add --yes`);
  if (!(await questions.confirm(`${what}. Write over its settings?`))) throw refused('Nothing was written');
}

function warningsOf({ device }: SiteNode, { state }: ShownNode): string[] {
  if (state.epoch !== undefined) return [];
  return [
    `this node begins at epoch 1, as one does whose memory was erased with its firmware. If the key of ${device} was in a node before, the gateway refuses its presses ("Press with old numbers"): run callpoint keys rotate ${device}, and set it up again`,
  ];
}

/** What stands on the label, a line each. */
function labelOf({ device, room, input, settings, buttonNames, pointNames }: SiteNode, serial: string): string[] {
  return [
    `${room}  ${device}`,
    `${input}, address ${settings.address}, ${settings.baudRate} Bd`,
    `serial number ${serial}`,
    ...(buttonNames.length === 0 ? [] : [`buttons ${buttonNames.join(', ')}`]),
    ...(pointNames.length === 0 ? [] : [`points ${pointNames.join(', ')}`]),
  ];
}

function stepsOf({ device }: SiteNode, { config }: SetupOptions): Step[] {
  const site = config === 'site.yaml' ? '' : ` --config ${config}`;
  return [
    { text: 'Take the set-up jumper off: the node restarts. The LED goes dark: it is ready' },
    {
      text: 'Mount it. Without a gateway on the line a press makes the LED red and green in turn: contact, LED and node work',
    },
    { command: `callpoint reload${site}`, text: 'if its key or its entry is new' },
    { ...testStep(device), command: `${testStep(device).command}${site}` },
  ];
}

function stepText({ command, text }: Step): string {
  return command === undefined ? text : `${command}: ${text}`;
}

function refused(text: string): CallpointError {
  return new CallpointError('NODE_REFUSED', `${text}.`);
}
