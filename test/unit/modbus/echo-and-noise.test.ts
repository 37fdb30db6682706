import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { sealRtu } from '../../../device-sim/modbus/rtu-frame.ts';
import type { SignalBody } from '../../../gateway/core/signal.ts';
import { PolledModule } from '../../../gateway/inputs/modbus/polled-module.ts';
import { type Answer, loadModbusSerial, RtuClient } from '../../../gateway/inputs/modbus/rtu-client.ts';
import { settlePoll } from '../../../gateway/inputs/modbus/settle-poll.ts';
import type { WiredContact } from '../../../gateway/inputs/wired-contact.ts';

const ECHOES = ['none', 'whole', 'headCut', 'tailCut', 'garbled'] as const;
const TABLES = ['discreteInputs', 'holdingRegisters'] as const;
const POLL_MS = 15;
const POLLS_MIN = 12;
const POLLS_MAX = 40;

type Echo = (typeof ECHOES)[number];

/** What one poll has beside the echo and the answer. */
interface Disturbance {
  /** Where an echo is cut. */
  readonly cut: number;
  /** One byte for each of the request: not 0 garbles it. */
  readonly garble: readonly number[];
  /** From drivers that switch: before the echo, before the answer, and after it. */
  readonly glitches: readonly (readonly number[])[];
  /** Sizes of the pieces in which all of it is read. */
  readonly pieces: readonly number[];
  /** Inputs of the well module: one button each. */
  readonly inputs: number;
}

const glitch = fc.array(fc.constantFrom(0x00, 0xff, 0x80, 0xfe), { maxLength: 2 });
const disturbance: fc.Arbitrary<Disturbance> = fc.record({
  cut: fc.integer({ min: 1, max: 7 }),
  garble: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 8, maxLength: 8 }),
  glitches: fc.array(glitch, { minLength: 3, maxLength: 3 }),
  pieces: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
  inputs: fc.integer({ min: 0, max: 3 }),
});
const disturbances = fc.array(disturbance, { minLength: POLLS_MIN, maxLength: POLLS_MAX });

let library: Awaited<ReturnType<typeof loadModbusSerial>>;

beforeAll(async () => {
  library = await loadModbusSerial();
});

function echoOf(request: Uint8Array, echo: Echo, { cut, garble }: Disturbance): Uint8Array {
  switch (echo) {
    case 'none':
      return new Uint8Array();
    case 'whole':
      return request;
    case 'headCut':
      return request.subarray(cut);
    case 'tailCut':
      return request.subarray(0, cut);
    case 'garbled':
      return request.map((byte, at) => byte ^ (garble[at] ?? 0));
  }
}

type Table = (typeof TABLES)[number];

function answerTo(address: number, table: Table, inputs: number): Uint8Array {
  return sealRtu(address, table === 'discreteInputs' ? Uint8Array.of(2, 1, inputs) : Uint8Array.of(3, 2, 0, inputs));
}

interface Told {
  readonly address: number;
  readonly body: SignalBody;
}

/** The driver's part of a line, with a clock of its own: modbus-serial, port, and modules. */
class Line {
  readonly told: Told[] = [];
  readonly modules: readonly PolledModule[];
  readonly #client: RtuClient;
  #request = new Uint8Array();
  #answer: Answer | undefined;
  #nowMs = 0;

