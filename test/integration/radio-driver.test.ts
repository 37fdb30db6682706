import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hexToBytes } from '../../protocol/bytes.ts';
import { parseUi } from '../../protocol/radio/ax25.ts';
import { encodeKiss } from '../../protocol/radio/kiss.ts';
import {
  acknowledged,
  attemptOf,
  baseReport,
  eventually,
  pollOf,
  RadioStand,
  settingsFor,
  settle,
} from './radio-rig.ts';

const stand = new RadioStand();
afterEach(stand.close);

describe('delivery', () => {
  test('an alarm is shown at the receiving station, whose acknowledgement ends the attempt', async () => {
    const { world, rig } = await stand.connected();
    rig.driver.send(attemptOf(1, 42));
    expect(rig.sent).toEqual([1]);
    expect(rig.outcomes).toEqual([]);
    expect(await rig.outcome(1)).toEqual(acknowledged);
    expect(world.receiver.shown).toEqual([
      { source: 'N0CALL-9', id: '0042', text: baseReport.text, rooms: ['101'], copies: 1 },
    ]);
  });

  test('one report is one frame, with its path and as many words as fit', async () => {
    const { world, rig } = await stand.connected({ digipeaters: ['HILL-1', 'WIDE1-1'] });
    const text = 'DRILL: Intruder, Gebäude "Süd" {alt}, Erdgeschoss, Zimmer 101 am Ende des langen Flurs';
    expect(await rig.send(attemptOf(1, 9999, { text }))).toEqual(acknowledged);
    expect(world.receiver.shown[0]?.text).toBe("DRILL: Intruder, Gebaude 'Sud' (alt), Erdgeschoss, Zimmer 101 am...");
    const { digipeaters, destination } = parseUi(world.receiver.heard[0]?.frame ?? new Uint8Array()) ?? {};
    expect(destination).toEqual({ call: 'APZCPT', ssid: 0 });
    expect(digipeaters).toEqual([
      { call: 'HILL', ssid: 1, repeated: false },
      { call: 'WIDE1', ssid: 1, repeated: false },
    ]);
  });

  test('a digipeater between the two carries the message and its acknowledgement', async () => {
    const digipeaters = ['HILL-1', 'WIDE1-1'];
    const { world, rig } = await stand.connected({ digipeaters }, { digipeaters });
    expect(await rig.send(attemptOf(1, 42))).toEqual(acknowledged);
    expect(world.digipeaters.map(({ repeated }) => repeated)).toEqual([2, 2]);
    expect(world.receiver.shown).toMatchObject([{ id: '0042', copies: 1 }]);
  });

  test('a repeat within 30 s ends at the digipeater, which is why the core is told to wait longer', async () => {
    const digipeaters = ['WIDE1-1'];
    const { world, rig } = await stand.connected({ digipeaters }, { digipeaters });
    world.receiver.behave({ type: 'ackLost', times: 1 });
    rig.driver.send(attemptOf(1, 42));
    await world.receiver.until(({ heard }) => heard.length === 1);
    rig.driver.abandon(1);
    rig.driver.send(attemptOf(2, 42));
    await eventually('the repeat at the digipeater', () => world.digipeaters[0]?.dropped === 1);
    expect(world.receiver.heard).toHaveLength(1);
  });

  test('the TNC is told how to use the channel when the connection opens', async () => {
    const parameters = { txDelayMs: 250, slotMs: 50, txTailMs: 30, persistence: 100 };
    const { world } = await stand.connected(parameters);
    await eventually('the parameters', () => world.near.parameters.txTailMs === 30);
    expect(world.near.parameters).toEqual(parameters);
  });

  test('two messages at once are told apart by their ids', async () => {
    const { world, rig } = await stand.connected();
    const both = [rig.send(attemptOf(1, 1)), rig.send(attemptOf(2, 2))];
    expect(await Promise.all(both)).toEqual([acknowledged, acknowledged]);
    expect(world.receiver.shown.map(({ id }) => id)).toEqual(['0001', '0002']);
  });

  test('on a channel that loses a third of all frames every report arrives, and is shown once', async () => {
    const { world, rig } = await stand.connected({}, { loss: 0.33, seed: 7 });
    let attempt = 0;
    for (let sequence = 1; sequence <= 20; sequence++) {
      for (let done = false; !done; ) {
        attempt += 1;
        const answer = rig.send(attemptOf(attempt, sequence));
        done = await Promise.race([answer.then(() => true), new Promise<false>((end) => setTimeout(end, 30, false))]);
        if (!done) rig.driver.abandon(attempt);
        answer.catch(() => undefined);
      }
    }
    expect(attempt).toBeGreaterThan(25);
    expect(world.receiver.shown.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(world.receiver.heard.length).toBeGreaterThan(20);
  }, 10_000);
});

describe('polls', () => {
  test('prove the receiving station, which shows them once', async () => {
    const { world, rig } = await stand.connected();
    for (const attempt of [1, 2, 3]) expect(await rig.send(pollOf(attempt))).toEqual(acknowledged);
    expect(world.receiver.shown).toMatchObject([{ id: '0000', text: 'Link test', copies: 3 }]);
  });

  test('an answer to an earlier poll that comes when none is under way proves nothing of the next', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'slowAck', ms: 20 });
    rig.driver.send(pollOf(1));
    await world.receiver.until(({ heard }) => heard.length === 1);
    rig.driver.abandon(1);
    await stand.heardAll(world, 2);
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(pollOf(2));
    await stand.heardAll(world);
    expect(rig.outcomes).toEqual([]);
  });
});

