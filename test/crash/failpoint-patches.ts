import type { SourcePatch } from '../rig/source-patch.ts';

/** A statement of a file, found by its text, and what is called before it and after it. */
function around(file: string, statement: string, names: { readonly before?: string; readonly after?: string }) {
  const { before, after } = names;
  const call = (name: string | undefined) => (name === undefined ? '' : `failpoint('${name}');`);
  return {
    name: [before ?? [], after ?? []].flat().join(', '),
    file,
    find: statement,
    replace: `${call(before)}${statement}${call(after)}`,
  } satisfies SourcePatch;
}

function replaced(name: string, file: string, find: string, replace: string): SourcePatch {
  return { name, file, find, replace };
}

const RUNTIME = 'gateway/runtime.ts';
const JOURNAL = 'gateway/journal/journal.ts';
const ENGINE = 'gateway/journal/journal-engine.ts';
const WRITER = 'gateway/journal/segment-writer.ts';
const KEEPER = 'gateway/journal/segment-keeper.ts';
const CONTROL = 'gateway/control/control-socket.ts';
const RELOADS = 'gateway/reload/reloads.ts';
const CACHE = 'gateway/config/settings-cache.ts';
const ADDRESSES = 'gateway/names/address-file.ts';
const DC09 = 'gateway/paths/dc09/driver.ts';
const CONNECTION = 'gateway/paths/dc09/connection.ts';
const MQTT = 'gateway/mqtt/thread.ts';
const RUN = 'gateway/cli/run.ts';

/** The way of a press, from the wire to the receiver and back to the wall. */
const PRESS: readonly SourcePatch[] = [
  around('gateway/serial/polled-port.ts', 'if (count > 0) this.#pass(this.#buffer.subarray(0, count));', {
    before: 'serial.read',
  }),
  replaced(
    'input.*',
    RUNTIME,
    'for (const input of this.#waiting) this.#carryOut(this.#handle(input, edges));',
    `for (const input of this.#waiting) {
      const what = input.type === 'signal' ? \`signal.\${input.signal.body.type}\` : input.type;
      failpoint(\`taken.\${what}\`);
      const effects = this.#handle(input, edges);
      failpoint(\`decided.\${what}\`);
      this.#carryOut(effects);
    }`,
  ),
  replaced(
    'effect.*',
    RUNTIME,
    'this.#perform(effect, edges);',
    `const what = effect.type === 'answer' ? \`answer.\${effect.status}\` : effect.type;
      failpoint(\`before.\${what}\`);
      this.#perform(effect, edges);
      failpoint(\`after.\${what}\`);`,
  ),
  replaced(
    'record.*',
    'gateway/core/context.ts',
    "this.emit({ type: 'journal', number: this.#record, entry: { record, ...keys } });",
    `failpoint(\`record.\${record.t}\`);
    this.emit({ type: 'journal', number: this.#record, entry: { record, ...keys } });`,
  ),
  around(CONNECTION, 'this.#socket.write(frame);', { before: 'dc09.write', after: 'dc09.written' }),
  around(DC09, 'if (!work.again) this.#sink.sent(this.id, attempt.attempt, sentMs);', { after: 'dc09.sentReported' }),
  around(CONNECTION, 'for (const frame of this.#scanner.push(bytes)) {', { before: 'dc09.answerArrived' }),
  around(DC09, 'this.#sink.outcome(this.id, exchange.work.attempt.attempt, outcome);', {
    before: 'dc09.outcomeKnown',
    after: 'dc09.outcomeReported',
  }),
  around(CONNECTION, 'this.#listener.opened(this);', { before: 'dc09.connected' }),
  around('gateway/inputs/button-bus/answer-outbox.ts', 'const taken = this.#port.write(bytes);', {
    before: 'wall.answer',
    after: 'wall.answered',
  }),
];

