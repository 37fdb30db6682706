import { keysShape } from '../site/site-shape.ts';
import { readYaml } from '../site/yaml-file.ts';

/** AES keys by the ids of `site.yaml`. */
export interface Keyring {
  readonly devices: ReadonlyMap<string, Uint8Array>;
  readonly paths: ReadonlyMap<string, Uint8Array>;
}

const AES_KEY = /^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/i;

/** @throws CallpointError CONFIG_UNREADABLE, CONFIG_INVALID naming the file */
export function readKeyring(file: string): Keyring {
  const { devices, paths } = readYaml(file, keysShape, 'failsafe');
  return {
    devices: new Map(Object.entries(devices).flatMap(keyOf)),
    paths: new Map(Object.entries(paths).flatMap(keyOf)),
  };
}

/** A password is no key. */
function keyOf([id, written]: [string, string | { readonly text: string }]): [string, Uint8Array][] {
  if (typeof written !== 'string') return [[id, Buffer.from(written.text, 'latin1')]];
  return AES_KEY.test(written) ? [[id, Buffer.from(written, 'hex')]] : [];
}
