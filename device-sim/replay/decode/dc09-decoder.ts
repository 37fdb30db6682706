import { type Envelope, parseContent, parseEnvelope } from '../../../protocol/dc09/message.ts';
import { Dc09Scanner, framesOfDatagram } from '../../../protocol/dc09/scanner.ts';
import type { FrameEntry } from '../../../protocol/recording/recording.ts';
import { receiverAesCbc } from '../../receiver/aes-cbc.ts';
import { visible, visibleBytes } from './visible.ts';
import { type Decoded, Streams, type WireDecoder } from './wire-decoder.ts';

/** Messages of SIA DC-09. An encrypted block is shown sealed without its key. */
export class Dc09Decoder implements WireDecoder {
  readonly #key: Uint8Array | undefined;
  readonly #isDatagram: boolean;
  readonly #scanners = new Streams(() => new Dc09Scanner());

  constructor(key: Uint8Array | undefined, isDatagram: boolean) {
    this.#key = key;
    this.#isDatagram = isDatagram;
  }

  decode(frame: FrameEntry): readonly Decoded[] {
    if (this.#isDatagram) return framesOfDatagram(frame.bytes).map((each) => this.#message(each));
    const scanner = this.#scanners.of(frame);
    const frames = [...scanner.push(frame.bytes)];
    const unended = scanner.takeUnended();
    return [...frames, ...(unended === undefined ? [] : [unended])].map((each) => this.#message(each));
  }

  #message(frame: Uint8Array): Decoded {
    const envelope = parseEnvelope(frame);
    if (typeof envelope === 'string') {
      return { text: `no DC-09 message (${envelope}): ${visibleBytes(frame)}`, fields: { fault: envelope } };
    }
    const { token, encrypted, sequence, account, receiver, prefix } = envelope;
    const where = `${encrypted ? '*' : ''}${token} ${String(sequence).padStart(4, '0')}${account === undefined ? '' : ` #${account}`}`;
    const fields = { token, encrypted, sequence, account, receiver, prefix };
    const content = this.#content(envelope);
    if (typeof content === 'string') return { text: `${where}: ${content}`, fields: { ...fields, sealed: true } };
    const { data, xdata, timestampMs } = content;
    const stamp = timestampMs === undefined ? {} : { timestamp: new Date(timestampMs).toISOString() };
    const text = [data, ...xdata.map((block) => `[${block}]`), stamp.timestamp ?? '']
      .filter((part) => part !== '')
      .join(' ');
    return { text: visible(text === '' ? where : `${where}: ${text}`), fields: { ...fields, data, xdata, ...stamp } };
  }

  #content(envelope: Envelope) {
    if (!envelope.encrypted) return parseContent(envelope) ?? 'its content is broken';
    const sealed = `sealed, ${envelope.rest.length >> 1} bytes`;
    if (this.#key === undefined) return sealed;
    const content = parseContent(envelope, { aes: receiverAesCbc(this.#key) });
    // DC-09 has no MAC (§5.4): the time stamp, which encrypted messages always have, shows that the
    // key is right.
    return content?.timestampMs === undefined ? `${sealed}, and its path's key does not open it` : content;
  }
}
