#!/usr/bin/env node
import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import { CallpointError } from '../../protocol/errors.ts';
import { usageError } from '../errors.ts';
import type { ControlRequest } from '../site/control.ts';
import type { DoorState } from '../site/site-simulator.ts';
import { behavioursHelp } from './behaviours-help.ts';
import { outputEnd } from './output-end.ts';
import type { ReceiverCommandOptions } from './receiver.ts';

const EXIT_USAGE = 2;

// By default SIGUSR1 opens the inspector, which exposes the process's memory and so the site's
// keys.
process.on('SIGUSR1', () => undefined);
const nobodyReads = outputEnd();

// Each command loads its own code when it is called: help and usage errors must not wait for a
// simulator.

/** The process that takes commands about a site's inputs, and the command that starts it. */
const INPUTS = ['inputs', 'serve SITE'] as const;

const BEHAVIOURS_IN_WORDS = `
  normal       answers properly
  refuse       refuses everything: there is no listener, the modem answers an error, the radio station rejects
  hang         reads messages, shows nothing and answers nothing
  late         shows messages and answers 5 s later
  loseAnswers  shows messages, but its answers are lost
  drip         shows messages, begins an answer and never ends it, one byte per second

A DC-09 path's far end also does these:
  nakSiaDcs, nakAdmCid    answers NAK to messages of this format; its clock is right
  nak, duh                answers NAK, with its right time, or DUH to everything
  bareNak                 answers everything with a bare "NAK", as pysiaalarm answers an unknown account
  silentToNull            never answers NULL, but accepts everything else
  oddSpelling             accepts messages; each answer has the spelling of another receiver
  wrongAccount            accepts messages and answers for another account
  clockAhead60, clockBehind60, clockAhead3600, clockBehind3600   its clock is wrong by this number of seconds
  closeAfterAck           closes the connection after each answer
  firstFrameOnly          answers the first message of a connection and reads no others
  oneConnection           accepts several connections but reads one at a time

A radio path's far end also does these:
  missFirst    does not hear the first copy of each message
  rejFirst     rejects the first copy of each message and accepts the second
  replyAck     acknowledges with a reply-ack, ack0045}A1
  shortNumber  writes the number without its leading zeros, ack45, and then CR and LF
  ackByIgate   its acknowledgements come from the internet through the igate N0GATE-10
  ackEvery30s  acknowledges copies of one message at most every 30 s
  commandMode  its TNC is switched off and on, and stays in command mode until KISS ON and RESTART

A SIP path's far end also does these:
  refuse403    refuses everything with SIP 403; likewise 302 404 405 408 415 486 500 503 600
  retryAfter   refuses with SIP 503 and Retry-After: 60
  relayed      accepts messages and answers 202: they are not at the receiver yet
  failPolls    answers OPTIONS and the first copy of each message with 503
  refuseMessages  answers OPTIONS with 200, and every message with 403
  progress     answers 183 three times, and then 200 twice
And where the path has a user, it asks for credentials:
  proxyThenServer           as a proxy (407), and then as the server behind it (401)
  oneTimeNonces, nextNonce  each nonce is valid for one request; nextNonce names the next one
  staleNonces               calls each answer stale
  md5Sess, sha256Sess, sha512Sess, noQop   in these forms of Digest
  unknownAlgorithm, basic   in ways that cannot be answered

A cap or webhook path's far end also does these:
  refuse403    refuses messages and polls with HTTP 403; likewise 400 401 404 410 413 422 429 500 503
  poll403      accepts messages and answers polls with 403; likewise 404 405 501 503
  failPolls    answers polls with 403 and the first copy of each message with 503
  retryAfter   refuses with HTTP 503 and Retry-After: 60
  relayed      accepts messages and answers 202, as relays do
  errorIn200   shows nothing, and answers 200 with a text that the delivery failed
  capError, capAck   answers 200 with CAP's own Error or Ack (cap)
  redirect307  redirects everything to /moved and accepts it there; likewise 302. redirectHttp redirects to http
  http2Only    offers HTTP/2 and nothing else (https)
And where the path has auth: digest, or a proxy:
  oneTimeNonces, nextNonce  each nonce is valid for one request; nextNonce names the next one
  newNonces                 forgets, once, the nonces that it gave
  md5Sess, sha256Sess       in these forms of Digest
  proxy403, proxy502, proxyHang   the proxy connects nobody through

An SMS path's modem also does these:
  cms38Once, cms38Twice, cms38Always   refuses messages with +CMS ERROR: 38; likewise 42 50 305 331 500 513
  blanks, nul, noise                   writes +CREG : 0 , 1; LF and NUL; noise and boot messages before each line
  echoStays, chatter                   echoes whatever ATE0 says; says unsolicited lines between all others
  cfun0, cfun4, cfun4Stays             its radio is off until AT+CFUN=1; cfun4Stays refuses that
  pinWanted, pinRefused                its SIM card asks for the PIN in keys.yaml; for another one
  noSim, noNetwork                     has no SIM card; is in no network
  failPolls                            says that it is in no network, and refuses the first sending of each message

An SNPP path's server also does these:
  page554Once, page554Twice, page554Always   refuses PAGE with 554; likewise mess and send, and 421 503 550 552 780
  queued                                     answers SEND with 960, as a two-way system does

A TAP path's terminal also does these:
  noId, oddParity, chatter             sends no ID=; with odd parity in bit 7; lines of its own before each answer
  queueFullOnce, queueFullTwice, queueFullAlways   refuses blocks with 512 and NAK
  rs511Once, rs512Twice, rsBareAlways …            refuses pages with RS, with this code or with none
  nakTwice, nakAlways                  finds blocks damaged
  takenBack                            accepts pages, and takes them back at the end of the call
  hangsUp512                           ends the call with 512 instead of accepting a page`;

