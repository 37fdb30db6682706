import type * as z from 'zod';
import type { SnppSettings } from '../../paths/snpp/settings.ts';
import { flag, number, text, whole } from '../fields/fields.ts';
import { required, seconds } from '../fields/values.ts';
import { checkHost, checkInClear, checkPasswordInClear, hostAndPort } from './check-host.ts';
import { checkPagers, pagerFields, pagerTraits } from './pager-fields.ts';
import type { PathConfig } from './path-config.ts';
import { host, pathSchema, tls } from './path-fields.ts';

const path = pathSchema(
  'snpp',
  'snpp: pages through a paging server that speaks SNPP (RFC 1861). A page taken proves nothing about its reader.',
  {
    host,
    port: whole(1, 65_535, 444, 'TCP port of the server. Default 444.').default(444),
    tls: tls.describe('Reach the server over TLS.').optional(),
    user: text(/^[!-~]{1,64}$/, 'a user name of printable ASCII without blanks', 'Log in as this user.').optional(),
    password: flag('The user has a password; it is in keys.yaml. Default false.').default(false),
    ...pagerFields,
    connectTimeoutSeconds: number(0.1, 60, 5, 'Longest wait for a connection.').default(5),
  },
  {
    // Some servers answer only after the page has left.
    answerTimeoutSeconds: 60,
    answerTimeoutMost: 300,
    supervision: { mode: 'null', intervalSeconds: 300, testIntervalSeconds: 86_400 },
  },
);

export const snpp: PathConfig<z.output<typeof path>, SnppSettings> = {
  path,
  check(view) {
    checkHost(view);
    if (!view.has('tls')) {
      const hint = 'write tls: {} if the server speaks TLS, or lead it through a tunnel';
      checkInClear(view, 'host', hint);
      if (view.flag('password') === true && view.has('user'))
        checkPasswordInClear(view, 'password', view.text('host'), hint);
    }
    checkPagers(view);
    if (view.flag('password') === true && !view.has('user')) {
      view.wrong('password', 'there is a password and no user', 'write user: with the name that belongs to it');
    }
  },
  receiver: hostAndPort,
  secret: (view) => (view.flag('password') === true ? 'text' : undefined),
  handsOver: () => true,
  latinOnly: true,
  traits: ({ characters }) => pagerTraits(characters),
  settings(written, { keys, tls }) {
    const { driver, id, host, port, user, password, pagers, characters } = written;
    const secret = password ? { password: required(keys.pathSecrets.get(id), `password of path ${id}`) } : {};
    const serverName = written.tls?.serverName;
    const named = serverName === undefined ? {} : { serverName };
    return {
      driver,
      id,
      host,
      port,
      ...(written.tls === undefined ? {} : { tls: { ...tls.get(id), ...named } }),
      ...(user === undefined ? {} : { login: { user, ...secret } }),
      pagers,
      characters,
      connectTimeoutMs: seconds(written.connectTimeoutSeconds),
    };
  },
};
