import mqtt from 'mqtt';
import { z } from 'zod';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { topicRoot } from '../../protocol/mqtt-topics.ts';

/** What a member of staff's display would see: the gateway's MQTT tree, through a real client. */
export interface AlertWatch {
  onAlert(listener: (alert: AlertDocument) => void): void;
  /** Resolves when the gateway is ready, its path is up and every device of the site has been heard. */
  ready(devices: number): Promise<void>;
  close(): Promise<void>;
}

const stateShape = z.object({ state: z.string().optional(), supervised: z.string().optional() });

export function watchAlerts(port: number, gateway: string, username: string, password: string): AlertWatch {
  const root = topicRoot(gateway);
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username, password, reconnectPeriod: 50, clean: true });
  const listeners: ((alert: AlertDocument) => void)[] = [];
  const good = new Set<string>();
  let changed: () => void = () => undefined;
  // Refused until the gateway listens; the client tries again by itself.
  client.on('error', () => undefined);
  client.on('connect', () => client.subscribe(`${root}/#`, { qos: 1 }));
  client.on('message', (topic, payload) => {
    const text = payload.toString();
    if (text === '') return;
    const document: unknown = JSON.parse(text);
    if (topic.startsWith(`${root}/alert/`)) for (const listener of listeners) listener(document as AlertDocument);
    const { state, supervised } = stateShape.parse(document);
    const isGood = state === 'ready' || state === 'up' || supervised === 'ok';
    if (isGood) good.add(topic);
    else good.delete(topic);
    changed();
  });
  const isReady = (devices: number) => {
    const named = [...good];
    const count = (part: string) => named.filter((topic) => topic.includes(part)).length;
    return good.has(`${root}/status`) && count('/link/') > 0 && count('/dev/') >= devices;
  };
  return {
    onAlert: (listener) => listeners.push(listener),
    ready: (devices) =>
      new Promise((resolve) => {
        changed = () => {
          if (isReady(devices)) resolve();
        };
        changed();
      }),
    close: () => client.endAsync(true),
  };
}
