import { headerValues, type SipResponse } from '../../../protocol/sip/message.ts';
import { type AuthenticationFields, askedBy } from '../digest-credentials.ts';

/**
 * The challenges of a 401 or 407. Both headers are read whatever the status: a proxy that forked
 * the request collects the challenges of all branches in one response (RFC 3261 §16.7, step 7).
 */
export function challengesOf(response: SipResponse): AuthenticationFields {
  return {
    server: headerValues(response, 'WWW-Authenticate'),
    proxy: headerValues(response, 'Proxy-Authenticate'),
  };
}

/** RFC 3261 §20.6, RFC 7615. */
export function authenticationInfoOf(response: SipResponse): AuthenticationFields {
  return {
    server: headerValues(response, 'Authentication-Info'),
    proxy: headerValues(response, 'Proxy-Authentication-Info'),
  };
}

/** The configuration has no password for it. */
export function noAccount(challenges: AuthenticationFields): string {
  const asked = askedBy(challenges);
  const how = asked === '' ? '' : ` (${asked})`;
  return `it wants a user and password${how}: write user:, and the password in keys.yaml`;
}
