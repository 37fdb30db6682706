import type { BenchPath } from './path-site.ts';

/** A DC-09 receiver on TCP, encrypted. `account` differs for each, as for different centres. */
export function dc09(id: string, account: string, more = ''): BenchPath {
  return {
    id,
    driver: 'dc09-tcp',
    name: 'dc09-tcp',
    fields: ({ port }) => `host: 127.0.0.1, port: ${port}, account: "${account}"${more}`,
    secret: 'key',
  };
}

const DC09_UDP: BenchPath = {
  id: 'centre-udp',
  driver: 'dc09-udp',
  name: 'dc09-udp',
  fields: ({ port }) => `host: 127.0.0.1, port: ${port}, account: "2222"`,
  secret: 'key',
};

export const CAP: BenchPath = {
  id: 'desk',
  driver: 'cap',
  name: 'cap, HTTPS',
  fields: ({ port, ca }) =>
    `url: "https://127.0.0.1:${port}/cap", tls: { ca: ${ca} }, sender: gw-1@bench.example, auth: bearer`,
  secret: 'text',
};

export const SIP_TCP: BenchPath = {
  id: 'psap',
  driver: 'sip',
  name: 'sip, TCP',
  fields: ({ port }) =>
    `host: 127.0.0.1, port: ${port}, transport: tcp, target: "sip:alarms@bench.example", from: "sip:gw-1@bench.example"`,
};

/** 1200 bit/s. A press every 5 s stays within the usual 20 s of sending per minute. */
export const RADIO: BenchPath = {
  id: 'station',
  driver: 'radio',
  name: 'radio, 1200 Bd',
  fields: ({ port }) => `tnc: { host: 127.0.0.1, port: ${port} }, callsign: N0TST-9, receiver: N0TST-1`,
  everyMs: 5000,
};

export const SNPP: BenchPath = {
  id: 'pager',
  driver: 'snpp',
  name: 'snpp',
  fields: ({ port }) => `host: 127.0.0.1, port: ${port}, pagers: [5551212]`,
  handsOver: true,
};

export const SMS: BenchPath = {
  id: 'phone',
  driver: 'sms',
  name: 'sms, modem on a pty',
  fields: ({ at }) => `port: ${at}, recipients: ["+15551234567"]`,
  handsOver: true,
};

/** One of each kind of path and transport. */
export const PATH_KINDS: readonly BenchPath[] = [
  dc09('centre', '1111'),
  DC09_UDP,
  {
    id: 'centre-tls',
    driver: 'dc09-tcp',
    name: 'dc09-tcp, TLS',
    fields: ({ port, ca }) => `host: 127.0.0.1, port: ${port}, account: "3333", encrypted: false, tls: { ca: ${ca} }`,
  },
  CAP,
  {
    id: 'hook',
    driver: 'webhook',
    name: 'webhook, HTTPS',
    fields: ({ port, ca }) => `url: "https://127.0.0.1:${port}/alerts", tls: { ca: ${ca} }`,
    secret: 'text',
  },
  SIP_TCP,
  {
    id: 'psap-tls',
    driver: 'sip',
    name: 'sip, TLS',
    fields: ({ port, ca }) =>
      `host: 127.0.0.1, port: ${port}, tls: { ca: ${ca} }, target: "sip:alarms@bench.example", from: "sip:gw-1@bench.example"`,
  },
  RADIO,
  {
    id: 'terminal',
    driver: 'tap',
    name: 'tap on a pty',
    fields: ({ at }) => `terminal: { port: ${at} }, pagers: [5551212]`,
    handsOver: true,
  },
  SNPP,
  SMS,
];
