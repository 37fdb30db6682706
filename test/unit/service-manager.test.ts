import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SystemError } from '../../gateway/system/libc.ts';
import { unixAddress } from '../../gateway/system/notify-socket.ts';
import { ServiceManager } from '../../gateway/system/service-manager.ts';

const PID = 4242;

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => vi.useRealTimers());

/** A service manager whose socket is a list. */
async function rig(environment: { [name: string]: string | undefined } = { NOTIFY_SOCKET: '/run/notify' }) {
  const sent: string[] = [];
  const failures: string[] = [];
  const fault: { error: Error | undefined } = { error: undefined };
  const opened: string[] = [];
  const open = async (name: string) => {
    opened.push(name);
    return (text: string) => {
      if (fault.error !== undefined) throw fault.error;
      sent.push(text);
    };
  };
  const manager = new ServiceManager(environment, PID, { open, failed: (detail) => void failures.push(detail) });
  await Promise.resolve();
  await Promise.resolve();
  return { manager, sent, failures, fault, opened, environment };
}

const full = () => new SystemError('EAGAIN', 'resource temporarily unavailable');

describe('a service manager', () => {
  test('is told of the start, the state, a reload and the stop, in order', async () => {
    const { manager, sent } = await rig();
    manager.starting();
    manager.status('Ready · no troubles · no open alerts');
    manager.ready();
    manager.reloading();
    manager.ready();
    manager.stopping();
    expect(sent.map((text) => text.replace(/USEC=\d+$/, 'USEC=…'))).toEqual([
      'EXTEND_TIMEOUT_USEC=…',
      'STATUS=Ready · no troubles · no open alerts',
      'READY=1',
      'RELOADING=1\nMONOTONIC_USEC=…',
      'READY=1',
      'STOPPING=1\nSTATUS=Stopping',
    ]);
  });

  test('has what was said before its socket was open', async () => {
    const sent: string[] = [];
    let open: (send: (text: string) => void) => void = () => undefined;
    const opening = new Promise<(text: string) => void>((resolve) => {
      open = resolve;
    });
    const manager = new ServiceManager({ NOTIFY_SOCKET: '@x' }, PID, { open: () => opening, failed: () => undefined });
    manager.ready();
    manager.feed();
    open((text) => void sent.push(text));
    await opening;
    await Promise.resolve();
    expect(sent).toEqual(['READY=1', 'WATCHDOG=1']);
  });

  test('extends the start while it goes on, and not for ever', async () => {
    const { manager, sent } = await rig();
    manager.starting();
    vi.advanceTimersByTime(12_000);
    expect(sent).toHaveLength(3);
    vi.advanceTimersByTime(24 * 3_600_000);
    expect(sent).toHaveLength(60);
    const short = await rig();
    short.manager.starting();
    short.manager.ready();
    vi.advanceTimersByTime(60_000);
    expect(short.sent).toEqual([expect.stringContaining('EXTEND_TIMEOUT_USEC'), 'READY=1']);
  });

  test('that has no room gets everything later, in order, and one feed for many', async () => {
    const { manager, sent, fault, failures } = await rig();
    fault.error = full();
    manager.ready();
    manager.feed();
    manager.feed();
    manager.status('Ready');
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual([]);
    fault.error = undefined;
    vi.advanceTimersByTime(100);
    expect(sent).toEqual(['READY=1', 'WATCHDOG=1', 'STATUS=Ready']);
    expect(failures).toEqual([]);
  });

  test('that never has room costs bounded memory', async () => {
    const { manager, sent, fault } = await rig();
    fault.error = full();
    for (let line = 0; line < 1_000; line++) manager.status(`line ${line}`);
    fault.error = undefined;
    vi.advanceTimersByTime(100);
    expect(sent).toHaveLength(32);
    expect(sent.at(-1)).toBe('STATUS=line 999');
  });

  test('that refuses is reported once, and tried again with each feed', async () => {
    const { manager, sent, fault, failures } = await rig();
    fault.error = new SystemError('EACCES', 'permission denied');
    manager.ready();
    manager.feed();
    expect(failures).toEqual(['permission denied']);
    fault.error = undefined;
    manager.feed();
    expect(sent).toEqual(['WATCHDOG=1']);
  });

  test('gets a status only if it has changed, as one line without control characters', async () => {
    const { manager, sent } = await rig();
    manager.status('Ready\nWATCHDOG=1\u001b[31m');
    manager.status('Ready\nWATCHDOG=1\u001b[31m');
    manager.status('x'.repeat(1_000));
    expect(sent).toEqual(['STATUS=Ready WATCHDOG=1 [31m', `STATUS=${'x'.repeat(120)}`]);
  });

  test('hears of no readiness after the stop has begun', async () => {
    const { manager, sent } = await rig();
    manager.stopping();
    manager.ready();
    manager.status('Ready');
    expect(sent).toEqual(['STOPPING=1\nSTATUS=Stopping']);
  });

  test('is not there without its variable, and no child process gets its variables', async () => {
    const none = await rig({});
    none.manager.starting();
    none.manager.ready();
    none.manager.feed();
    expect(none.opened).toEqual([]);
    expect(none.manager.isThere).toBe(false);
    const all = { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '12000000', WATCHDOG_PID: String(PID), PATH: '/bin' };
    const { manager, environment } = await rig(all);
    expect(manager.isThere).toBe(true);
    expect(manager.watchdogMs).toBe(12_000);
    expect(environment).toEqual({ PATH: '/bin' });
  });

  test.each([
    ['another process', { WATCHDOG_USEC: '12000000', WATCHDOG_PID: '1' }],
    ['no time', { WATCHDOG_USEC: '', WATCHDOG_PID: String(PID) }],
    ['no number', { WATCHDOG_USEC: 'soon', WATCHDOG_PID: String(PID) }],
    ['nothing', {}],
  ])('watches nobody if its watchdog is of %s', async (_, variables) => {
    const { manager } = await rig({ NOTIFY_SOCKET: '/run/notify', ...variables });
    expect(manager.watchdogMs).toBeUndefined();
  });

  test('has an address that is a path or an abstract name, and nothing else', () => {
    expect([...(unixAddress('/run/n') ?? [])]).toEqual([1, 0, ...Buffer.from('/run/n'), 0]);
    expect([...(unixAddress('@ab') ?? [])]).toEqual([1, 0, 0, ...Buffer.from('ab')]);
    for (const name of ['', '@', 'run/n', 'vsock:2:1', `/${'x'.repeat(107)}`])
      expect(unixAddress(name)).toBeUndefined();
  });
});
