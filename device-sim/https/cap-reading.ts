import { CAP_NAMESPACE } from '../../protocol/cap/cap-message.ts';

/**
 * Reads the parts of a CAP message that a desk shows. It is not a parser: the inbox trusts its
 * sender to write well-formed XML.
 */
export interface CapReading {
  readonly sender: string;
  readonly identifier: string;
  readonly sent: string;
  readonly status: string;
  readonly msgType: string;
  readonly headline: string;
  readonly references: readonly string[];
  readonly incident: string | undefined;
  readonly doors: readonly string[];
}

/** Returns `undefined` if an element that every CAP message has is missing. */
export function readCap(xml: string): CapReading | undefined {
  if (!xml.includes(CAP_NAMESPACE)) return undefined;
  const required = ['sender', 'identifier', 'sent', 'status', 'msgType', 'headline'] as const;
  const [sender, identifier, sent, status, msgType, headline] = required.map((name) => first(xml, name));
  if (!sender || !identifier || !sent || !status || !msgType || headline === undefined) return undefined;
  const references = first(xml, 'references')?.split(/\s+/) ?? [];
  const doors = [...xml.matchAll(/<valueName>doorsNotSecured<\/valueName>\s*<value>([^<]*)<\/value>/g)];
  return {
    sender,
    identifier,
    sent,
    status,
    msgType,
    headline,
    references,
    incident: first(xml, 'incidents'),
    doors: doors.map(([, door = '']) => unescaped(door)),
  };
}

function first(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found === undefined ? undefined : unescaped(found);
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#13;', '\r').replaceAll('&amp;', '&');
}
