import { runInBackground } from '../system/background-priority.ts';
import { resolveBySystem } from './names.ts';

/**
 * The process that looks host names up. Each look-up holds one of its threads for as long as the system's resolver likes, and an ordinary end
 * waits for it. In the gateway's own process that would hold up other look-ups, and a restart by up to a minute.
 *
 * Started by `name-resolver.ts`; ends when the gateway does.
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

/** `process.exit` would wait for what hangs. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