describe('messages to us', () => {
  test('are acknowledged every time, and are otherwise ignored', async () => {
    const { world, rig } = await stand.connected();
    for (const count of [1, 2]) {
      world.receiver.say('N0CALL-9', 'who is there?', '77');
      await world.receiver.until(({ acknowledged }) => acknowledged.length === count);
    }
    world.receiver.say('N0CALL-9', 'no answer wanted');
    world.receiver.say('N0CALL-8', 'for another', '78');
    expect(await rig.send(attemptOf(1, 1))).toEqual(acknowledged);
    expect(world.receiver.acknowledged).toEqual(['77', '77']);
    expect(rig.outcomes).toHaveLength(1);
  });

  test('that come over digipeaters are acknowledged at most every 30 s', async () => {
    let nowMs = 0;
    const { world, rig } = await stand.connected({}, {}, { nowMs: () => nowMs });
    const hearAt = async (ms: number) => {
      nowMs = ms;
      world.receiver.say('N0CALL-9', 'hello', '5', ['HILL-1']);
      await rig.send(attemptOf(ms + 1, ms + 1));
    };
    for (const ms of [0, 1_000, 5_000]) await hearAt(ms);
    expect(world.receiver.acknowledged).toEqual(['5']);
  });

  test('from strangers do not make us use up the channel', async () => {
    const { world, rig } = await stand.connected({}, { collisions: false });
    for (let count = 1; count <= 40; count++) world.receiver.say('N0CALL-9', 'hello', String(count));
    await eventually('the channel to be free', () => world.far.queued === 0 && !world.channel.busy);
    expect(await rig.send(attemptOf(1, 1))).toEqual(acknowledged);
    expect(world.receiver.acknowledged).toHaveLength(6);
  });
});

