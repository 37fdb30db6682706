import type { MonoMs } from '../../../protocol/clocks.ts';
import { ANSWER_OVERHEAD, answerDataBytes } from '../modbus-input-map.ts';
import { ANSWER_BYTES_MIN, ECHO_BYTES_MAX } from './echo.ts';
import type { PolledModule } from './polled-module.ts';
import type { RtuPort, Stray } from './rtu-port.ts';

/**
 * Reports to the module asked, and to any other it concerns, what was heard beside the answer:
 * noise, a second answer, or the late one of another module. Called once the line is silent after a
 * poll. Returns the number of frames, or remains of frames, that nobody had asked for.
 */
export function settlePoll(port: RtuPort, asked: PolledModule, all: readonly PolledModule[], nowMs: MonoMs): number {
  const { strayBefore, strayAfter, isAnswered, hasHeard } = port;
  // A good answer follows: the adapter's echo, garbled, or noise. Two modules with one address
  // would have damaged the answer as well, or would send a second one.
  const isHarmless = isAnswered && !strayBefore.isFrame && strayBefore.length <= ECHO_BYTES_MAX;
  const bytesBefore = isHarmless ? 0 : strayBefore.length;
  const isOwn = strayBefore.isFrame && strayBefore.address === asked.address && strayBefore.code === asked.span.code;
  // Its answers that are late have the length asked for, as all requests to a module are the same.
  const isOtherLength = isOwn && strayBefore.length !== ANSWER_OVERHEAD + answerDataBytes(asked.span);
  const isAnsweredOtherwise = !isAnswered && isOtherLength && strayBefore.length > ANSWER_OVERHEAD;
  if (isAnsweredOtherwise) asked.answeredOtherLength(strayBefore.length - ANSWER_OVERHEAD);
  const lateBefore = lateAnswerOf(strayBefore, asked, all);
  const ownLate = strayAfter.address === asked.address && asked.wasSilent(nowMs);
  const lateAfter = ownLate ? asked : lateAnswerOf(strayAfter, asked, all);
  const damaged =
    (lateBefore === undefined && !isAnsweredOtherwise && bytesBefore >= ANSWER_BYTES_MIN) ||
    (lateAfter === undefined && strayAfter.length >= ANSWER_BYTES_MIN);
  asked.settle(damaged, !hasHeard, othersThan(asked, all), nowMs);
  if (bytesBefore >= ANSWER_BYTES_MIN) lateBefore?.answeredUnasked(nowMs);
  if (strayAfter.length >= ANSWER_BYTES_MIN) lateAfter?.answeredUnasked(nowMs);
  return [strayBefore, strayAfter].filter(({ length }) => length > 0).length;
}

function lateAnswerOf(
  { address, code }: Stray,
  asked: PolledModule,
  all: readonly PolledModule[],
): PolledModule | undefined {
  return all.find((module) => module !== asked && module.address === address && module.span.code === code);
}

function othersThan(module: PolledModule, all: readonly PolledModule[]): 'well' | 'damaged' | 'none' {
  const others = all.filter((other) => other !== module);
  if (others.length === 0) return 'none';
  return others.every((other) => other.answersAreWell) ? 'well' : 'damaged';
}
