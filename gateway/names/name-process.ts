import { runInBackground } from '../system/background-priority.ts';
import { resolveBySystem } from './names.ts';

/**
 * The process that looks host names up. Each look-up holds a thread for as long as the system's
 * resolver wants, and an ordinary exit waits for that thread. In the gateway's own process that
 * would hold up other look-ups, and a restart for up to a minute.
 *
 * `name-resolver.ts` starts it. It ends when the gateway does.
 */

runInBackground(10);

process.on('message', ({ host }: { readonly host: string }) => {
  resolveBySystem(host)
    .catch(() => [])
    .then(
      (addresses) => process.send?.({ host, addresses }),
      () => end(),
    );
});

process.on('disconnect', end);

/** `process.exit` would wait for a look-up that hangs. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
