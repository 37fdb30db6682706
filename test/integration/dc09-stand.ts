import { once } from 'node:events';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../device-sim/receiver/receiver.ts';
import type { Dc09Services } from '../../gateway/paths/dc09/driver.ts';
import type { Dc09Settings, Dc09UdpSettings } from '../../gateway/paths/dc09/settings.ts';
import { type Rig, settingsFor, startRig, udpSettingsFor } from './dc09-rig.ts';
import { UdpPeer } from './dc09-udp-peer.ts';

export const acknowledged = { type: 'receiverAcknowledged' };

/**
 * Waits a few turns of the event loop: both ends then read what the kernel already has for them.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Receivers, drivers and servers for one test. `close` closes them all, the newest first. */
export function createStand() {
  const cleanups: (() => Promise<unknown>)[] = [];

  async function receiverWith(options: Partial<ReceiverOptions> = {}): Promise<Receiver> {
    const receiver = await startReceiver({ port: 0, accounts: [{ account: '1234' }], ...options });
    cleanups.push(() => receiver.close());
    return receiver;
  }

  function rigWith(settings: Dc09Settings | Dc09UdpSettings, services: Partial<Dc09Services> = {}): Rig {
    const rig = startRig(settings, services);
    cleanups.push(() => rig.driver.stop());
    return rig;
  }

  /** Makes a receiver and a driver with the standing connection open. */
  async function connected(extra: Partial<Dc09Settings> = {}, options: Partial<ReceiverOptions> = {}) {
    const receiver = await receiverWith(options);
    const rig = rigWith(settingsFor(receiver.port, extra));
    await receiver.until((one) => one.connections === 1);
    await settle();
    return { receiver, rig };
  }

  /** Makes a receiver and a driver over UDP. */
  async function overUdp(extra: Partial<Dc09UdpSettings> = {}, options: Partial<ReceiverOptions> = {}) {
    const receiver = await receiverWith({ udp: true, ...options });
    const rig = rigWith(udpSettingsFor(receiver.port, extra));
    return { receiver, rig };
  }

  /** Opens a bare UDP port at the far end. */
  async function udpPeer(address?: string, port?: number): Promise<UdpPeer> {
    const peer = await UdpPeer.open(address, port);
    cleanups.push(() => peer.close());
    return peer;
  }

  async function listening(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    return (server.address() as AddressInfo).port;
  }

  /**
   * Makes a listener that never accepts: once its queue is full, the kernel leaves connection
   * requests unanswered.
   */
  async function blackHole() {
    const source = `
      const { parentPort } = require('node:worker_threads');
      const server = require('node:net').createServer();
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        parentPort.postMessage(server.address().port);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const worker = new Worker(source, { eval: true });
    const [port] = (await once(worker, 'message')) as [number];
    const fillers: Socket[] = [];
    const fill = async () => {
      for (let i = 0; i < 2; i++) {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        fillers.push(socket);
        await once(socket, 'connect');
      }
    };
    cleanups.push(async () => {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    });
    return { port, fill };
  }

  const cleanUp = (action: () => Promise<unknown>) => void cleanups.push(action);
  const close = async () => {
    while (cleanups.length > 0) await cleanups.pop()?.();
  };
  return { receiverWith, rigWith, connected, overUdp, udpPeer, listening, blackHole, cleanUp, close };
}
