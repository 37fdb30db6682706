import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Names } from '../names/names.ts';
import type { WireTap } from '../recording/wire-tap.ts';
import type { Fault } from './connection-fault.ts';
import { askedBy, type DigestAccount, DigestCredentials, type DigestExchange } from './digest-credentials.ts';
import { HttpsClient } from './https-client.ts';
import type { HttpsAnswer, HttpsListener, HttpsRequest, HttpsSending } from './https-message.ts';
import { redirectTarget } from './https-redirect.ts';
import type { HttpsProxy } from './https-tunnel.ts';
import type { TlsSettings } from './tls-settings.ts';

/** The configured URL, and what only its server may see. */
export interface HttpsEndpoint {
  /** `https:`; `http:` only on this machine. Without user, password and fragment. */
  readonly url: string;
  readonly tls?: TlsSettings;
  /** Connections kept open when idle, at least 1. */
  readonly connections: number;
  /** Longest wait for a connection, ms. */
  readonly connectTimeoutMs: number;
  /** The site's own headers, `authorization` included. Only this server gets them. */
  readonly headers?: OutgoingHttpHeaders;
  /** For Digest (RFC 7616). */
  readonly account?: DigestAccount;
  /** Number of redirects that one request follows; absent: none. */
  readonly redirects?: number;
  readonly proxy?: HttpsProxy;
  readonly tap?: WireTap | undefined;
}

/** Servers that redirects lead to and whose connections are kept ready. */
const OTHERS_MAX = 4;

/**
 * Sends requests to one URL. It answers challenges for a password, and follows redirects if the
 * site allows them.
 */
export class HttpsSender {
  readonly #endpoint: HttpsEndpoint;
  readonly #url: URL;
  readonly #names: Names;
  readonly #client: HttpsClient;
  readonly #credentials: DigestCredentials | undefined;
  /** By origin, the oldest first. */
  readonly #others = new Map<string, HttpsClient>();
  readonly #conversations = new Set<Conversation>();

  constructor(endpoint: HttpsEndpoint, names: Names) {
    this.#endpoint = endpoint;
    this.#url = new URL(endpoint.url);
    this.#names = names;
    const { tls = {} } = endpoint;
    this.#client = new HttpsClient({ ...endpoint, url: this.#url, tls, keepsWarm: true }, names);
    this.#credentials = endpoint.account && new DigestCredentials(endpoint.account);
  }

  start(): void {
    this.#client.start();
  }

