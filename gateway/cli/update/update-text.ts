import type { Decision } from '../../update/release-store.ts';
import type { VerifiedUpdate } from '../../update/update-file.ts';

const MEBIBYTE = 1024 * 1024;

/** What a verified file is. */
export function manifestLines(file: string, { manifest, signedBy }: VerifiedUpdate): string[] {
  const { version, build, architecture, node, date, content } = manifest;
  const size = `${content.files} files, ${(content.unpackedBytes / MEBIBYTE).toFixed(1)} MiB`;
  return [
    `${file}: signed by ${signedBy.name} (${signedBy.fingerprint}), unaltered.`,
    `Version ${version}, build ${build.slice(0, 16)}, of ${date}, for ${architecture} and Node ${node}: ${size}.`,
  ];
}

export function refusedText({ reasons }: Decision): string {
  return `The gateway did not stop: ${reasons.join('; ')}. --wait waits for it.`;
}

/** What became of an update, and what to do next. */
export function decisionText(decision: Decision): string[] {
  const { result, version, fromVersion, reasons, notes, byHand } = decision;
  const besides = notes.map((note) => `${note}.`);
  if (result === 'confirmed') return [`Version ${version} runs and is confirmed.`, ...besides];
  if (result === 'refused')
    return [`Version ${version} was not taken: ${reasons.join('; ')}. Version ${fromVersion} runs.`];
  if (byHand !== undefined) return [`Version ${fromVersion} runs again, as ${byHand} asked.`, ...besides];
  const next = 'The log of the gateway says more; callpoint update --seen ends the trouble';
  return [
    `Version ${version} was returned: ${reasons.join('; ')}.`,
    `Version ${fromVersion} runs again. ${next}.`,
    ...besides,
  ];
}