describe('a TNC on TCP', () => {
  test('that is not there fails an attempt at once, in words; when it comes the path works', async () => {
    const world = stand.world();
    const server = await world.serve();
    await server.close();
    const rig = stand.rig(settingsFor({ host: '127.0.0.1', port: server.port }));
    await settle();
    expect(await rig.send(attemptOf(1, 1))).toMatchObject({
      type: 'failed',
      reason: 'unreachable',
      detail: expect.stringContaining(`the TNC at 127.0.0.1:${server.port}`),
    });
    expect(rig.sent).toEqual([]);
    await server.listen();
    await server.connected(1);
    await settle();
    expect(await rig.send(attemptOf(2, 1))).toEqual(acknowledged);
  });

  test('that is lost fails what is under way at once, and is reached again in the background', async () => {
    const { world, server, rig } = await stand.connected();
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(1, 1));
    rig.driver.send(attemptOf(2, 2));
    await eventually('both frames', () => world.channel.frames === 2);
    server.dropAll();
    const lost = { type: 'failed', reason: 'unreachable', detail: expect.stringContaining('is it running?') };
    expect(await rig.outcome(1)).toMatchObject(lost);
    expect(await rig.outcome(2)).toMatchObject(lost);
    world.receiver.behave({ type: 'normal' });
    await server.connected(0);
    await server.connected(1);
    await settle();
    expect(await rig.send(attemptOf(3, 1))).toEqual(acknowledged);
    expect(rig.outcomes).toHaveLength(3);
  });

  test('that reads nothing is told, before memory fills', async () => {
    const sockets: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, (socket) =>
      sockets.push(socket.on('error', () => undefined)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connection = once(server, 'connection');
    const digipeaters = Array<string>(8).fill('HILL-1');
    const { port } = server.address() as AddressInfo;
    const rig = stand.rig(settingsFor({ host: '127.0.0.1', port }, { digipeaters }));
    await connection;
    await settle();
    let attempt = 0;
    while (rig.outcomes.length === 0 && attempt < 200_000) {
      for (let burst = 0; burst < 500; burst++) rig.driver.send(attemptOf(++attempt, 1));
      await settle();
    }
    expect(rig.outcomes[0]?.outcome).toMatchObject({
      reason: 'unreachable',
      detail: expect.stringContaining('KISS mode'),
    });
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('whose host has no known address fails at once and says so', async () => {
    const rig = stand.rig(settingsFor({ host: 'tnc.example', port: 8001 }), {
      lookup: () => new Promise(() => undefined),
    });
    rig.driver.send(attemptOf(1, 1));
    expect(rig.outcomes).toEqual([]);
    expect(await rig.outcome(1)).toMatchObject({ reason: 'noAddress' });
  });

  test('may send what it likes: frames of others, noise, a sign-on text', async () => {
    const { world, server, rig } = await stand.connected();
    const noise = [
      'cmd:\r\n',
      '\xc0\x00\xdb\x01\xc0',
      '\xc0'.repeat(500),
      '\xc0\x00'.padEnd(100_000, 'x'),
      '\xc0\x10not our port\xc0',
      '\xc0\x00not AX.25\xc0',
    ];
    for (const text of noise) world.near.heard(Buffer.from(text, 'latin1'));
    const payload =
      hexToBytes('82a0b4606062e09c60868298986303f03a4e3043414c4c2d39203a61636b30303031') ?? new Uint8Array();
    world.near.heard(encodeKiss({ port: 3, command: 0, payload }));
    expect(server.hosts).toBe(1);
    expect(await rig.send(attemptOf(1, 1))).toEqual(acknowledged);
  });
});

describe('a TNC on a serial port', () => {
  test('carries messages both ways, is told its parameters, and is missed and found again', async () => {
    const world = stand.world();
    const terminal = stand.terminal();
    world.plug(terminal);
    const port = join(tmpdir(), `callpoint-radio-${process.pid}`);
    terminal.link(port);
    const rig = stand.rig(settingsFor({ port, baudRate: 9600 }, { txDelayMs: 20 }));
    expect(await rig.send(attemptOf(1, 1))).toMatchObject({
      reason: 'unreachable',
      detail: expect.stringContaining('not open yet'),
    });
    await eventually('the parameters', () => world.near.parameters.txDelayMs === 20);
    expect(await rig.send(attemptOf(2, 1))).toEqual(acknowledged);

    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(3, 2));
    terminal.close();
    expect(await rig.outcome(3)).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining('unplugged') });
    expect(await rig.send(attemptOf(4, 2))).toMatchObject({ reason: 'unreachable' });

    world.receiver.behave({ type: 'normal' });
    const again = stand.terminal();
    world.plug(again);
    again.link(port);
    let attempt = 5;
    while ((await rig.send(attemptOf(attempt, 2))).type !== 'receiverAcknowledged') {
      attempt += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(world.receiver.shown.map(({ id }) => id)).toEqual(['0001', '0002']);
  });

  test('that reads nothing for a while gets every frame whole', async () => {
    const world = stand.world({ collisions: false });
    const terminal = stand.terminal();
    const rig = stand.rig(settingsFor({ port: terminal.path, baudRate: 9600 }));
    world.plug(terminal);
    await eventually('the parameters', () => world.near.parameters.persistence === 255);
    terminal.pause();
    for (let sequence = 1; sequence <= 60; sequence++) rig.driver.send(attemptOf(sequence, sequence));
    await settle();
    expect(world.channel.frames).toBe(0);
    terminal.resume();
    for (let sequence = 1; sequence <= 60; sequence++) expect(await rig.outcome(sequence)).toEqual(acknowledged);
    expect(world.receiver.shown.every(({ text }) => text === baseReport.text)).toBe(true);
  });

  test('that reads nothing at all is told, before memory fills', async () => {
    const terminal = stand.terminal();
    const rig = stand.rig(settingsFor({ port: terminal.path, baudRate: 9600 }));
    await new Promise<void>((resolve) => void terminal.onData(() => resolve()));
    terminal.pause();
    for (let sequence = 1; sequence <= 400; sequence++) rig.driver.send(attemptOf(sequence, sequence));
    expect(await rig.outcome(400)).toMatchObject({
      reason: 'unreachable',
      detail: expect.stringContaining('takes no more bytes'),
    });
  });
});

