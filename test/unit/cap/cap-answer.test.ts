import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCapAnswer } from '../../../gateway/paths/cap/answer.ts';

const sent = { sender: 'gw-1@northfield.net', identifier: 'wb-101.5.1' };
const NS = 'urn:oasis:names:tc:emergency:cap:1.2';
const OURS = `${sent.sender},${sent.identifier},2026-11-28T12:00:00-00:00`;

function read(body: string | Uint8Array, type = 'application/cap+xml', isWhole = true) {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  return readCapAnswer({ status: 200, headers: { 'content-type': type }, body: bytes, isWhole }, sent);
}

function alert(msgType: string, more = '', namespace = NS): string {
  return `<alert xmlns="${namespace}"><identifier>r</identifier><msgType>${msgType}</msgType>${more}</alert>`;
}

const refused = (words: string) => ({ says: 'refused', detail: expect.stringContaining(words) });
const acknowledged = { says: 'acknowledged' };
const nothing = { says: 'nothing' };

describe('an answer in CAP', () => {
  test.each<[string, string, string, object]>([
    ['Ack', alert('Ack', `<references>${OURS}</references>`), 'application/cap+xml', acknowledged],
    [
      'white space around its words',
      alert('\n Ack \n', `<references>\n${OURS}\n</references>`),
      'text/xml',
      acknowledged,
    ],
    ['several references', alert('Ack', `<references>a,b,c ${OURS}</references>`), 'text/xml', acknowledged],
    [
      'another spelling of the time',
      alert('Ack', `<references>${OURS.replace('-00:00', 'Z')}</references>`),
      'text/xml',
      acknowledged,
    ],
    [
      'an identifier that only begins like ours',
      alert('Ack', `<references>${sent.sender},wb-101.5.12,x</references>`),
      'text/xml',
      refused('another message'),
    ],
    ['CAP 1.1', alert('Error', '', 'urn:oasis:names:tc:emergency:cap:1.1'), 'text/xml', refused('CAP Error')],
    ['CAP 1.0', alert('Error', '', 'http://www.incident.com/cap/1.0'), 'text/xml', refused('CAP Error')],
    ['no content type', alert('Error'), '', refused('CAP Error')],
    [
      'no namespace where it is declared CAP',
      '<alert><msgType>Error</msgType></alert>',
      'application/cap+xml',
      refused('CAP Error'),
    ],
    [
      'within an envelope',
      `<Envelope><Body>${alert('Error', '<note>no</note>')}</Body></Envelope>`,
      'text/xml',
      refused('CAP Error: no'),
    ],
    [
      'CDATA and references to characters',
      alert('Error', '<note><![CDATA[a <b>]]> &amp; &#x63;</note>'),
      'text/xml',
      refused('Error: a <b> & c'),
    ],
    ['one Error among Acks', `<all>${alert('Ack')}${alert('Error')}</all>`, 'text/xml', refused('CAP Error')],
    [
      'msgType of an inner element',
      `<alert xmlns="${NS}"><info><msgType>Error</msgType></info><msgType>Ack</msgType></alert>`,
      'text/xml',
      acknowledged,
    ],
    [
      'msgType of another namespace',
      `<alert xmlns="${NS}" xmlns:x="y"><x:msgType>Error</x:msgType><msgType>Ack</msgType></alert>`,
      'text/xml',
      acknowledged,
    ],
    ['our own message come back', alert('Alert'), 'text/xml', nothing],
    ['nothing', '', 'application/cap+xml', nothing],
    ['a text', 'taken', 'text/plain', nothing],
    ['JSON that quotes CAP', JSON.stringify({ got: alert('Error') }), 'application/json', nothing],
    ['a page that quotes CAP', `<html><p>${alert('Error')}`, 'text/html', nothing],
    ['other XML', '<response><error/></response>', 'text/xml', nothing],
    ['CAP that ends too early', alert('Ack').slice(0, -3), 'text/xml', refused("can't be read")],
    ['CAP without an alert', '<note/>', 'application/cap+xml', refused('no alert is in it')],
  ])('%s', (_what, body, type, reading) => {
    expect(read(body, type)).toMatchObject(reading);
  });

  test('UTF-16 with its mark is read', () => {
    expect(read(Buffer.from(`\ufeff${alert('Error', '<note>né</note>')}`, 'utf16le'))).toMatchObject(refused('né'));
  });

  test('what is longer than we read is no acknowledgement', () => {
    expect(read(alert('Ack'), 'text/xml', false)).toMatchObject(refused('too long'));
  });
});

describe('hostile XML', () => {
  const entities = Array.from({ length: 20 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('');
  test.each<[string, string, string]>([
    [
      'entities that grow',
      `<!DOCTYPE a [<!ENTITY e0 "x">${entities}]>${alert('Ack', '<note>&e20;</note>')}`,
      'document type',
    ],
    [
      'a file of ours',
      `<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>${alert('Error', '<note>&f;</note>')}`,
      'document type',
    ],
    ['a document type without entities', `<!DOCTYPE alert>${alert('Ack')}`, 'document type'],
    ['an entity nobody defined', alert('Ack', '<note>&f;</note>'), 'entity'],
    // Without the limit, saxes takes 18 s for it.
    ['depth', `${'<a>'.repeat(15_000)}${NS}`, "can't be read"],
    ['attributes', `<a ${Array.from({ length: 5000 }, (_, n) => `b${n}=""`).join(' ')}>${NS}`, "can't be read"],
    [
      'a note that rules the terminal',
      alert('Error', `<note>\u001b[2J${'é'.repeat(30_000)}\u202e</note>`),
      "can't be read",
    ],
  ])('%s is never an acknowledgement', (_what, body, words) => {
    const reading = read(body);
    expect(reading).toMatchObject(refused(words));
    expect(JSON.stringify(reading).length).toBeLessThan(600);
    expect(JSON.stringify(reading)).not.toContain('root:');
  });

  test('a note is one short printable line', () => {
    const reading = read(alert('Error', `<note>a\n\u202e\u0085${'b'.repeat(500)}</note>`));
    expect(reading).toMatchObject({ note: expect.stringMatching(/^a b{100,160}…$/) });
  });

  test('whatever comes is read without an exception, and only an Ack acknowledges', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      '&',
      ';',
      '"',
      "'",
      '=',
      'alert',
      `xmlns="${NS}"`,
      '<msgType>',
      '</msgType>',
      'Error',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '?>',
      '<!DOCTYPE',
      '\ufeff',
      '\0',
      ' ',
    );
    const body = fc
      .array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 40 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(body, fc.boolean(), (text, whole) => {
        expect(read(text, 'application/cap+xml', whole).says).not.toBe('acknowledged');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(read(bytes).says).not.toBe('acknowledged');
      }),
    );
  });
});
