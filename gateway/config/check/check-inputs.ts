import type { Ports } from '../fields/ports.ts';
import { Unique } from '../fields/unique.ts';
import { inputDriverNamed, isInputDriverName } from '../inputs/input-drivers.ts';
import { suggest } from '../read/nearest.ts';
import type { View } from '../read/view.ts';

/**
 * Checks the inputs with their devices, by their drivers, and the references of outputs.
 *
 * @returns the ids of the inputs
 */
export function checkInputs(site: View, ports: Ports): readonly string[] {
  const ids = new Unique('give each input a name of its own');
  const devices = site.list('devices');
  const outputs = site.list('outputs');
  const devicesOn = byInput(devices);
  const outputsOn = byInput(outputs);
  for (const input of site.list('inputs')) {
    const id = input.text('id');
    ids.add(input, 'id', id, `input ${id}`);
    const on = { devices: devicesOn.get(id) ?? [], outputs: outputsOn.get(id) ?? [] };
    if (id !== undefined && devices.length > 0 && on.devices.length + on.outputs.length === 0)
      input.warn('id', `no device is on ${id}`, 'remove the input, or wire something to it');
    const driver = input.text('driver');
    if (isInputDriverName(driver)) inputDriverNamed(driver).check(input, on, { mqtt: site.child('mqtt'), ports });
  }
  checkOutputs(site, outputs);
  return ids.values();
}

function byInput(views: readonly View[]): ReadonlyMap<string | undefined, readonly View[]> {
  const found = new Map<string | undefined, View[]>();
  for (const view of views) {
    const input = view.text('input');
    const here = found.get(input);
    if (here === undefined) found.set(input, [view]);
    else here.push(view);
  }
  return found;
}

function checkOutputs(site: View, outputs: readonly View[]): void {
  const ids = new Unique('give each output a name of its own');
  const inputs = new Map(site.list('inputs').map((input) => [input.text('id'), input.text('driver')]));
  const able = [...inputs].flatMap(([id, driver]) => {
    return id !== undefined && isInputDriverName(driver) && inputDriverNamed(driver).output !== undefined ? [id] : [];
  });
  for (const output of outputs) {
    ids.add(output, 'id', output.text('id'), `output ${output.text('id')}`);
    const input = output.text('input');
    if (input === undefined) continue;
    const driver = inputs.get(input);
    if (!inputs.has(input)) {
      output.wrong(
        'input',
        `there is no input ${input}`,
        suggest(input, able, 'add one with outputs (gpio, firmata, mqtt)'),
      );
    } else if (isInputDriverName(driver) && !able.includes(input)) {
      const hint = suggest(input, able, 'add an input of driver gpio, firmata or mqtt');
      output.wrong('input', `${input} is a ${driver} input, which has no outputs`, hint);
    }
  }
}
