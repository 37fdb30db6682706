const LOCATION_LENGTH_MAX = 2000;

/**
 * The target of a 307 or 308 (RFC 9110 §15.4.8), which gets the same method and body.
 *
 * @returns a text: why the redirect is not followed, as the end of a sentence
 */
export function redirectTarget(from: URL, location: string | undefined): URL | string {
  if (location === undefined) return 'it sends us elsewhere, and does not say where: tell who runs it';
  if (location.length > LOCATION_LENGTH_MAX || !URL.canParse(location, from.href)) {
    return 'it sends us to what is no URL: tell who runs it';
  }
  const target = new URL(location, from);
  target.hash = '';
  if (target.protocol !== 'https:' && target.origin !== from.origin) {
    return `it sends us to ${target.protocol}//${target.host}, which is not https: we do not follow`;
  }
  if (target.username !== '' || target.password !== '') {
    return 'it sends us to a URL with a user name in it: we do not follow';
  }
  return target;
}
