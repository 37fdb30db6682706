import { readFileSync } from 'node:fs';

/** Node's options in callpoint.service: what is measured runs as it runs on a Pi. */
export const SERVICE_FLAGS: readonly string[] = optionsOf(
  readFileSync(new URL('../../hardware/package/callpoint.service', import.meta.url), 'utf8'),
);

function optionsOf(unit: string): readonly string[] {
  const [, options = ''] = /^Environment=NODE_OPTIONS=(.+)$/m.exec(unit) ?? [];
  return options.split(' ');
}
