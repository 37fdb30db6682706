import mqtt from 'mqtt';
import { z } from 'zod';
import type { AlertDocument, DrillDocument } from '../../protocol/mqtt-documents.ts';
import { topicRoot } from '../../protocol/mqtt-topics.ts';

/** Shows what a staff display would show: it reads the gateway's MQTT tree with a real client. */
export interface AlertWatch {
  /** @returns a function that removes the listener */
  onAlert(listener: (alert: AlertDocument) => void): () => void;
  /** The latest document of each known alert by id, oldest alert first. */
  readonly alerts: ReadonlyMap<string, AlertDocument>;
  /**
   * Resolves when the gateway is ready, its paths and inputs are up, and every supervised device
   * has been heard.
   */
  ready(awaited: Awaited): Promise<void>;
  /**
   * Sends a command to the gateway, as an operator's console does.
   * @param name as in `cmd/<name>`
   */
  command(name: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** @returns a function that removes the listener */
  onDrill(listener: (drill: DrillDocument) => void): () => void;
  /** Topics, without the root, whose latest state is not well. */
  missing(): readonly string[];
  /** Describes what is still missing, for a person. */
  stillAwaited(awaited: Awaited): readonly string[];
  /** Number of topics that have reported a good state since the start. */
  readonly known: number;
  close(): Promise<void>;
}

interface Awaited {
  readonly devices: number;
  readonly inputs: number;
  /** Ids of alerts. Default: any alert. */
  readonly paths?: readonly string[];
}

const stateShape = z.object({ state: z.string().optional(), supervised: z.string().optional() });

export function watchAlerts(port: number, gateway: string, username: string, password: string): AlertWatch {
  const root = topicRoot(gateway);
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username, password, reconnectPeriod: 50, clean: true });
  const listeners = new Set<(alert: AlertDocument) => void>();
  const drillListeners = new Set<(drill: DrillDocument) => void>();
  const alerts = new Map<string, AlertDocument>();
  const good = new Set<string>();
  const bad = new Set<string>();
  const everGood = new Set<string>();
  let changed: () => void = () => undefined;
  // The connection is refused until the gateway listens. The client retries by itself.
  client.on('error', () => undefined);
  client.on('connect', () => client.subscribe(`${root}/#`, { qos: 1 }));
  client.on('message', (topic, payload) => {
    const text = payload.toString();
    if (text === '') return;
    const document: unknown = JSON.parse(text);
    if (topic.startsWith(`${root}/alert/`)) {
      const alert = document as AlertDocument;
      alerts.set(alert.id, alert);
      for (const listener of listeners) listener(alert);
    }
    if (topic.startsWith(`${root}/drill/`)) for (const listener of drillListeners) listener(document as DrillDocument);
    // Alerts and events are not states, and every state of a door is well.
    if (!/\/(status|state|trouble\/[^/]+)$/.test(topic) || topic.startsWith(`${root}/door/`)) return;
    const { state, supervised } = stateShape.parse(document);
    const isGood =
      state === 'ready' ||
      state === 'up' ||
      state === 'restored' ||
      supervised === 'ok' ||
      supervised === 'unsupervised';
    (isGood ? good : bad).add(topic);
    (isGood ? bad : good).delete(topic);
    if (isGood) everGood.add(topic);
    changed();
  });
  const count = (part: string) => [...good].filter((topic) => topic.includes(part)).length;
  const missing = () => [...bad].map((topic) => topic.slice(root.length + 1));
  const isReady = ({ devices, inputs, paths }: Awaited) => {
    const isUp = (path: string) => good.has(`${root}/link/${path}/status`);
    const isLinked = paths === undefined ? count('/link/') > 0 : paths.every(isUp);
    return good.has(`${root}/status`) && isLinked && count('/dev/') >= devices && count('/input/') >= inputs;
  };
  return {
    alerts,
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
    command: async (name, fields) => {
      await client.publishAsync(`${root}/cmd/${name}`, JSON.stringify(fields), { qos: 1 });
    },
    onDrill: (listener) => {
      drillListeners.add(listener);
      return () => drillListeners.delete(listener);
    },
    get known() {
      return everGood.size;
    },
    missing,
    stillAwaited: ({ devices, inputs }) => {
      if (good.size + bad.size === 0) return ['the gateway to be heard on MQTT'];
      const heard = [
        ['devices', count('/dev/'), devices],
        ['inputs', count('/input/'), inputs],
      ] as const;
      return [
        ...heard.filter(([, is, of]) => is < of).map(([what, is, of]) => `${of - is} of ${of} ${what}`),
        ...missing(),
      ];
    },
    close: () => client.endAsync(true),
  };
}
