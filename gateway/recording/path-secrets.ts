import type { PathSettings } from '../config/settings.ts';

/** AT commands with a PIN or a password in quotation marks or behind commas. */
const SECRET_COMMAND = /\+(?:CPIN|CLCK|CPWD|CGAUTH|QICSGP|CSTT|UAUTHREQ|UPSD)\b/i;

/** What a path may send in clear and nobody may read. Keys are never sent. */
export function pathSecrets(settings: PathSettings): readonly string[] {
  switch (settings.driver) {
    case 'dc09-tcp':
    case 'dc09-udp':
    case 'radio':
      return [];
    case 'tap':
      return given(settings.password);
    case 'snpp':
      return given(settings.login?.password);
    case 'sms':
      return [...given(settings.pin), ...(settings.init ?? []).flatMap(secretsOfCommand)];
    case 'sip':
      return given(settings.account?.password);
    case 'cap':
      return httpsSecrets(settings);
    case 'webhook':
      return [settings.secret, ...httpsSecrets(settings)];
  }
}

type HttpsSettings = Extract<PathSettings, { readonly driver: 'cap' | 'webhook' }>;

function httpsSecrets({ secrets = [], endpoint: { account, proxy } }: HttpsSettings): readonly string[] {
  return [...secrets, ...given(account?.password), ...given(proxy?.account?.password)];
}

function secretsOfCommand(command: string): string[] {
  if (!SECRET_COMMAND.test(command)) return [];
  const quoted = [...command.matchAll(/"([^"]{3,})"/g)].flatMap(([, text]) => text ?? []);
  const bare = (command.split('=')[1] ?? '').split(',').filter((part) => /^[^"]{4,}$/.test(part));
  return [...quoted, ...bare];
}

function given(secret: string | undefined): readonly string[] {
  return secret === undefined || secret === '' ? [] : [secret];
}