describe('a TNC that wakes in command mode', () => {
  const initTimes = { lineMs: 200, settleMs: 50, againMs: 60_000 };
  const tncInit = ['KISS ON', 'RESTART'];

  /** A serial TNC whose memory says command mode, and a gateway that opens its port. */
  function serial(init: readonly string[]) {
    const world = stand.world();
    const terminal = stand.terminal();
    world.plug(terminal);
    world.near.wakeInCommandMode();
    const rig = stand.rig(settingsFor({ port: terminal.path, baudRate: 9600 }, { tncInit: init, txDelayMs: 20 }), {
      initTimes,
    });
    return { world, rig };
  }

  test('is told what brings it into KISS mode when its port opens; frames wait meanwhile', async () => {
    const { world, rig } = serial(tncInit);
    await eventually('the first command', () => world.near.commands.length > 0);
    expect(await rig.send(attemptOf(1, 1))).toEqual(acknowledged);
    expect(world.near.isInCommandMode).toBe(false);
    expect(world.near.commands).toEqual(tncInit);
    expect(world.near.parameters.txDelayMs).toBe(20);
  });

  test('without tnc.init is told in words, at once', async () => {
    const { rig } = serial([]);
    let attempt = 1;
    const opened = async () => (await rig.send(attemptOf(attempt, 1))) as { detail?: string };
    let outcome = await opened();
    while (outcome.detail?.includes('not open yet')) {
      attempt += 1;
      outcome = await opened();
    }
    expect(outcome).toMatchObject({ type: 'failed', reason: 'unreachable' });
    expect(outcome.detail).toMatch(/is in command mode \(it says "(cmd:|\?EH)"\) and sends nothing: write tnc\.init/);
  });

  test('that does not obey is told in words: the commands are not the right ones', async () => {
    const { world, rig } = serial(['INTFACE KISS', 'RESET']);
    await eventually('the commands', () => world.near.commands.length === 2);
    const detail = expect.stringContaining('after "INTFACE KISS", "RESET" as well: write in tnc.init what its manual');
    expect(await rig.send(attemptOf(1, 1))).toMatchObject({ type: 'failed', detail });
  });

  test('after a power cut in the middle of the day is brought back, and the next attempt goes through', async () => {
    const { world, server, rig } = await stand.connected({ tncInit }, {}, { initTimes: { ...initTimes, againMs: 0 } });
    expect(await rig.send(attemptOf(1, 1))).toEqual(acknowledged);
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(2, 2));
    await eventually('its frame', () => world.near.taken === 2);
    world.near.wakeInCommandMode();
    expect(await rig.outcome(2)).toMatchObject({ detail: expect.stringContaining('tnc.init has been sent to it') });
    world.receiver.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(3, 2))).toEqual(acknowledged);
    expect([server.hosts, world.near.isInCommandMode]).toEqual([1, false]);
  });

  test('is not what a station on the air says', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(1, 1));
    await eventually('its frame', () => world.near.taken === 1);
    world.receiver.say('N0CALL-9', 'cmd:');
    world.near.heard(Buffer.from('\r\n?EH\r\ncmd:'));
    await stand.heardAll(world);
    expect(rig.outcomes).toEqual([]);
  });
});

describe('stopping', () => {
  test('ends at once and tells nothing afterwards', async () => {
    const { world, server, rig } = await stand.connected();
    world.receiver.behave({ type: 'slowAck', ms: 20 });
    rig.driver.send(attemptOf(1, 1));
    await rig.driver.stop();
    await server.connected(0);
    rig.driver.send(attemptOf(2, 2));
    await settle();
    expect(rig.outcomes).toEqual([]);
  });
});
