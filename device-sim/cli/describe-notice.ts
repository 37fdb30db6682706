import type { ReceiverNotice } from '../receiver/receiver.ts';

/** Returns one line for the operator's screen, or nothing for a repeat. */
export function describeNotice(notice: ReceiverNotice): string | undefined {
  switch (notice.type) {
    case 'event': {
      const { event, isNew } = notice;
      const how = event.encrypted ? `${event.token} encrypted` : event.token;
      const what = `#${event.account} ${event.code} zone ${event.zone ?? '-'} ${event.text ?? ''}`;
      return `${isNew ? 'DISPLAYED' : 'repeat   '}  ${String(event.sequence).padStart(4, '0')} ${how}  ${what}`;
    }
    case 'refused':
      return `refused (${notice.answer}): ${notice.why}`;
    case 'connectionError':
      return `connection: ${notice.detail}`;
    case 'poll':
    case 'arrived':
    case 'connected':
    case 'disconnected':
      return undefined;
  }
}