/** The journal, in the main thread and in its own. */
const RECORDS: readonly SourcePatch[] = [
  around(JOURNAL, "this.#send({ type: 'commit', records: this.#underWay });", {
    before: 'journal.post',
    after: 'journal.posted',
  }),
  around(JOURNAL, 'this.#wasDurable = true;\n    this.#sink.durable(number);', {
    before: 'journal.durableHeard',
    after: 'journal.durableReported',
  }),
  around('gateway/journal/journal-thread.ts', 'engine.commit(message.records);', {
    before: 'journal.commit',
    after: 'journal.committed',
  }),
  replaced(
    'journal.write, journal.torn, journal.written',
    WRITER,
    'this.#writeAt(bytes, this.#offset);\n',
    `failpoint('journal.write');
    if (failpoint.isNext('journal.torn')) {
      this.#writeAt(bytes.subarray(0, Math.floor(bytes.length / 2)), this.#offset);
    }
    failpoint('journal.torn');
    this.#writeAt(bytes, this.#offset);
    failpoint('journal.written');
`,
  ),
  around(ENGINE, 'this.#world.durable(last.number);', { before: 'journal.proven', after: 'journal.durableTold' }),
  around(WRITER, 'const file = files.create(path);\n', { before: 'segment.create', after: 'segment.created' }),
  around(WRITER, 'return new SegmentWriter(files, { number, directory, name, file }, room,', {
    before: 'segment.named',
  }),
  around('gateway/journal/next-segment.ts', 'directories.begun(writer);', { before: 'segment.begun' }),
  around(KEEPER, 'for (const trouble of [attempt(() => writer.trim()), attempt(() => writer.close())]) {', {
    before: 'segment.close',
  }),
  around(KEEPER, 'directories.addClosed(writer, wallMs());', { before: 'segment.closed' }),
  around(WRITER, 'this.#writeAt(ZEROS.subarray(0, length), from);', {
    before: 'segment.prepare',
    after: 'segment.prepared',
  }),
  around(WRITER, 'const last = new Uint8Array(end - lastStart);', { before: 'segment.reopened' }),
  around(WRITER, 'if (!isAtEnd) files.truncate(file, scanned);', {
    before: 'segment.repeated',
    after: 'segment.resumed',
  }),
  replaced(
    'segment.trim, segment.trimmed',
    'gateway/journal/segment-trimmer.ts',
    'if (current.end < segment.bytes) ',
    `if (current.end < segment.bytes) failpoint('segment.trim');
      if (current.end < segment.bytes) `,
  ),
  around('gateway/journal/segment-trimmer.ts', 'return { segment, bytes: current.end };', {
    before: 'segment.trimmed',
  }),
  around('gateway/journal/spare-segment.ts', 'return this.#writer.prepare();', { before: 'segment.spare' }),
  replaced(
    'journal.carry, journal.carried',
    ENGINE,
    'if (records.length > 0) this.#flush();',
    "if (records.length > 0) {\n      failpoint('journal.carry');\n      this.#flush();\n      failpoint('journal.carried');\n    }",
  ),
  replaced(
    'segment.delete, segment.deleted',
    'gateway/journal/engine-directories.ts',
    'const trouble = attempt(() => this.#unlink(segment));\n    if (trouble !== undefined && this.#isThere(segment)) this.#undeleted',
    `failpoint('segment.delete');
    const trouble = attempt(() => this.#unlink(segment));
    failpoint('segment.deleted');
    if (trouble !== undefined && this.#isThere(segment)) this.#undeleted`,
  ),
  around('gateway/journal/directory-lock.ts', 'if (readLock(files, aside) === judged) files.unlink(aside);', {
    before: 'lock.aside',
  }),
  around('gateway/journal/directory-lock.ts', 'const bytes = Buffer.from(text);', { before: 'lock.empty' }),
];