const out = (line: string) => {
  process.stdout.write(`${line}\n`);
};

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('a whole number, 0 or more, is wanted');
  }
  return value;
}

function signedNumber(text: string): number {
  if (!/^[+-]?\d{1,8}$/.test(text)) throw new InvalidArgumentError('a whole number of seconds is wanted, such as -90');
  return Number(text);
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('a port from 0 to 65535 is wanted');
  return port;
}

const STOPS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs `stop` once, at a signal or when nothing reads the output any more, then lets the process
 * end. If a defect ends the process, only the synchronous part of `stop` runs.
 */
function untilStopped(stop: () => void | Promise<void>): void {
  let isStopping = false;
  const once = () => {
    if (isStopping) return;
    isStopping = true;
    process.off('exit', once);
    for (const signal of STOPS) process.off(signal, once);
    Promise.resolve(stop()).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once('exit', once);
  for (const signal of STOPS) process.on(signal, once);
  void nobodyReads.then(once);
}

async function ask(site: string, request: ControlRequest): Promise<void> {
  const [{ askControl }, { controlSocket }] = await Promise.all([
    import('../site/control.ts'),
    import('../site/site-file.ts'),
  ]);
  const [served, start] = request.command === 'behave' ? (['paths', 'receiver --site SITE'] as const) : INPUTS;
  const answer = await askControl(controlSocket(site, served), start, request);
  if (!answer.ok) throw usageError(answer.error);
  out(answer.alert === undefined ? 'done' : `pressed: alert ${answer.alert}`);
}

function program(): Command {
  const root = new Command('sim')
    .description(
      'Simulates the hardware around a gateway: devices at the far ends of its wires, receivers at those of its paths.',
    )
    .exitOverride()
    .showHelpAfterError('(sim --help lists the commands)');

  root
    .command('serve')
    .description("simulate a site's devices at the far ends of their wires, where its configuration expects them")
    .argument('<site>', 'site.yaml, with keys.yaml beside it')
    .option('--seed <n>', 'the same seed gives the same jitter', wholeNumber, 1)
    .action(async (site: string, options: { seed: number }) => {
      const { serve } = await import('./serve.ts');
      await serve(site, options.seed, out, untilStopped);
    });

  root
    .command('press')
    .description('press a button of a served site')
    .argument('<device>')
    .option('--site <file>', 'the served site', 'site.yaml')
    .option('--button <id>', 'button id or number', '0')
    .option('--long', 'a long press')
    .option('--hold <ms>', 'how long until the button is released', wholeNumber, 300)
    .action(async (device: string, options: { site: string; button: string; long?: boolean; hold: number }) => {
      const pattern = options.long ? 'long' : 'single';
      await ask(options.site, { command: 'press', device, button: options.button, pattern, holdMs: options.hold });
    });

  root
    .command('door')
    .description('move a door or its bolt in a served site')
    .argument('<device>')
    .addArgument(new Argument('<state>').choices(['open', 'closed', 'locked', 'unlocked']))
    .option('--site <file>', 'the served site', 'site.yaml')
    .action(async (device: string, state: DoorState, options: { site: string }) => {
      await ask(options.site, { command: 'door', device, state });
    });

  for (const command of ['unplug', 'replug'] as const) {
    root
      .command(command)
      .description(
        command === 'unplug' ? 'unplug an input of a served site' : 'plug an input of a served site in again',
      )
      .argument('<input>')
      .option('--site <file>', 'the served site', 'site.yaml')
      .action(async (input: string, options: { site: string }) => {
        await ask(options.site, { command, input });
      });
  }

  addPaths(root);
  return addFrames(root);
}

/** Adds the commands about the far ends of paths. */
function addPaths(root: Command): void {
  const several = (id: string, before: readonly string[] = []) => [...before, id];
  root
    .command('receiver')
    .description('simulate the far end of each path of a site, and print what they display')
    .option('--site <file>', 'site.yaml, with keys.yaml beside it')
    .option('--path <id>', 'serve only this path; may be given several times', several)
    .option('--tls-certificate <file>', 'certificate of far ends that use TLS, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--port <n>', 'serve one DC-09 receiver on this TCP port instead; 0 takes any free one', portNumber)
    .option('--account <hex>', 'with --port: the account it accepts, unless --site is given', '1234')
    .option('--key <hex>', 'with --port: accept only encrypted messages: 32, 48 or 64 hex digits')
    .option('--behave <how>', 'with --port: misbehave from the start, as sim behave says')
    .option(
      '--clock-off <seconds>',
      'with --port: its clock is ahead by this time; a negative time, such as -90, is behind',
      signedNumber,
    )
    .action(async (options: ReceiverCommandOptions) => {
      const { runReceiver } = await import('./receiver.ts');
      await runReceiver(options, out, untilStopped);
    });

  root
    .command('behave')
    .description('make the far end of a path misbehave from now on, while sim receiver or npm start serves it')
    .argument('<path>')
    .argument('<how>')
    .option('--site <file>', 'the site', 'site.yaml')
    .addHelpText('after', behavioursHelp)
    .action(async (path: string, how: string, options: { site: string }) => {
      await ask(options.site, { command: 'behave', path, how });
    });
}

function addFrames(root: Command): Command {
  root
    .command('frames')
    .description('print the wire frames of presses, one hex line each, for a test rig that drives the line itself')
    .requiredOption('--device <id>')
    .requiredOption('--count <n>', 'how many', wholeNumber)
    .option('--site <file>', 'site with the device and its key', 'site.yaml')
    .option(
      '--epoch <n>',
      'boot epoch of the device; must rise from run to run (default: seconds since 1970)',
      wholeNumber,
    )
    .option('--first-counter <n>', 'counter of the first frame', wholeNumber, 1)
    .option('--button <n>', 'button number', wholeNumber, 0)
    .action(
      async (options: {
        device: string;
        count: number;
        site: string;
        epoch?: number;
        firstCounter: number;
        button: number;
      }) => {
        const [{ pressFrames }, { epochNow, readSite }] = await Promise.all([
          import('../site/device-frames.ts'),
          import('../site/site-file.ts'),
        ]);
        const { device, count, firstCounter, button, epoch = epochNow() } = options;
        const site = readSite(options.site, epoch);
        for (const line of pressFrames(site, { device, count, epoch, firstCounter, button })) out(line);
      },
    );
  return root;
}

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else if (error instanceof CallpointError || error instanceof RangeError) {
    process.stderr.write(`${error.message}\n`);
    // A RangeError names an argument that matches nothing in the site.
    process.exitCode = error instanceof RangeError || error.code === 'USAGE' ? EXIT_USAGE : 1;
  } else throw error;
}
