import { readFileSync } from 'node:fs';
import { progress } from '../rig/waiting.ts';
import type { Contestant } from './contestant.ts';
import type { Load, LoadMeans, RunFigures } from './loads.ts';
import { type Background, backgroundSince, machineTimes } from './process-figures.ts';

/** What one contestant gave in one round; `failed` says why it gave nothing. */
export interface Round {
  readonly round: number;
  readonly load: string;
  readonly contestant: string;
  readonly figures?: RunFigures;
  readonly failed?: string;
  readonly background: Background;
}

interface Options {
  readonly rounds: number;
  readonly programs: LoadMeans['programs'];
  readonly connections: number;
  readonly nice: number;
}

/** Runs every load on every contestant in turn; the order turns round with each round. */
export async function runRounds(
  contestants: readonly Contestant[],
  loads: readonly Load[],
  { rounds, ...means }: Options,
): Promise<Round[]> {
  const results: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 1 ? contestants : contestants.toReversed();
    for (const load of loads) {
      for (const contestant of order) {
        if (load.only !== undefined && load.only !== contestant.kind) continue;
        const lastRate = results.findLast(({ contestant: name, figures }) => {
          return name === contestant.name && figures?.steadyRate !== undefined;
        })?.figures?.steadyRate;
        const result = await runOne(contestant, load, { ...means, lastRate });
        results.push({ round, load: load.name, contestant: contestant.name, ...result });
        progress(`round ${round} of ${rounds}, ${load.name}, ${contestant.name}: ${summary(result)}`);
      }
    }
  }
  return results;
}

async function runOne(
  contestant: Contestant,
  load: Load,
  means: LoadMeans,
): Promise<Pick<Round, 'figures' | 'failed' | 'background'>> {
  const before = machineTimes();
  const ownBeforeMs = ownMs();
  const background = () => backgroundSince(before, ownMs() - ownBeforeMs);
  try {
    const figures = await load.run(contestant, means);
    return { figures, background: background() };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error), background: background() };
  }
}

/** Processor time of the bench and of all its children that have ended. */
function ownMs(): number {
  // Fields 14 to 17 of proc(5) stat, counted after the name in brackets; in ticks of 10 ms.
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

function summary({ figures, failed, background }: Pick<Round, 'figures' | 'failed' | 'background'>): string {
  const loads = Object.entries(figures?.loads ?? {}).map(([name, { firstByteMs, lost }]) => {
    return `${name} p50 ${firstByteMs.p50} p99 ${firstByteMs.p99} ms${lost > 0 ? `, ${lost} lost` : ''}`;
  });
  if (figures?.steadyRate !== undefined) loads.push(`${Math.round(figures.steadyRate)}/s`);
  const others = `others ${(background.others * 100).toFixed(0)} %`;
  return `${failed ?? loads.join('; ')} (${others}, stolen ${(background.stolen * 100).toFixed(0)} %)`;
}
