import type * as z from 'zod';
import type { CapScope } from '../../../protocol/cap/cap-message.ts';
import type { CapSettings } from '../../paths/cap/settings.ts';
import { someOf, text } from '../fields/fields.ts';
import { checkHttps } from './check-https.ts';
import { handsOver, hasAuth, httpsSettings, moreHttpsSecrets, urlServer } from './https.ts';
import { HTTPS_DEFAULTS, HTTPS_FIELDS } from './https-fields.ts';
import { FAST_PATH, type PathConfig } from './path-config.ts';
import { pathSchema } from './path-fields.ts';

const line = (most: number, what: string, about: string) =>
  text(new RegExp(`^(?=.*\\S)[^\\p{Cc}]{1,${most}}$`, 'u'), what, about);

const path = pathSchema(
  'cap',
  'cap: CAP 1.2 messages over HTTPS.',
  {
    ...HTTPS_FIELDS,
    sender: text(
      /^[^\s,<&\p{Cc}]{3,128}$/u,
      'a name nobody else has, without space, comma, < and &, such as gw-1@northfield.example',
      'Sender, unique in the world: the centre’s name for you, or a name under your domain. Keep it.',
    ),
    language: text(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language such as en-US', 'Language of the texts.').default(
      'en-US',
    ),
    restriction: line(
      200,
      'one line of text',
      'Who may see the messages; default: those who answer alarms.',
    ).optional(),
    addresses: someOf(
      line(200, 'an address', 'An address.').refine((address) => !address.includes('"'), 'an address without quotes'),
      'a list of at least one address',
      'Recipients of the messages, which makes them private; default: restricted, for those who answer alarms.',
    ).optional(),
  },
  HTTPS_DEFAULTS,
);

export const cap: PathConfig<z.output<typeof path>, CapSettings> = {
  path,
  check(view) {
    checkHttps(view);
    if (view.has('addresses') && view.has('restriction')) {
      view.wrong('restriction', 'messages are private (addresses) or restricted, not both', 'remove one of the two');
    }
  },
  receiver: urlServer,
  secret: (view) => (hasAuth(view) ? 'text' : undefined),
  moreSecrets: moreHttpsSecrets,
  handsOver,
  traits: ({ connections }) => ({ ...FAST_PATH, parallel: connections, takesUpdates: true }),
  settings(written, sources) {
    const { driver, id, sender, language } = written;
    return {
      driver,
      ...httpsSettings(written, sources, id),
      source: { sender, language, scope: scopeOf(written), places: sources.places },
    };
  },
};

function scopeOf({ addresses, restriction }: z.output<typeof path>): CapScope {
  if (addresses !== undefined) return { type: 'Private', addresses };
  return { type: 'Restricted', restriction: restriction ?? 'For those who answer alarms' };
}
