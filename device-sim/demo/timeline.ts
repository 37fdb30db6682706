import type { AlertDocument, Timeline } from '../../protocol/mqtt-documents.ts';

const STEPS: readonly (readonly [keyof Timeline, string])[] = [
  ['captured', 'the press read from its wire'],
  ['sent', 'first byte handed to the network'],
  ['acknowledged', 'the receiver acknowledged'],
  ['journalled', 'durable in the journal'],
  ['published', 'at the MQTT broker'],
];

export function isComplete(alert: AlertDocument): boolean {
  return STEPS.every(([step]) => alert.timeline[step] !== undefined);
}

/** The steps in the order of their times. */
export function describeTimeline(alert: AlertDocument): string[] {
  return STEPS.flatMap(([step, words]) => {
    const ms = alert.timeline[step];
    return ms === undefined ? [] : [{ step, words, ms }];
  })
    .sort((a, b) => a.ms - b.ms)
    .map(({ step, words, ms }) => `  ${step.padEnd(13)} ${ms.toFixed(3).padStart(9)} ms   ${words}`);
}
