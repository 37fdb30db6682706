import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { parse } from 'yaml';
import { FLOODER } from './press-site.ts';

/** `flood PORT DIRECTORY` of a site: publishes as fast as the broker reads, until it is killed. */
const [, , port = '', directory = ''] = process.argv;
const BATCH = 50;

const { mqtt } = parse(readFileSync(join(directory, 'keys.yaml'), 'utf8')) as { readonly mqtt: Record<string, string> };
const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { username: FLOODER, password: mqtt[FLOODER] ?? '' });
const payload = 'x'.repeat(200);
process.stdout.write('connected\n');
for (;;) {
  for (let message = 1; message < BATCH; message++) client.publish('flood/all', payload);
  await client.publishAsync('flood/all', payload);
}
