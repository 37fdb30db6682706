import { keysPath, readSite } from '../../config/load.ts';
import type { GatewaySettings } from '../../config/settings.ts';
import { backupProbe } from './backup-probe.ts';
import { endpointsOf } from './endpoints.ts';
import { type Examined, examine, type Finding, ok, type Probe, problem, warning } from './finding.ts';
import { gatewayProbes, gatewayProcess } from './gateway-probes.ts';
import { machineProbes, type Roots } from './machine-probes.ts';
import { networkProbes } from './network-probes.ts';
import { portProbes } from './port-probes.ts';
import { certificateProbe, storageProbes } from './storage-probes.ts';
import { updateProbe } from './update-probe.ts';

/** Longer than any of the waits within a probe, ms. */
const PATIENCE_MS = 8_000;

export interface DoctorOptions {
  readonly config: string;
  readonly dataDirectory: string;
  readonly roots: Roots;
  /** Called with the subjects that are still looked at. */
  readonly onProgress?: (waitingFor: readonly string[]) => void;
  readonly patienceMs?: number;
}

/** Looks at everything a gateway needs, and changes nothing. A running gateway is not disturbed. */
export async function examineAll(options: DoctorOptions): Promise<readonly Examined[]> {
  const { config, dataDirectory, patienceMs = PATIENCE_MS, onProgress = () => undefined } = options;
  const { settings, finding } = configuration(config, dataDirectory);
  const keysFile = keysPath(config);
  const probes: Probe[] = [
    ...machineProbes(options.roots),
    { subject: 'configuration', look: () => [finding] },
    ...(await siteProbes(options, settings)),
    ...gatewayProbes(dataDirectory),
    updateProbe(),
    backupProbe(dataDirectory, [config, ...(keysFile === undefined ? [] : [keysFile])]),
  ];
  const waiting = new Set(probes);
  const tell = () => onProgress([...waiting].map(({ subject }) => subject));
  tell();
  return await Promise.all(
    probes.map(async (probe) => {
      const examined = await examine(probe, patienceMs);
      waiting.delete(probe);
      tell();
      return examined;
    }),
  );
}

async function siteProbes(
  { config, dataDirectory, roots }: DoctorOptions,
  settings: GatewaySettings | undefined,
): Promise<Probe[]> {
  const keysFile = keysPath(config);
  const places = {
    dataDirectory,
    ...(settings === undefined ? {} : { journal: settings.journal }),
    ...(keysFile === undefined ? {} : { keysFile }),
  };
  const storage = storageProbes(places, roots);
  if (settings === undefined) return [...storage];
  const pid = await gatewayProcess(dataDirectory);
  const endpoints = endpointsOf(settings);
  return [
    ...storage,
    certificateProbe(settings.certificates),
    ...portProbes(endpoints, pid === undefined ? {} : { pid }, roots),
    ...networkProbes(endpoints.hosts),
  ];
}

function configuration(
  config: string,
  data: string,
): { readonly settings?: GatewaySettings; readonly finding: Finding } {
  const { settings, mistakes } = readSite(config, data);
  const errors = mistakes.filter(({ severity }) => severity === 'error').length;
  if (settings === undefined) {
    const text = `${config} has ${errors} error${errors === 1 ? '' : 's'}: its inputs and paths are not looked at`;
    return { finding: problem(text, `Run callpoint check --config ${config}`) };
  }
  if (mistakes.length === 0) return { settings, finding: ok(`${config} has no mistakes`) };
  const text = `${config} has ${mistakes.length} warning${mistakes.length === 1 ? '' : 's'}`;
  return { settings, finding: warning(text, `Run callpoint check --config ${config}`) };
}
