import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { KeptAesCcm } from '../../gateway/inputs/button-bus/kept-aes-ccm.ts';
import type { AesCcm } from '../../protocol/button-bus/aes-ccm.ts';
import { frameNonce, openFrame, parseFrame, sealFrame, WIRE_BYTES_MAX } from '../../protocol/button-bus/frame.ts';
import type { Message } from '../../protocol/button-bus/message.ts';
import { ccmSeal, hex, unhex } from './button-bus-reference.ts';
import { readVectors, VECTOR_FILE, type Vector } from './button-bus-vector-file.ts';
import { vectorText } from './button-bus-vectors.ts';
import { RFC_3610, RFC_3610_KEY } from './rfc-3610.ts';

const vectors = readVectors();
/**
 * One is the simulated nodes', the other the gateway's. The latter keeps its ciphers from vector to
 * vector.
 */
const CCMS: readonly (readonly [string, AesCcm])[] = [
  ['node:crypto', nodeAesCcm],
  ['the gateway', new KeptAesCcm()],
];
const outcome = (vector: Vector, ccm: AesCcm): string => {
  const parsed = parseFrame(unhex(vector.value('body')));
  if (!parsed.ok) return parsed.fault;
  return openFrame(ccm, unhex(vector.value('key')), parsed.frame) === undefined ? 'refused' : 'ok';
};

describe('the vector file of the button bus', () => {
  it('is what the reference makes of the specification', () => {
    expect(readFileSync(VECTOR_FILE, 'latin1')).toBe(vectorText());
  });

  it('has a good frame of every message type and a bad one of every kind', () => {
    const of = (name: 'expect' | 'message') => [...new Set(vectors.map((vector) => vector[name]))].sort();
    expect(of('message')).toEqual(['', 'ack', 'heartbeat', 'hello', 'point', 'poll', 'press', 'release', 'silent']);
    expect(of('expect')).toEqual(
      'ok tooShort tooLong cobs crc version type address notAuthentic malformed'.split(' ').sort(),
    );
  });

  it.each(vectors.filter((vector) => vector.expect === 'ok'))('$name opens to its message', (vector) => {
    const parsed = parseFrame(unhex(vector.value('body')));
    if (!parsed.ok) throw new Error(parsed.fault);
    expect(parsed.frame.header).toEqual(headerOf(vector));
    expect(hex(frameNonce(parsed.frame.clear))).toBe(vector.value('nonce'));
    expect(hex(parsed.frame.clear)).toBe(vector.value('aad'));
    expect(hex(parsed.frame.sealed)).toBe(vector.value('sealed'));
    for (const [, ccm] of CCMS) {
      expect(openFrame(ccm, unhex(vector.value('key')), parsed.frame)).toEqual(messageOf(vector));
    }
  });

  const sendable = vectors.filter(({ expect, name }) => expect === 'ok' && !/extended|longest|no-points/.test(name));
  it.each(sendable)('$name is sealed to the same bytes', (vector) => {
    for (const [, ccm] of CCMS) {
      const wire = sealFrame(ccm, unhex(vector.value('key')), headerOf(vector), messageOf(vector));
      expect(hex(wire)).toBe(vector.value('wire'));
    }
  });

  it.each(vectors.filter((vector) => vector.expect !== 'ok'))('$name is refused as $expect', (vector) => {
    const told = vector.expect === 'notAuthentic' || vector.expect === 'malformed' ? 'refused' : vector.expect;
    for (const [, ccm] of CCMS) expect(outcome(vector, ccm)).toBe(told);
  });

  it.each(vectors.filter((vector) => vector.expect === 'malformed'))('$name is authentic all the same', (vector) => {
    const [key, nonce, aad, sealed] = ['key', 'nonce', 'aad', 'sealed'].map((name) => unhex(vector.value(name)));
    if (!key || !nonce || !aad || !sealed) throw new Error('incomplete record');
    for (const [, ccm] of CCMS) expect(ccm.open(key, nonce, aad, sealed)).toBeDefined();
  });

  it('has no accepted frame over 64 bytes, and one of exactly 64', () => {
    const sizes = vectors.filter((vector) => vector.expect === 'ok').map((vector) => vector.value('wire').length / 2);
    expect(Math.max(...sizes)).toBe(WIRE_BYTES_MAX);
  });

  const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
  it.skipIf(compiler === undefined)(
    'is read by a C program, which finds the same framing, COBS, CRC and headers',
    () => {
      const directory = mkdtempSync(join(tmpdir(), 'button-bus-'));
      try {
        const program = join(directory, 'vectors');
        const source = fileURLToPath(new URL('../../hardware/button-bus-vectors.c', import.meta.url));
        execFileSync(compiler ?? 'cc', ['-std=c99', '-Wall', '-Wextra', '-o', program, source]);
        const said = execFileSync(program, [fileURLToPath(VECTOR_FILE)], { encoding: 'utf8' });
        expect(said.trim()).toBe(`${vectors.length} frames, 0 failed`);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );
});

describe.each(RFC_3610)('RFC 3610 packet vector with %i clear of %i bytes', (clear, total, nonceHex, sealedHex) => {
  const key = unhex(RFC_3610_KEY);
  const nonce = unhex(nonceHex);
  const packet = Uint8Array.from({ length: total }, (_, i) => i);
  const [aad, plaintext] = [packet.subarray(0, clear), packet.subarray(clear)];

  it.each(CCMS)('is what %s seals, and opens', (_who, ccm) => {
    expect(hex(ccm.seal(key, nonce, aad, plaintext))).toBe(sealedHex);
    expect(hex(ccm.open(key, nonce, aad, unhex(sealedHex)) ?? new Uint8Array())).toBe(hex(plaintext));
  });

  it('is what the construction of the specification yields with nothing but the AES block function', () => {
    const { ciphertext, tag } = ccmSeal([...key], [...nonce], [...aad], [...plaintext]);
    expect(hex([...ciphertext, ...tag])).toBe(sealedHex);
  });
});

function headerOf(vector: Vector) {
  const [address, epoch, counter] = ['address', 'epoch', 'counter'].map((name) => Number(vector.value(name)));
  const type = Number.parseInt(vector.value('typeCode'), 16);
  return { address: address ?? 0, type, epoch: epoch ?? 0, counter: counter ?? 0 };
}

const WORDS = new Set(['pattern', 'status', 'serial', 'firmware']);
const FLAGS = new Set(['active', 'lowBattery', 'tamper', 'silentMode', 'silent']);

function messageOf(vector: Vector): Message {
  const fields = Object.entries(vector.fields).filter(([, text]) => text !== 'none');
  const message = Object.fromEntries(fields.map(([name, text]) => [name, fieldOf(vector.message, name, text)]));
  return { type: vector.message, ...message } as unknown as Message;
}

function fieldOf(message: string, name: string, text: string): unknown {
  if (message === 'heartbeat' && name === 'points') return [...text.replace('-', '')].map((digit) => digit === '1');
  if (FLAGS.has(name)) return text === '1';
  return WORDS.has(name) ? text : Number(text);
}
