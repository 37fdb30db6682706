import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeAck } from '../../protocol/dc09/reply.ts';
import { attemptOf, settingsFor, udpSettingsFor } from './dc09-rig.ts';
import { acknowledged, createStand, settle } from './dc09-stand.ts';

const stand = createStand();
afterEach(stand.close);
const { receiverWith, rigWith, listening, udpPeer } = stand;

/** An address that no host has: it is reserved for documentation (RFC 5737). */
const NOWHERE = '192.0.2.250';
const ack = encodeAck({ sequence: 1, prefix: '0', account: '1234' });

describe('the network a message leaves by', () => {
  test('TCP connections come from localAddress', async () => {
    const froms: (string | undefined)[] = [];
    const server = createServer((socket) => {
      froms.push(socket.remoteAddress);
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.write(ack));
    });
    const rig = rigWith(settingsFor(await listening(server), { localAddress: '127.0.0.2' }));
    expect(await rig.send({ attempt: 1, sequence: 1 })).toEqual(acknowledged);
    expect(froms).toEqual(['127.0.0.2']);
  });

  test('datagrams come from localAddress, and the answer finds its way back there', async () => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port, { localAddress: '127.0.0.2' }));
    rig.driver.send(attemptOf(1));
    const request = await peer.count(1);
    expect(request.address).toBe('127.0.0.2');
    await peer.send(ack, request);
    expect(await rig.outcome(1)).toEqual(acknowledged);
  });

  test.each(['dc09-tcp', 'dc09-udp'] as const)(
    '%s: while its address is gone the path is unreachable and says why; another path is not touched',
    async (driver) => {
      const receiver = await receiverWith({ udp: true });
      const make = driver === 'dc09-tcp' ? settingsFor : udpSettingsFor;
      const backup = rigWith(make(receiver.port, { localAddress: NOWHERE }));
      const primary = rigWith(make(receiver.port, { localAddress: '127.0.0.2' }));
      await settle();
      expect(await backup.send({ attempt: 1 })).toEqual({
        type: 'failed',
        reason: 'unreachable',
        detail: `can't send from localAddress ${NOWHERE}: this machine does not have it now, is its network up?`,
      });
      expect(await primary.send({ attempt: 1 })).toEqual(acknowledged);
    },
  );

  test.each(['dc09-tcp', 'dc09-udp'] as const)(
    '%s: of a host with addresses of both kinds, one that can be reached from it is taken',
    async (driver) => {
      const receiver = await receiverWith({ udp: true });
      const make = driver === 'dc09-tcp' ? settingsFor : udpSettingsFor;
      const lookup = () => Promise.resolve(['::1', '127.0.0.1']);
      const rig = rigWith(make(receiver.port, { host: 'cms.example', localAddress: '127.0.0.2' }), { lookup });
      await settle();
      expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    },
  );
});
