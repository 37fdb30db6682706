import mqtt from 'mqtt';
import { z } from 'zod';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { topicRoot } from '../../protocol/mqtt-topics.ts';

/** What a member of staff's display would see: the gateway's MQTT tree, through a real client. */
export interface AlertWatch {
  /** @returns a function that ends it */
  onAlert(listener: (alert: AlertDocument) => void): () => void;
  /** Ids of all alerts heard of so far. */
  readonly ids: ReadonlySet<string>;
  /** Resolves when the gateway is ready, its path is up, every input is, and every device that gives signs of life has been heard. */
  ready(awaited: { readonly devices: number; readonly inputs: number }): Promise<void>;
  /** Topics, without the root, whose last word was not that all is well. */
  missing(): readonly string[];
  close(): Promise<void>;
}

const stateShape = z.object({ state: z.string().optional(), supervised: z.string().optional() });

export function watchAlerts(port: number, gateway: string, username: string, password: string): AlertWatch {
  const root = topicRoot(gateway);
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username, password, reconnectPeriod: 50, clean: true });
  const listeners = new Set<(alert: AlertDocument) => void>();
  const ids = new Set<string>();
  const good = new Set<string>();
  const bad = new Set<string>();
  let changed: () => void = () => undefined;
  // Refused until the gateway listens; the client tries again by itself.
  client.on('error', () => undefined);
  client.on('connect', () => client.subscribe(`${root}/#`, { qos: 1 }));
  client.on('message', (topic, payload) => {
    const text = payload.toString();
    if (text === '') return;
    const document: unknown = JSON.parse(text);
    if (topic.startsWith(`${root}/alert/`)) {
      const alert = document as AlertDocument;
      for (const listener of listeners) listener(alert);
      ids.add(alert.id);
    }
    // Alerts and events are no states of anything.
    if (!/\/(status|state|trouble\/[^/]+)$/.test(topic)) return;
    const { state, supervised } = stateShape.parse(document);
    const isGood =
      state === 'ready' ||
      state === 'up' ||
      state === 'restored' ||
      supervised === 'ok' ||
      supervised === 'unsupervised';
    (isGood ? good : bad).add(topic);
    (isGood ? bad : good).delete(topic);
    changed();
  });
  const isReady = ({ devices, inputs }: { readonly devices: number; readonly inputs: number }) => {
    const named = [...good];
    const count = (part: string) => named.filter((topic) => topic.includes(part)).length;
    const isUp = good.has(`${root}/status`) && count('/link/') > 0;
    return isUp && count('/dev/') >= devices && count('/input/') >= inputs;
  };
  return {
    ids,
    onAlert: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready: (awaited) =>
      new Promise((resolve) => {
        changed = () => {
          if (isReady(awaited)) resolve();
        };
        changed();
      }),
    missing: () => [...bad].map((topic) => topic.slice(root.length + 1)),
    close: () => client.endAsync(true),
  };
}
