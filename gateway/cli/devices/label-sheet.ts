import { type DrillScope, scopeText } from '../../../protocol/drill-scope.ts';
import { addressOf } from '../../config/edit/free-numbers.ts';
import type { SiteFile } from '../../config/schema/site-schema.ts';

/** What stands on the label of one device. */
interface Label {
  readonly device: string;
  readonly room: string;
  readonly room_name: string;
  readonly place: string;
  readonly input: string;
  readonly address: string;
  readonly buttons: string;
  /** Only where it was asked for. */
  readonly key?: string;
}

/** The labels of the devices within a scope, by building, floor and room. */
export function labelsOf(site: SiteFile, scope: DrillScope, keyOf: (device: string) => string | undefined): Label[] {
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

const STYLE = `
  @page { size: A4; margin: 10mm; }
  body { font: 10pt/1.25 system-ui, sans-serif; margin: 0; color: #000; background: #fff; }
  h1 { font-size: 12pt; margin: 0 0 4mm; }
  .secret { border: 0.6mm solid #000; padding: 2mm; margin-bottom: 4mm; font-weight: bold; }
  .sheet { display: grid; grid-template-columns: repeat(3, 1fr); gap: 3mm; }
  .label { border: 0.2mm solid #777; border-radius: 2mm; padding: 3mm; min-height: 34mm; break-inside: avoid;
    overflow-wrap: anywhere; }
  .room { font-size: 20pt; font-weight: bold; line-height: 1.1; }
  .name { font-size: 12pt; }
  .device { margin-top: 2mm; font-weight: bold; }
  .key { font-family: ui-monospace, monospace; margin-top: 1mm; }
  @media screen { body { margin: 10mm; max-width: 190mm; } }
`;

/** A page to print: one label for each device, three in a row on A4. */
export function labelSheet(site: string, labels: readonly Label[]): string {
  const hasKeys = labels.some(({ key }) => key !== undefined);
  const warning =
    '<p class="secret">This sheet has the keys of the devices. Whoever reads it can forge their alarms: destroy it when the devices are set up.</p>\n';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Labels, ${escaped(site)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(site)}: labels of ${labels.length} device${labels.length === 1 ? '' : 's'}</h1>
${hasKeys ? warning : ''}<div class="sheet">
${labels.map(labelHtml).join('\n')}
</div>
</body>
</html>
`;
}

function labelHtml({ device, room, room_name: roomName, place, input, address, buttons, key }: Label): string {
  const where = address === '' ? input : `${input}, address ${address}`;
  const lines = [
    `<div class="room">${escaped(room)}</div>`,
    `<div class="name">${escaped(roomName)}</div>`,
    `<div>${escaped(place)}</div>`,
    `<div class="device">${escaped(device)}</div>`,
    `<div>${escaped(where)}</div>`,
    `<div>${escaped(buttons)}</div>`,
    ...(key === undefined ? [] : [`<div class="key">${escaped(key.replaceAll(/(.{4})(?=.)/g, '$1 '))}</div>`]),
  ];
  return `<div class="label">${lines.join('')}</div>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
