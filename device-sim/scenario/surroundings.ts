import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicRoot } from '../../protocol/mqtt-topics.ts';
import { renewCertificates } from '../dry/certificates.ts';
import type { DryOptions, DryTexts } from '../dry/dry-site.ts';
import { writeDrySite } from '../dry/write-dry-site.ts';
import { HostileClient } from '../mqtt/hostile-client.ts';
import { epochNow, readSite } from '../site/site-file.ts';
import type { BrokerRun } from './broker-run.ts';
import type { GatewayFaults } from './gateway-faults.ts';
import type { Surroundings } from './perform.ts';
import { gatewayName, OPERATOR, type School } from './school.ts';

interface SurroundingsDeps {
  readonly school: School;
  readonly password: string;
  /** The site as its author wrote it. */
  readonly texts: DryTexts;
  readonly options: DryOptions;
  /** Absent if no step of the timeline needs it: then the gateway runs untouched. */
  readonly faults: GatewayFaults | undefined;
  /** Absent if the broker is in the gateway. */
  readonly broker: BrokerRun | undefined;
}

/** The machine, the network and the people around a gateway. */
export function surroundingsOf({ school, password, texts, options, faults, broker }: SurroundingsDeps): Surroundings {
  const { dry, gateway, simulator } = school;
  let { site } = texts;
  return {
    hostile: hostileClient(school, password),
    reload: async (from, to) => {
      const count = site.split(from).length - 1;
      if (count !== 1)
        throw new RangeError(`"${from}" stands ${count} times in site.yaml: write a text that stands once`);
      site = site.replace(from, () => to);
      const keys = readFileSync(join(dry.directory, 'keys.yaml'), 'utf8');
      await writeDrySite({ site, keys }, options);
      const { code, text } = await gateway.command(['reload', '--config', gateway.config, '--data', gateway.data]);
      if (code !== 0) throw new RangeError(`the gateway does not take it up: ${text}`);
      simulator.setUp(readSite(dry.file, epochNow()));
    },
    renewCertificates: (days) => {
      if (!dry.needsCertificates) throw new RangeError('no path of this site uses TLS, so there is no certificate');
      renewCertificates(dry.directory, days);
    },
    setDisk: (state) => faults?.setDisk(state),
    stepClock: (aheadMs) => faults?.setClock(aheadMs === undefined ? 0 : faults.clockMs + aheadMs),
    broker: async (how) => {
      if (broker === undefined)
        throw new RangeError('the broker is in the gateway: write broker: external at the top of the scenario');
      await broker.perform(how);
    },
  };
}

function hostileClient({ port, site, dry }: School, password: string): HostileClient {
  const [device] = site.broker.clients;
  const taken =
    device === undefined
      ? { username: OPERATOR, password, topic: 'anything' }
      : { ...device, topic: `${device.topics[0]?.split('/')[0]}/flood` };
  return new HostileClient({ port, root: topicRoot(gatewayName(dry.file)), taken });
}
