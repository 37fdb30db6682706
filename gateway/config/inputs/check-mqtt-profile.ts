import type { Channel } from '../../../protocol/mqtt-profiles/profile.ts';
import { profileNamed } from '../../../protocol/mqtt-profiles/profiles.ts';
import { saysAnything, topicPrefix } from '../../../protocol/mqtt-profiles/with-profile.ts';
import type { View } from '../read/view.ts';

/** Topics that a profile makes itself from where they begin. */
const WHOLE_TOPIC =
  /\/(?:events(?:\/rpc)?|online|input_event\/\d+|availability|LWT|status|state|action|[gs]et|)$|^(?:stat|tele|cmnd)\//;

/** Checks what a device with a profile must say, before the profile is filled in. */
export function checkProfile(device: View): void {
  const parts = [...device.list('buttons'), ...device.list('points')];
  const name = device.text('profile');
  const profile = profileNamed(name);
  if (profile === undefined) {
    if (!device.has('profile')) checkMeaningless(device, parts);
    return;
  }
  const topic = device.text('topic');
  if (topic === undefined && !device.has('topic')) {
    const message = `topic is missing: profile ${name} must know where the topics of ${device.text('id')} begin`;
    device.wrong('profile', message, `write topic: such as ${profile.example}`);
  } else if (topic !== undefined && topicPrefix(topic) === undefined) {
    device.wrong(
      'topic',
      'topic is too long to begin others',
      `write at most 150 characters, such as ${profile.example}`,
    );
  } else if (topic !== undefined && WHOLE_TOPIC.test(topic)) {
    device.wrong('topic', `profile ${name} completes the topic itself`, `write its begin, such as ${profile.example}`);
  } else if (topic !== undefined && profile.topicPattern?.test(topic) === false) {
    const message = `a topic of profile ${name} never begins with ${topic}`;
    device.wrong('topic', message, `write where its topics begin, such as ${profile.example}, or another profile:`);
  }
  checkNeeds(device, name ?? '', profile.needsOneOf);
  for (const part of parts) checkChannel(part, name ?? '', profile.channel);
  const component = device.text('component');
  const example = { topic: profile.example, ...(component === undefined ? {} : { component }) };
  for (const point of device.list('points')) {
    const type = point.text('type') ?? '';
    const isWritten = ['topic', 'active', 'normal'].every((key) => point.has(key));
    if (isWritten || type === '' || saysAnything(profile.point(example, type))) continue;
    point.wrong('type', `profile ${name} knows no ${type}`, 'write its topic:, path:, active: and normal:');
  }
}

function checkMeaningless(device: View, parts: readonly View[]): void {
  for (const [view, key] of [
    [device, 'address'] as const,
    [device, 'component'] as const,
    ...parts.map((part) => [part, 'channel'] as const),
  ]) {
    if (view.has(key)) view.wrongName(key, `${key} means nothing without profile:`, 'write profile:, or remove it');
  }
}

function checkNeeds(device: View, name: string, needs: readonly string[] | undefined): void {
  const own = ['address', 'component'].filter((key) => device.has(key));
  for (const key of needs === undefined ? own : []) {
    device.wrongName(key, `${key} means nothing to profile ${name}`, 'remove it');
  }
  if (needs === undefined || own.length === 1) return;
  const hint = 'write component: bthomedevice:200 if the gateway reports the tag itself, address: if a script does';
  const message = own.length === 0 ? 'nothing says which tag it is' : 'the tag is named twice';
  device.wrong(own.length === 0 ? 'profile' : 'address', message, hint);
}

function checkChannel(part: View, name: string, { pattern, about, required }: Channel): void {
  const channel = part.text('channel');
  if (channel === undefined) {
    if (!required || part.has('channel') || part.has('topic')) return;
    part.wrong('id', `channel is missing: profile ${name} needs it`, `write channel: ${about}`);
  } else if (!pattern.test(channel)) {
    part.wrong('channel', `channel can't be "${channel}" with profile ${name}`, `write ${about}`);
  }
}
