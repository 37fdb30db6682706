import type * as z from 'zod';
import type { Fields } from '../../../protocol/mqtt-profiles/profile.ts';
import type { device } from './mqtt-fields.ts';

type Device = z.output<typeof device>;
type Button = Device['buttons'][number];
type Point = Device['points'][number];
type Source = Pick<Button, 'topic' | 'each' | 'path' | 'when'>;

/** The device as its input reads it: what its profile and the defaults fill in stands there. */
export function explainDevice(device: Device): Fields {
  const { id, input, location, topic: usual, buttons, points, availability, bridge, battery, lastSeen } = device;
  const { heartbeatSeconds } = device;
  return present({
    id,
    input,
    location,
    heartbeatSeconds,
    availability: availability.length === 1 ? availability.map(report)[0] : availability.map(report),
    bridge: bridge && report(bridge),
    battery: battery && {
      ...source(battery, usual),
      lowPercent: battery.lowPercent,
      low: texts(battery.low),
      normal: texts(battery.normal),
    },
    lastSeen: lastSeen && source(lastSeen, usual),
    buttons: buttons.length === 0 ? undefined : buttons.map((each) => button(each, usual)),
    points: points.length === 0 ? undefined : points.map((each) => point(each, usual)),
  });
}

function button(written: Button, usual: string | undefined): Fields {
  const { id, kind, zone, press, release, carries, counter, quietSeconds } = written;
  const repeats = carries === 'events' && counter === undefined ? { quietSeconds } : {};
  const counted = counter === undefined ? {} : { counter: dotted(counter) };
  return { id, kind, zone, ...source(written, usual), press, release: texts(release), carries, ...counted, ...repeats };
}

function point(written: Point, usual: string | undefined): Fields {
  const { id, type, zone, active, normal } = written;
  return { id, type, zone, ...source(written, usual), active: texts(active), normal: texts(normal) };
}

function report({ topic, path, when, online, offline }: Device['availability'][number]): Fields {
  return { ...source({ topic, path, when }, undefined), online: texts(online), offline: texts(offline) };
}

function source({ topic, each, path, when }: Source, usual: string | undefined): Fields {
  return present({
    topic: topic ?? usual,
    each: each && dotted(each),
    when: when.length === 0 ? undefined : Object.fromEntries(when.map((one) => [one.path.join('.'), texts(one.is)])),
    path: path.length === 0 ? undefined : dotted(path),
  });
}

function dotted(path: readonly string[]): string | readonly string[] {
  return path.some((name) => name.includes('.')) ? path : path.join('.');
}

/** A Bluetooth address stands there in both cases. */
function texts(words: readonly string[]): string | readonly string[] | undefined {
  const folded = new Set(words.map((word) => word.toLowerCase()));
  const [only] = words;
  return folded.size === 1 ? only : words;
}

function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