  /** No listener is called afterwards. */
  async stop(): Promise<void> {
    for (const conversation of this.#conversations) conversation.end();
    this.#conversations.clear();
    await Promise.all([this.#client, ...this.#others.values()].map((client) => client.stop()));
  }

  send(message: HttpsRequest, listener: HttpsListener): HttpsSending {
    const conversation = new Conversation(message, {
      url: this.#url,
      headers: this.#endpoint.headers ?? {},
      redirects: this.#endpoint.redirects ?? 0,
      credentials: this.#credentials?.exchange(),
      clientOf: (url) => this.#clientOf(url),
      sent: (atMs) => listener.sent(atMs),
      answered: (answer) => {
        this.#conversations.delete(conversation);
        listener.answered(answer);
      },
      failed: (fault) => {
        this.#conversations.delete(conversation);
        listener.failed(fault);
      },
    });
    this.#conversations.add(conversation);
    conversation.begin();
    return {
      drop: () => {
        this.#conversations.delete(conversation);
        conversation.end();
      },
    };
  }

  /** `undefined`: there are too many servers, and all are busy. */
  #clientOf(url: URL): HttpsClient | undefined {
    if (url.origin === this.#url.origin) return this.#client;
    const known = this.#others.get(url.origin);
    if (known !== undefined) return known;
    if (this.#others.size >= OTHERS_MAX) {
      const idle = [...this.#others].find(([, client]) => client.isIdle);
      if (idle === undefined) return undefined;
      this.#others.delete(idle[0]);
      void idle[1].stop();
    }
    // Our certificate, and the server name that a site sets, are for that server only.
    const own = this.#endpoint.tls;
    const tls = own?.ca === undefined ? {} : authorityOf(own);
    const client = new HttpsClient({ ...this.#endpoint, url, tls, keepsWarm: false }, this.#names);
    this.#others.set(url.origin, client);
    client.start();
    return client;
  }
}

interface ConversationDeps extends HttpsListener {
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly redirects: number;
  readonly credentials: DigestExchange | undefined;
  clientOf(url: URL): HttpsClient | undefined;
}

/** One message until its final answer, including any challenges in between. */
class Conversation {
  readonly #message: HttpsRequest;
  readonly #deps: ConversationDeps;
  #url: URL;
  #redirects = 0;
  #sent = false;
  #sending: HttpsSending | undefined;

  constructor(message: HttpsRequest, deps: ConversationDeps) {
    this.#message = message;
    this.#deps = deps;
    this.#url = deps.url;
  }

  begin(): void {
    const client = this.#deps.clientOf(this.#url);
    if (client === undefined) {
      this.#fail('the server sends us to too many others: tell its operator');
      return;
    }
    this.#sending = client.send(this.#url, this.#request(), {
      sent: (atMs) => {
        if (!this.#sent) this.#deps.sent(atMs);
        this.#sent = true;
      },
      answered: (answer) => this.#answered(answer),
      failed: (fault) => this.#deps.failed(fault),
    });
  }

  end(): void {
    this.#sending?.drop();
  }

  get #isAtHome(): boolean {
    return this.#url.origin === this.#deps.url.origin;
  }

  /** Another server gets only the message, and nothing that proves our identity to the first. */
  #request(): HttpsRequest {
    if (!this.#isAtHome) return this.#message;
    const { headers, credentials } = this.#deps;
    const asked = credentials?.headersFor(this.#message.method, `${this.#url.pathname}${this.#url.search}`) ?? [];
    const proofs = Object.fromEntries(asked.map(({ name, value }) => [name.toLowerCase(), value]));
    return { ...this.#message, headers: { ...headers, ...proofs, ...this.#message.headers } };
  }

  #answered(answer: HttpsAnswer): void {
    const next = this.#next(answer);
    if (next === 'again') this.begin();
    else if (next !== 'final') this.#fail(`the server answered ${answer.status}: ${next.useless}`);
    else {
      if (this.#isAtHome) this.#deps.credentials?.ended(fieldsOf(answer.headers, 'authentication-info'));
      this.#deps.answered(answer);
    }
  }

  /**
   * `useless`: why the message is not sent again although the answer asks for it, as the end of a
   * sentence.
   */
  #next({ status, headers }: HttpsAnswer): 'final' | 'again' | { readonly useless: string } {
    const { credentials, redirects } = this.#deps;
    if (status === 401 && credentials !== undefined && this.#isAtHome) {
      const fields = fieldsOf(headers, 'www-authenticate');
      const useless = credentials.challenged(fields);
      if (useless === undefined) return 'again';
      return { useless: askedBy(fields) === 'Basic' ? 'it knows no Digest: write auth: basic' : useless };
    }
    if ((status !== 307 && status !== 308) || redirects === 0) return 'final';
    this.#redirects += 1;
    if (this.#redirects > redirects) return { useless: 'it sends us on, again and again: ask for the URL itself' };
    const target = redirectTarget(this.#url, headers.location);
    if (typeof target === 'string') return { useless: target };
    this.#url = target;
    return 'again';
  }

  #fail(detail: string): void {
    const fault: Fault = { reason: 'refused', detail };
    this.#deps.failed(fault);
  }
}

/** Only its authority, which may be renewed on disk. */
function authorityOf(tls: TlsSettings): TlsSettings {
  return {
    get ca() {
      return tls.ca ?? '';
    },
  };
}

function fieldsOf(headers: IncomingHttpHeaders, name: 'www-authenticate' | 'authentication-info') {
  const value = headers[name];
  return { server: value === undefined ? [] : [value].flat(), proxy: [] };
}
