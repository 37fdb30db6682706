import type { ServerResponse } from 'node:http';
import { drip } from '../drip.ts';
import type { InboxBehaviour } from './behaviour.ts';

const BODY = 'taken: a desk shows it';

/** Answers as the behaviour demands. It only spoils an answer that would have been 200. */
export function answer(response: ServerResponse, status: number, behaviour: InboxBehaviour): void {
  const { socket } = response;
  const proper = () => response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? BODY : '');
  switch (behaviour.type) {
    case 'late': {
      const timer = setTimeout(proper, behaviour.ms);
      response.on('close', () => clearTimeout(timer));
      return;
    }
    case 'drip':
      if (socket !== null) drip(socket, `HTTP/1.1 ${status} OK\r\nx-slow: `, behaviour.ms);
      return;
    case 'dripBody':
      // A parser reads each `0` as one more digit of the chunk's length: the chunk never comes.
      if (socket !== null)
        drip(socket, `HTTP/1.1 ${status} OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n`, behaviour.ms);
      return;
    case 'halfAnswerThenClose':
      socket?.end(halfAnswer(status));
      return;
    case 'halfAnswerThenSilence':
      socket?.write(halfAnswer(status));
      return;
    case 'garbage':
      socket?.end('\x00\x7f220 not HTTP at all\r\n\r\n');
      return;
    case 'closeBeforeAnswering':
      socket?.destroy();
      return;
    case 'endlessAnswer':
      endless(response, status);
      return;
    case 'closeAfterAnswer':
      response.setHeader('connection', 'close');
      proper();
      return;
    default:
      proper();
  }
}

function halfAnswer(status: number): string {
  return `HTTP/1.1 ${status} OK\r\ncontent-type: text/plain\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY.slice(0, 5)}`;
}

function endless(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
  };
  response.on('drain', more);
  more();
}
