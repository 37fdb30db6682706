import type * as z from 'zod';
import type { WebhookSettings } from '../../paths/webhook/settings.ts';
import { required } from '../fields/values.ts';
import { checkHttps } from './check-https.ts';
import { handsOver, hasAuth, httpsSettings, moreHttpsSecrets, urlServer } from './https.ts';
import { HTTPS_DEFAULTS, HTTPS_FIELDS } from './https-fields.ts';
import { FAST_PATH, type PathConfig } from './path-config.ts';
import { pathSchema } from './path-fields.ts';

const path = pathSchema(
  'webhook',
  'webhook: signed JSON over HTTPS, for a program of your own; its secret stands in keys.yaml.',
  HTTPS_FIELDS,
  HTTPS_DEFAULTS,
);

export const webhook: PathConfig<z.output<typeof path>, WebhookSettings> = {
  path,
  check: checkHttps,
  receiver: urlServer,
  secret: () => 'strongText',
  // The secret with the path's own name is for the signature.
  moreSecrets: (view) => [...moreHttpsSecrets(view), ...(hasAuth(view) ? ['auth'] : [])],
  handsOver,
  traits: ({ connections }) => ({ ...FAST_PATH, parallel: connections, takesUpdates: true }),
  settings: (written, sources) => ({
    driver: written.driver,
    ...httpsSettings(written, sources, `${written.id}.auth`),
    secret: required(sources.keys.pathSecrets.get(written.id), `secret of path ${written.id}`),
    places: sources.places,
  }),
};
