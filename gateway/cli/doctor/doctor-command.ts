import type { Command } from 'commander';
import { describeCommand, type Prose } from '../help.ts';
import { type JsonFlag, jsonOption, jsonText } from '../json-output.ts';
import { startProgress } from '../progress.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';
import { terminalWidth } from '../terminal-text.ts';

const ABOUT: Prose = {
  about: [
    'It opens no port and sends no report: it connects to each receiver, and closes.',
    "Run it as the user who runs the gateway, because permissions are that user's.",
  ],
  exitCodes: [
    ['0', 'no problem'],
    ['1', 'a problem'],
    ['2', 'called with arguments that do not fit'],
  ],
  seeAlso: ['check', 'status'],
};

export function addDoctorCommand(root: Command, out: (line: string) => void): void {
  describeCommand(jsonOption(siteOptions(root.command('doctor'))), ABOUT)
    .description('look at this machine, its ports, its disks and its network: what is wrong, and what to do')
    .action(async (options: SiteOptions & JsonFlag) => {
      const { examineAll } = await import('./doctor.ts');
      const { ROOTS } = await import('./machine-probes.ts');
      const { countsOf, doctorText } = await import('./doctor-text.ts');
      const progress = startProgress();
      const examined = await examineAll({
        config: options.config,
        dataDirectory: dataDirectory(options),
        roots: ROOTS,
        onProgress: (waitingFor) => progress.show(progressText(waitingFor)),
      });
      progress.end();
      const counts = countsOf(examined);
      process.exitCode = counts.problem > 0 ? 1 : 0;
      const told = examined.map(({ isLate, ...each }) => ({ ...each, is_late: isLate }));
      if (options.json) out(jsonText({ ok: counts.problem === 0, counts, examined: told }));
      else for (const line of doctorText(examined, terminalWidth())) out(line);
      await endAtOnce(process.exitCode);
    });
}

function progressText(waitingFor: readonly string[]): string {
  return waitingFor.length === 0 ? '' : `Looking at ${waitingFor.join(', ')}`;
}

/** A disk, a program or a name server that hangs would keep the process alive. */
async function endAtOnce(code: number): Promise<void> {
  const { loadProcessCalls } = await import('../../system/process-calls.ts');
  const { exit } = await loadProcessCalls();
  await new Promise((resolve) => process.stdout.write('', resolve));
  exit(code);
}
