import { describeTimeline } from './describe-seen.ts';
import { describeMs } from './fields.ts';
import type { Outcome, Result } from './run-scenario.ts';
import type { Scenario } from './scenario-file.ts';

/** One run of a scenario. */
export interface Run {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly outcome: Outcome;
}

/** A verdict on one line; below a failed one what failed, and what was seen when. */
export function runText({ scenario, seed, outcome }: Run): string[] {
  const { passed, results, problem, seen, tookMs } = outcome;
  const head = `${passed ? 'PASS' : 'FAIL'}  ${scenario.name}  (${describeMs(tookMs)}, seed ${seed})`;
  if (passed) return [head];
  const failed = results
    .filter(({ verdict }) => verdict.state !== 'met')
    .map((each) => `      ${describeResult(scenario, each)}`);
  const why = problem === undefined ? [] : problem.split('\n').map((line) => `      ${line}`);
  const timeline = describeTimeline(seen).map((line) => `      ${line}`);
  return [head, ...why, ...failed, '      What was seen:', ...timeline];
}

function describeResult({ file }: Scenario, { expectation, verdict }: Result): string {
  const where = `${file}:${expectation.fileLine}: ${expectation.written}`;
  if (verdict.state === 'met') return `${where}: met after ${describeMs(verdict.tookMs)}`;
  return `${where}: ${verdict.state === 'failed' ? verdict.why : 'not decided'}`;
}

/** For programs. Times are in ms since the start of the timeline. */
export function runJson({ scenario, seed, outcome }: Run): unknown {
  const { passed, results, problem, seen, tookMs } = outcome;
  return {
    scenario: scenario.name,
    file: scenario.file,
    seed,
    passed,
    took_ms: Math.round(tookMs),
    problem: problem ?? null,
    expectations: results.map(({ expectation, verdict }) => ({
      line: expectation.fileLine,
      expectation: expectation.written,
      met: verdict.state === 'met',
      took_ms: verdict.state === 'met' ? Math.round(verdict.tookMs) : null,
      why: verdict.state === 'failed' ? verdict.why : null,
    })),
    seen: seen.filter(({ atMs }) => atMs >= 0).map(({ atMs, ...what }) => ({ at_ms: Math.round(atMs), ...what })),
  };
}

/** JUnit XML, as CI systems read it: a test suite for each file, a test case for each run. */
export function junitXml(runs: readonly Run[]): string {
  const files = [...new Set(runs.map(({ scenario }) => scenario.file))];
  const suites = files.map((file) =>
    suiteXml(
      file,
      runs.filter(({ scenario }) => scenario.file === file),
    ),
  );
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}

function suiteXml(file: string, runs: readonly Run[]): string {
  const failures = runs.filter(({ outcome }) => !outcome.passed).length;
  const seconds = runs.reduce((sum, { outcome }) => sum + outcome.tookMs, 0) / 1000;
  const counts = `tests="${runs.length}" failures="${failures}" time="${seconds.toFixed(3)}"`;
  return [`  <testsuite name="${escaped(file)}" ${counts}>`, ...runs.map(caseXml), '  </testsuite>'].join('\n');
}

function caseXml(run: Run): string {
  const { scenario, seed, outcome } = run;
  const name = `name="${escaped(scenario.name)} (seed ${seed})" classname="${escaped(scenario.file)}"`;
  const head = `    <testcase ${name} time="${(outcome.tookMs / 1000).toFixed(3)}"`;
  if (outcome.passed) return `${head}/>`;
  const [, message = '', ...rest] = runText(run);
  const failure = `<failure message="${escaped(message.trim())}">${escaped([message, ...rest].join('\n'))}</failure>`;
  return `${head}>\n      ${failure}\n    </testcase>`;
}

/** XML 1.0 has no other control characters (§2.2). */
const FORBIDDEN = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text
    .replace(FORBIDDEN, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
