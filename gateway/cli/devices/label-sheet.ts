import { type DrillScope, scopeText } from '../../../protocol/drill-scope.ts';
import { addressOf } from '../../config/edit/free-numbers.ts';
import type { SiteFile } from '../../config/schema/site-schema.ts';
import type { Block, Label as PrintedLabel, Printout } from '../../print/printout.ts';

/** What stands on the label of one device. */
interface Label {
  readonly device: string;
  readonly room: string;
  readonly room_name: string;
  readonly place: string;
  readonly input: string;
  readonly address: string;
  readonly buttons: string;
  /** What its light means; empty: it has none, or shows nothing. */
  readonly light: string;
  /** Only where it was asked for. */
  readonly key?: string;
}

/** Of a wall node: hardware/node/light/patterns.yaml. */
const LIGHT = 'amber: heard, amber fast: sent, green: accepted, red: not confirmed';

/** The labels of the devices within a scope, by building, floor and room. */
export function labelsOf(
  site: SiteFile,
  scope: DrillScope,
  { keyOf, hasLight }: { keyOf(device: string): string | undefined; hasLight(device: string): boolean },
): Label[] {
  return site.buildings.flatMap((building) =>
    building.floors.flatMap((floor) =>
      floor.rooms.flatMap((room) => {
        const location = `${building.id}/${floor.id}/${room.number}`;
        const here = site.devices.filter((device) => device.location === location);
        return here
          .filter(({ id }) => isWithin(scope, id, building.id, floor.id, room.number))
          .map((device): Label => {
            const key = keyOf(device.id);
            return {
              device: device.id,
              room: room.number,
              room_name: room.name ?? '',
              place: `${building.name ?? `Building ${building.id}`}, ${floor.name ?? `Floor ${floor.id}`}`,
              input: device.input,
              address: String(addressOf(device) ?? ''),
              buttons: device.buttons.map(({ id, kind }) => `${id}: ${kind}`).join(', '),
              light: hasLight(device.id) ? LIGHT : '',
              ...(key === undefined ? {} : { key }),
            };
          });
      }),
    ),
  );
}

function isWithin(scope: DrillScope, device: string, ...place: readonly [string, string, string]): boolean {
  const [building, floor, room] = place;
  const texts = [
    'site',
    `building:${building}`,
    `floor:${building}/${floor}`,
    `room:${building}/${floor}/${room}`,
    `device:${device}`,
  ];
  return texts.includes(scopeText(scope));
}

/** A page of labels to print: one for each device. */
export function labelSheet(site: string, labels: readonly Label[], madeAt: string): Printout {
  const hasKeys = labels.some(({ key }) => key !== undefined);
  const warning: Block = {
    kind: 'paragraph',
    tone: 'bad',
    text: 'This sheet has the keys of the devices. Whoever reads it can forge their alarms: destroy it when the devices are set up.',
  };
  return {
    title: `Labels of ${labels.length} device${labels.length === 1 ? '' : 's'}`,
    subtitle: site,
    language: 'en',
    footer: `${site}, ${madeAt}${hasKeys ? '. With keys: destroy after use' : ''}`,
    blocks: [...(hasKeys ? [warning] : []), { kind: 'labels', labels: labels.map(printedLabel) }],
  };
}

function printedLabel({
  device,
  room,
  room_name: roomName,
  place,
  input,
  address,
  buttons,
  light,
  key,
}: Label): PrintedLabel {
  const where = address === '' ? input : `${input}, address ${address}`;
  const secret = key === undefined ? [] : [key.replaceAll(/(.{4})(?=.)/g, '$1 ')];
  const lines = [place, device, where, buttons, light, ...secret].filter((line) => line !== '');
  return { title: room, name: roomName, lines };
}
