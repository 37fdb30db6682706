import { SaxesParser } from 'saxes';
import type { AnswerReading } from '../https-answer.ts';
import { shortLine, textOf } from '../https-answer-text.ts';
import type { HttpsAnswer } from '../https-message.ts';

/** Identifies a message of ours in an answer (CAP 1.2 §3.2.1, `references`). */
interface SentCap {
  readonly sender: string;
  readonly identifier: string;
}

interface CapAlert {
  msgType: string;
  note: string;
  references: string;
}

/** CAP 1.0, 1.1 and 1.2, whose elements read here are alike. */
const CAP_NAMESPACE = /^(urn:oasis:names:tc:emergency:cap:1\.|http:\/\/www\.incident\.com\/cap\/1\.)/;
/**
 * An alert has five levels, and an envelope a few. The parser's time grows with the square of the
 * depth.
 */
const DEPTH_MAX = 32;
const NAMES_CAP = /urn:oasis:names:tc:emergency:cap:1\.|http:\/\/www\.incident\.com\/cap\/1\./;

/**
 * What a CAP message in the answer says about ours (CAP 1.2 §3.2.1). `Ack` means receipt and
 * acceptance of the messages in its `references`. `Error` means their rejection, with the reason in
 * `note`. A body that is not a CAP message says nothing.
 */
export function readCapAnswer(answer: HttpsAnswer, sent: SentCap): AnswerReading {
  const text = textOf(answer);
  const type = answer.headers['content-type'] ?? '';
  const declared = /^\s*application\/cap\+xml\b/i.test(type);
  // Other kinds of bodies, such as HTML or JSON, may quote a CAP message.
  const isXml = /^\s*</.test(text) && !/^\s*text\/html\b/i.test(type);
  if (text.trim() === '' || !(declared || (isXml && NAMES_CAP.test(text)))) return { says: 'nothing' };
  const alerts = answer.isWhole ? alertsIn(text, declared) : 'it is too long';
  if (typeof alerts === 'string') return refusal(`answered with a CAP message that can't be read: ${alerts}`);
  const replies = alerts.filter(({ msgType }) => msgType === 'Error' || msgType === 'Ack');
  const ours = replies.filter(({ references }) => isAbout(references, sent));
  const error = ours.find(({ msgType }) => msgType === 'Error');
  if (error !== undefined) return rejection(error);
  if (ours.length > 0) return { says: 'acknowledged' };
  const [other] = replies;
  return other === undefined ? { says: 'nothing' } : refusal(`answered with a CAP ${other.msgType} to another message`);
}

function rejection({ note }: CapAlert): AnswerReading {
  const why = shortLine(note);
  const refused = refusal(`answered with a CAP Error: ${why === '' ? 'it gives no note' : why}`);
  return why === '' ? refused : { ...refused, note: why };
}

function refusal(detail: string): Extract<AnswerReading, { says: 'refused' }> {
  return { says: 'refused', detail: `the receiver ${detail}` };
}

/**
 * `references`: `sender,identifier,sent` each. Servers write the time sent in different forms.
 * None: the answer is about the message it answers.
 */
function isAbout(references: string, { sender, identifier }: SentCap): boolean {
  const named = references.split(/\s+/).filter((one) => one !== '');
  return named.length === 0 || named.some((one) => one.startsWith(`${sender},${identifier},`));
}

/** @returns a text: why it can't be read */
function alertsIn(text: string, declared: boolean): readonly CapAlert[] | string {
  try {
    const alerts = parsed(text, declared);
    return declared && alerts.length === 0 ? 'no alert is in it' : alerts;
  } catch (error) {
    if (error instanceof Unreadable) return shortLine(error.message);
    throw error;
  }
}

/**
 * @throws Unreadable at the first fault: saxes would continue, and many faults take quadratic time
 */
function parsed(text: string, declared: boolean): readonly CapAlert[] {
  const alerts: CapAlert[] = [];
  const open: { readonly alert?: CapAlert; readonly field?: keyof CapAlert }[] = [];
  const parser = new SaxesParser({ xmlns: true });
  const add = (content: string) => {
    const field = open.at(-1)?.field;
    const alert = open.at(-2)?.alert;
    if (field !== undefined && alert !== undefined) alert[field] += content;
  };
  parser.on('error', ({ message }) => {
    throw new Unreadable(message);
  });
  // A document type may define entities, and CAP has none. saxes expands none, and parsing ends
  // here.
  parser.on('doctype', () => {
    throw new Unreadable('it has a document type');
  });
  parser.on('opentagstart', () => {
    if (open.length >= DEPTH_MAX) throw new Unreadable(`its elements are more than ${DEPTH_MAX} deep`);
  });
  parser.on('opentag', ({ local, uri }) => {
    const isCap = CAP_NAMESPACE.test(uri) || (declared && uri === '');
    if (isCap && local === 'alert') {
      const alert = { msgType: '', note: '', references: '' };
      alerts.push(alert);
      open.push({ alert });
    } else open.push(isCap && isField(local) ? { field: local } : {});
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', add);
  parser.on('cdata', add);
  parser.write(text).close();
  return alerts.map((alert) => ({ ...alert, msgType: alert.msgType.trim() }));
}

class Unreadable extends Error {}

function isField(name: string): name is keyof CapAlert {
  return name === 'msgType' || name === 'note' || name === 'references';
}
