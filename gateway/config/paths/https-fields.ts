import * as z from 'zod';
import { choice, expected, list, mapping, number, someOf, text, whole } from '../fields/fields.ts';
import { tls } from './path-fields.ts';

const TEXT_WHAT = 'one line of text';
const line = (most: number, what: string, about: string) =>
  text(new RegExp(`^(?=.*\\S)[^\\p{Cc}]{1,${most}}$`, 'u'), what, about);

const scalar = z
  .union([z.string(), z.number(), z.boolean()], expected('a text, a number, true or false'))
  .transform(String)
  .pipe(z.string().max(200, expected('at most 200 characters')))
  .describe('Its value.');

const expectation = mapping(
  {
    status: someOf(
      whole(200, 299, 200, 'A status.'),
      'a list of statuses from 200 to 299, such as [200, 201]',
      'Only these statuses. 202 in it is an acknowledgement.',
    ).optional(),
    json: mapping(
      {
        member: text(
          /^[^\s.]{1,64}(\.[^\s.]{1,64}){0,7}$/,
          'the names on the way to it with full stops between them, such as result.status',
          'A member of the JSON body.',
        ),
        value: scalar,
      },
      '{ member: ok, value: true }',
    )
      .optional()
      .describe('A member of the JSON body, and its value.'),
    text: line(200, TEXT_WHAT, 'The whole body, without the white space around it.').optional(),
  },
  '{ status: [200], json: { member: ok, value: true } }',
);

const header = mapping(
  {
    name: text(/^[A-Za-z0-9_-]{1,64}$/, 'a header’s name such as X-Api-Key', 'Name of the header.'),
    value: text(/^[!-~]([ -~]{0,510}[!-~])?$/, 'printable ASCII', 'Absent: it is in keys.yaml.').optional(),
  },
  '{ name: X-Api-Key }',
);

const USER = 'a user name without a colon';
const user = (about: string) => text(/^[^:\p{Cc}]{1,128}$/u, USER, about).optional();

const proxy = mapping(
  {
    url: text(
      /^http:\/\/[^\s#/?]{1,300}\/?$/,
      'an address and port such as http://10.0.0.1:3128',
      'The proxy. Messages to the server stay encrypted to the server.',
    ),
    user: user('User name if the proxy asks for one; the password is in keys.yaml.'),
    auth: choice(
      ['digest', 'basic'],
      'How the gateway proves the password. basic sends it in clear to a proxy that does not know Digest.',
    ).default('digest'),
  },
  '{ url: "http://10.0.0.1:3128" }',
);

/** Fields of all paths over HTTPS. */
export const HTTPS_FIELDS = {
  url: text(
    /^https?:\/\/[^\s#]{1,2000}$/,
    'an address that begins with https://, such as https://alerts.centre.net/inbox',
    'Where to post: https, or http on this machine.',
  ),
  tls: tls.optional().describe('Certificates beyond the default ones.'),
  acknowledges: choice(
    ['delivery', 'handover'],
    'What an answer of 2xx proves. delivery: the receiver has it. handover: a relay has it, which confirms nothing. Default: delivery, but 202 is handover.',
  ).optional(),
  expect: expectation.optional().describe('What an acknowledgement looks like; default: any 2xx.'),
  auth: choice(
    ['none', 'bearer', 'basic', 'digest'],
    'How we prove our identity: a bearer token, or a basic or digest password, in keys.yaml; besides or instead: tls.certificate.',
  ).default('none'),
  user: user('User name for auth: basic and digest.'),
  headers: list(header, '{ name: X-Api-Key }', 'Headers that the server asks for. They go to no other host.').default(
    [],
  ),
  redirects: whole(
    0,
    5,
    3,
    'Number of redirects (307, 308) to follow for one message, over https only. Another host gets neither password nor headers.',
  ).default(0),
  proxy: proxy.optional().describe('A proxy that connects us to the server (CONNECT). HTTPS_PROXY is not read.'),
  connections: whole(1, 16, 4, 'Requests at once, and connections kept open when idle.').default(4),
  connectTimeoutSeconds: number(0.1, 60, 3, 'Longest wait for a connection, TLS included.').default(3),
} as const;

/** What both drivers set in the fields that all paths have. */
export const HTTPS_DEFAULTS = {
  answerTimeoutSeconds: 4,
  answerTimeoutMost: 20,
  // An ordinary web server: polled less often than a receiver made for it.
  supervision: { mode: 'null', intervalSeconds: 60, testIntervalSeconds: 900 },
} as const;

const schema = z.object(HTTPS_FIELDS);
/** The fields as read. */
export type WrittenHttps = z.output<typeof schema>;