/** Commands, what is published, starts, stops and reloads. */
const REST: readonly SourcePatch[] = [
  around(CONTROL, 'this.#sink.command(read.command, this.#ticketOf(socket));', {
    before: 'control.command',
    after: 'control.commanded',
  }),
  around(CONTROL, 'this.#hangUp(socket, { ok, text, ...(document !== undefined && { document }) });', {
    before: 'control.answer',
    after: 'control.answered',
  }),
  around('gateway/control/socket-file.ts', "if (await isAnswered(aside, 'if in doubt')) linkSync(aside, path);", {
    before: 'control.aside',
  }),
  around('gateway/control/socket-file.ts', 'if (server.listening) chmodSync(path, 0o600);', {
    before: 'control.listens',
  }),
  replaced(
    'mqtt.command',
    MQTT,
    "this.#tell({ type: 'command', command })",
    "{\n        failpoint('mqtt.command');\n        this.#tell({ type: 'command', command });\n      }",
  ),
  around(MQTT, 'broker.publish(message, done, untilMs);', { before: 'mqtt.publish', after: 'mqtt.published' }),
  around(RELOADS, 'const changes = await inTurns(', { before: 'reload.read' }),
  around(RELOADS, 'const begunMs = monoMs();', { before: 'reload.stopped' }),
  around(RELOADS, 'start = this.#exchange(next, changes, closing);', {
    before: 'reload.exchange',
    after: 'reload.exchanged',
  }),
  around(RELOADS, 'this.#settings = next;\n    this.#deps.done(next);', {
    before: 'reload.taken',
    after: 'reload.done',
  }),
  around(CACHE, 'await file.writeFile(sealed);', { before: 'cache.created' }),
  around(CACHE, 'await rename(fresh, this.path);', { before: 'cache.written', after: 'cache.renamed' }),
  around(ADDRESSES, 'await file.writeFile(text);', { before: 'addresses.created' }),
  around(ADDRESSES, 'await rename(fresh, path);', { before: 'addresses.written', after: 'addresses.renamed' }),
  around(RUN, 'const settings = acceptedSettings(reading);', { before: 'start.configured' }),
  around(RUN, "const { realEdges, startGateway } = await import('../gateway.ts');", { before: 'start.claimed' }),
  around('gateway/gateway.ts', 'const core = new Core(', { before: 'start.recovered' }),
  around(RUNTIME, 'this.#carryOut(this.#core.start(this.#clock()));', { before: 'start.core' }),
  around(RUNTIME, 'for (const input of edges.inputs.values()) input.start();', {
    before: 'start.inputs',
    after: 'start.listens',
  }),
  around(RUN, 'site.keep();', { before: 'start.started' }),
  around(RUNTIME, "this.take({ type: 'stopping' });", { before: 'stop.inputs', after: 'stop.stopping' }),
  around(RUNTIME, 'await Promise.all([edges.mqtt.stop(), edges.journal.close()]);', {
    before: 'stop.paths',
    after: 'stop.closed',
  }),
  around('gateway/gateway.ts', "control.answer(ticket, reasons.length === 0, reasons.join('; ')", {
    before: 'update.asked',
  }),
  around('gateway/gateway.ts', 'if (reasons.length === 0) stop?.(by);', { before: 'update.answered' }),
  around('gateway/update/watch-returned.ts', 'if (detail !== known) listener(detail);', {
    before: 'update.noteRead',
    after: 'update.noteTold',
  }),
];

/** A small journal, so that segments fill, follow each other, are trimmed and deleted. */
const SMALL_JOURNAL: readonly SourcePatch[] = [
  replaced(
    'segments of 48 KiB',
    'gateway/config/build/build-settings.ts',
    'segmentBytes: 8 * 1024 * 1024,',
    'segmentBytes: 48 * 1024,',
  ),
  replaced(
    'at most 192 KiB of them',
    'gateway/config/build/build-settings.ts',
    'Math.floor(journal.retainMegabytes * 1024 * 1024)',
    '192 * 1024',
  ),
  replaced('carries sooner', 'gateway/journal/carrier.ts', 'const WORTH = 4;', 'const WORTH = 1.5;'),
  replaced('resumes fuller segments', ENGINE, 'const RESUME_PART = 1 / 8;', 'const RESUME_PART = 1 / 2;'),
];

/** The disk of the journal's thread, which the runtime may make fail. */
const DISK: readonly SourcePatch[] = [
  replaced(
    'disk.*',
    'gateway/journal/journal-thread.ts',
    'files: nodeJournalFiles(),',
    'files: faultyDisk(nodeJournalFiles()),',
  ),
];

export const FAILPOINT_PATCHES: readonly SourcePatch[] = [...PRESS, ...RECORDS, ...REST, ...SMALL_JOURNAL, ...DISK];
