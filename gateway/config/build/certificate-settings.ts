import type { MqttSettings } from '../../mqtt/settings.ts';
import type { PemFiles } from '../read/pem-files.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import type { CertificateSettings, InputSettings, PathSettings } from '../settings.ts';

interface BuiltLinks {
  readonly inputs: readonly InputSettings[];
  readonly paths: readonly PathSettings[];
  readonly mqtt: MqttSettings;
}

/** Which links are over TLS, and where their certificates were read. */
export function certificateSettings(file: SiteFile, links: BuiltLinks, { sources }: PemFiles): CertificateSettings {
  const { broker } = links.mqtt;
  // What an input reads at the broker of `mqtt:` is told of there.
  const elsewhere = new Set(
    file.inputs.flatMap((input) => (input.driver === 'mqtt' && input.broker !== undefined ? [input.id] : [])),
  );
  const inputs = links.inputs.filter(
    (input) => input.driver === 'mqtt' && elsewhere.has(input.id) && input.url.startsWith('mqtts:'),
  );
  return {
    sources,
    farEnds: [
      ...links.paths.filter(isOverTls).map(({ id }) => `path.${id}`),
      ...inputs.map(({ id }) => `input.${id}`),
      ...(broker.type === 'external' && broker.url.startsWith('mqtts:') ? ['mqtt'] : []),
    ],
  };
}

/** Subjects of the troubles that can stand about these certificates. */
export function certificateSubjects({ sources, farEnds }: CertificateSettings): readonly string[] {
  return [
    ...sources.filter(({ ca }) => ca !== undefined).map(({ of }) => `${of}.authority`),
    ...sources.filter(({ certificate }) => certificate !== undefined).map(({ of }) => `${of}.own`),
    ...farEnds.map((of) => `${of}.farEnd`),
  ];
}

function isOverTls(settings: PathSettings): boolean {
  if ('endpoint' in settings) return settings.endpoint.url.startsWith('https:');
  return 'tls' in settings && settings.tls !== undefined;
}
