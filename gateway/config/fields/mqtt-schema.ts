import * as z from 'zod';
import { choice, expected, filePath, id, list, mapping, someOf, text } from './fields.ts';
import { FILTER_PATTERN } from './topics.ts';

/** Without user name or password: those would be a secret in the wrong file. */
export const EXTERNAL_BROKER = /^mqtts?:\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/;

export const userName = (about: string) => text(/^[^\p{Cc}]{1,64}$/u, 'a user name of 1 to 64 characters', about);

const client = mapping(
  {
    name: id('User name; its password is in keys.yaml under mqtt:.'),
    role: choice(
      ['viewer', 'operator', 'device'],
      'viewer may read; operator may also resolve and cancel alerts; device may publish and read under its topics only.',
    ).default('viewer'),
    topics: someOf(
      text(
        FILTER_PATTERN,
        'a topic that may end in # or hold + for a level, such as zigbee2mqtt/#',
        'Topic; + matches one level, # all that follow.',
      ),
      'a list of at least one topic, such as ["zigbee2mqtt/#"]',
      'For a device: the topics that it may publish and read.',
    ).optional(),
  },
  '{ name: console, role: viewer }',
);

/** The mapping under `mqtt:`. */
export const mqtt = mapping(
  {
    broker: text(
      new RegExp(`^embedded$|${EXTERNAL_BROKER.source}`),
      'embedded, or mqtts://host:8883 (a user name goes into username:, its password into keys.yaml)',
      'embedded: the broker inside the gateway; mqtts://host:8883: an external one instead.',
    ).default('embedded'),
    listen: text(
      /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/,
      'address:port, such as 127.0.0.1:1883',
      'Where the embedded broker listens. Beyond loopback it needs tls.',
    ).default('127.0.0.1:1883'),
    tls: mapping(
      { certificate: filePath('PEM file of the certificate chain.'), key: filePath('PEM file of its private key.') },
      '{ certificate: cert.pem, key: key.pem }',
    )
      .describe('Certificate of the embedded broker.')
      .optional(),
    clients: list(client, '- { name: console, role: viewer }', 'Who may log in at the embedded broker.').default([]),
    username: userName(
      'User name of the gateway at an external broker; the password is in keys.yaml under mqtt:.',
    ).optional(),
    ca: filePath("PEM file of the authority that signed an external broker's certificate.").optional(),
    homeAssistant: z
      .union(
        [z.boolean(), z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)],
        expected('true, false, or the discovery prefix, such as homeassistant'),
      )
      .describe('Announce the devices to Home Assistant: true, or its discovery prefix.')
      .default(false),
  },
  '{ broker: embedded }',
);
