import type { ReceiverNotice } from '../receiver/receiver.ts';
import type { SimEvent } from './output.ts';

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

/** The same for a program, and each repeat. */
export function noticeEvent(notice: ReceiverNotice): SimEvent | undefined {
  switch (notice.type) {
    case 'event': {
      const { account, sequence, token, encrypted, code, zone, text, reportId, firstByteMs } = notice.event;
      const event = notice.isNew ? 'displayed' : 'repeated';
      const id = reportId === undefined ? {} : { id: reportId };
      const format = { token, encrypted };
      return { event, account, sequence, ...format, code, zone, text, ...id, first_byte_monotonic_ms: firstByteMs };
    }
    case 'refused':
      return { event: 'refused', answer: notice.answer, why: notice.why };
    case 'connectionError':
      return { event: 'remark', text: `connection: ${notice.detail}` };
    case 'poll':
    case 'arrived':
    case 'connected':
    case 'disconnected':
      return undefined;
  }
}
