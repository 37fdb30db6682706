import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SnppServer } from '../../device-sim/paging/snpp-server.ts';
import { TapTerminal } from '../../device-sim/paging/tap-terminal.ts';
import { createSnppDriver } from '../../gateway/paths/snpp/driver.ts';
import { bytesToAscii } from '../../protocol/bytes.ts';
import { encodeTapBlocks } from '../../protocol/paging/tap-block.ts';
import { attemptOf, Cleanups, HANDED_OVER, PAGE, PathRig, pollOf } from '../integration/tap-rig.ts';
import { counterpart } from './required.ts';
import { Hylafax, hasHylafax, ModemToTerminal } from './snpp-hylafax-rig.ts';

const { skip, title } = counterpart('HylaFAX', hasHylafax, 'as root: apt-get install hylafax-server hylafax-client');

const cleanups = new Cleanups();
afterEach(() => cleanups.close());

/** Our driver, with HylaFAX's SNPP server as the far end. */
function rigTo(port: number, pagers: readonly string[] = ['5551212']): PathRig {
  const login = { user: 'gateway' };
  const settings = { driver: 'snpp', id: 'pagers', host: '127.0.0.1', port, login, pagers } as const;
  const rig = new PathRig((sink) => createSnppDriver({ ...settings, characters: 80, connectTimeoutMs: 1_000 }, sink));
  cleanups.add(() => rig.driver.stop());
  return rig;
}

describe.skipIf(skip)(title, () => {
  beforeAll(() => {
    if (!hasHylafax) throw new Error(title);
  });

  test('hfaxd takes a page from our driver, and its pagesend dials our terminal and hands it over there', async () => {
    // Its client waits for an end of line behind ID=.
    const terminal = new TapTerminal({ afterId: '\r' });
    const modem = new ModemToTerminal(terminal);
    cleanups.add(() => modem.pty.close());
    const hylafax = await Hylafax.start(modem.pty);
    cleanups.add(() => hylafax.stop());
    const rig = rigTo(hylafax.port);
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(terminal.shown).toMatchObject([{ pager: '5551212', message: PAGE, times: 1 }]);
    // The block that pagesend makes is the one we make, to the byte.
    const [ours = new Uint8Array()] = encodeTapBlocks(['5551212', PAGE]);
    const received = Buffer.from(modem.received).toString('latin1');
    expect(received).toContain(`\x1bPG1\r${bytesToAscii(ours)}\x04\r`);
  });

  test('hfaxd that knows one pager and can not send now: refused for good, and for the moment', async () => {
    const hylafax = await Hylafax.start();
    cleanups.add(() => hylafax.stop());
    expect(await rigTo(hylafax.port).send(pollOf(1))).toEqual(HANDED_OVER);
    expect(await rigTo(hylafax.port, ['999']).send(attemptOf(2))).toMatchObject({
      type: 'notUnderstood',
      detail: expect.stringContaining('pager 999 was refused by the server at PAGE (550'),
    });
    expect(await rigTo(hylafax.port).send(attemptOf(3))).toMatchObject({
      type: 'failed',
      reason: 'refused',
      detail: expect.stringContaining('at SEND (550'),
    });
  });

  test('its sendpage hands a page over to our simulated server', async () => {
    const server = new SnppServer();
    await server.listen(0);
    cleanups.add(() => server.close());
    const client = spawn('sendpage', ['-h', `127.0.0.1:${server.port}`, '-p', '5551212', 'Rm 101 #7'], {
      stdio: 'pipe',
    });
    let said = '';
    client.stderr.on('data', (text) => {
      said += String(text);
    });
    const [code] = await once(client, 'close');
    expect(`${said}${code}`).toBe('0');
    expect(server.shown).toMatchObject([{ pager: '5551212', message: 'Rm 101 #7' }]);
  });
});
