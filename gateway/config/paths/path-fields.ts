import * as z from 'zod';
import { choice, expected, filePath, flag, id, mapping, number, text, whole } from '../fields/fields.ts';

/** The usual values of a driver's paths. */
export interface PathDefaults {
  readonly answerTimeoutSeconds: number;
  /** The largest value that may be written. */
  readonly answerTimeoutMost: number;
  readonly supervision: {
    readonly mode: 'auto' | 'null' | 'test' | 'off';
    readonly intervalSeconds: number;
    readonly testIntervalSeconds: number;
  };
}

/** An entry under `paths:`: the fields of all paths, and the driver's own. */
export function pathSchema<const D extends string, T extends z.ZodRawShape>(
  driver: D,
  about: string,
  own: T,
  defaults: PathDefaults,
) {
  const { answerTimeoutSeconds, answerTimeoutMost } = defaults;
  return mapping(
    {
      id: id('Name of the path, for example central.'),
      driver: z.literal(driver, expected(driver)).describe(about),
      ...own,
      liveOnly: flag('Drills and tests never use this path. Default false.').default(false),
      answerTimeoutSeconds: number(
        0.1,
        answerTimeoutMost,
        answerTimeoutSeconds,
        'Longest wait for the first answer. It doubles with each try.',
      ).default(answerTimeoutSeconds),
      supervision: supervision(defaults.supervision)
        .prefault({})
        .describe('How the gateway proves the path while it is idle.'),
    },
    `{ id: central, driver: ${driver}, … }`,
  );
}

function supervision({ mode, intervalSeconds, testIntervalSeconds }: PathDefaults['supervision']) {
  return mapping(
    {
      mode: choice(
        ['auto', 'null', 'test', 'off'],
        "null: the protocol's own poll. test: test events. auto: polls until the receiver refuses one, then test events.",
      ).default(mode),
      intervalSeconds: number(
        5,
        86_400,
        intervalSeconds,
        'Time between two proofs that the path works; at least 5.',
      ).default(intervalSeconds),
      testIntervalSeconds: number(60, 86_400, 900, 'Time between test events once auto has changed to them.').default(
        testIntervalSeconds,
      ),
      downAfter: whole(1, 100, 2, 'Failures in a row before the path is down.').default(2),
      upAfter: whole(1, 100, 2, 'Successes in a row before it is up again.').default(2),
    },
    '{ mode: auto, intervalSeconds: 20 }',
  );
}

/** What every path has once it is read. */
export interface CommonPath {
  readonly id: string;
  readonly driver: string;
  readonly liveOnly: boolean;
  readonly answerTimeoutSeconds: number;
  readonly supervision: {
    readonly mode: 'auto' | 'null' | 'test' | 'off';
    readonly intervalSeconds: number;
    readonly testIntervalSeconds: number;
    readonly downAfter: number;
    readonly upAfter: number;
  };
}

export const host = text(
  /^[A-Za-z0-9._-]{1,253}$|^[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]{1,15})?$/,
  'a host name or address alone, such as 10.0.0.5',
  'Name or address.',
);

export const localAddress = text(
  /^[0-9.]{7,15}$|^[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$/,
  'an address of this machine, such as 10.20.0.2',
  'Address of the network interface to send from; default: the system’s routes decide.',
).optional();

export const tls = mapping(
  {
    ca: filePath('Authorities that sign the receiver’s certificate, PEM; default: those Node.js knows.').optional(),
    certificate: filePath('Our certificate, PEM, if the receiver asks for one.').optional(),
    key: filePath('Its private key, PEM.').optional(),
    serverName: text(
      /^[A-Za-z0-9._-]{1,253}$/,
      'a host name',
      'Name in the receiver’s certificate; default: host.',
    ).optional(),
  },
  '{ ca: centre.pem }',
);