  constructor(table: Table, addresses: readonly number[]) {
    const line = {
      isOpen: true,
      write: (bytes: Uint8Array) => {
        this.#request = Uint8Array.from(bytes);
        return bytes.length;
      },
    };
    this.#client = new RtuClient(library, line, (answer) => {
      this.#answer = answer;
    });
    this.modules = addresses.map((address) => {
      const contacts = [0, 1].map(
        (number): WiredContact => ({
          device: `m-${address}`,
          of: 'button',
          number,
          pin: String(number),
          contact: 'normallyOpen',
          pull: 'none',
        }),
      );
      const layout = { table, firstAddress: 0, inputsPerRegister: 16, inputCount: undefined } as const;
      const settings = { ...layout, device: `m-${address}`, address, contacts };
      return new PolledModule(settings, 30, (body) => this.told.push({ address, body }));
    });
  }

  /** One poll. `heard`: what is heard after the request, in the pieces of the disturbance. */
  poll(module: PolledModule, pieces: readonly number[], heard: (request: Uint8Array) => Uint8Array): void {
    const { port } = this.#client;
    this.#answer = undefined;
    this.#client.ask(module.address, module.span);
    const bytes = heard(this.#request);
    for (let at = 0, piece = 0; at < bytes.length; piece++) {
      const size = pieces[piece % pieces.length] ?? 1;
      port.receive(bytes.subarray(at, at + size));
      at += size;
    }
    this.#nowMs += POLL_MS;
    const answer = this.#answer as Answer | undefined;
    if (answer === undefined) {
      port.giveUp();
      module.notAnswered(port.hasHeard, this.#nowMs);
    } else if ('values' in answer) module.read(answer.values, this.#nowMs);
    else module.readException(answer.exception, this.#nowMs);
    settlePoll(port, module, this.modules, this.#nowMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  of<T extends SignalBody['type']>(address: number, type: T): Extract<SignalBody, { type: T }>[] {
    return this.told.flatMap(({ address: from, body }) =>
      from === address && body.type === type ? [body as Extract<SignalBody, { type: T }>] : [],
    );
  }

  state(address: number, number: number): string | undefined {
    return this.of(address, 'contact').findLast((each) => each.number === number)?.state;
  }
}

describe('whatever the adapter echoes, and whatever drivers add when they switch', () => {
  test('each change that a module answers is told, a dead one never looks well, and nothing is a false fault', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ECHOES), fc.constantFrom(...TABLES), disturbances, (echo, table, polls) => {
        const line = new Line(table, [1, 2]);
        const [well, dead] = line.modules;
        if (well === undefined || dead === undefined) throw new Error('two modules');
        for (const each of polls) {
          const [first = [], second = [], third = []] = each.glitches;
          const sent = (request: Uint8Array) => [...first, ...echoOf(request, echo, each), ...second];
          line.poll(well, each.pieces, (request) =>
            Uint8Array.of(...sent(request), ...answerTo(1, table, each.inputs), ...third),
          );
          expect(line.state(1, 0)).toBe((each.inputs & 1) === 1 ? 'active' : 'normal');
          expect(line.state(1, 1)).toBe((each.inputs & 2) === 2 ? 'active' : 'normal');
          line.poll(dead, each.pieces, (request) => Uint8Array.from(sent(request)));
        }
        expect(line.of(1, 'noAnswer')).toEqual([]);
        expect([...line.of(2, 'alive'), ...line.of(2, 'contact')]).toEqual([]);
        expect(line.of(2, 'noAnswer')).toHaveLength(polls.length);
        // All buttons active at the first reading are a fault of their own.
        const faults = line.told.filter(({ body }) => body.type === 'fault' && /damaged|later/.test(body.detail ?? ''));
        expect(faults).toEqual([]);
        // It is asked once a second, and so holds the others up no longer.
        expect(dead.dueMs).toBe(line.nowMs + 1_000);
      }),
      { numRuns: 150 },
    );
  });

  test('two modules with one address are found all the same, on an adapter without echo or with a whole one', () => {
    fc.assert(
      fc.property(fc.constantFrom('none', 'whole'), fc.constantFrom(...TABLES), disturbances, (echo, table, polls) => {
        const line = new Line(table, [1]);
        const [twice] = line.modules;
        if (twice === undefined) throw new Error('one module');
        for (const each of polls) {
          const clash = answerTo(1, table, each.inputs).map((byte, at) => byte ^ (at < 2 ? 0xa5 : 0x3c));
          line.poll(twice, each.pieces, (request) => Uint8Array.of(...echoOf(request, echo, each), ...clash));
        }
        const [fault] = line.of(1, 'fault');
        expect(fault?.detail).toMatch(/^answers are damaged: two modules may have address 1/);
        expect(line.of(1, 'contact')).toEqual([]);
      }),
    );
  });

  test('a garbled echo is known by its time: no module can have sent what came before the request had left', () => {
    const client = new RtuClient(library, { isOpen: true, write: ({ length }) => length }, () => undefined);
    client.ask(1, { code: 2, start: 0, count: 8 });
    for (const byte of [0x51, 0x52, 0x53, 0x54, 0x55, 0x56]) client.port.receive(Uint8Array.of(byte), true);
    client.port.receive(Uint8Array.of(0x57, 0x58));
    expect(client.port.hasHeard).toBe(false);
  });
});
