import type { AfterActionDocument, AlertAccount, DrillAccount, Step } from '../../protocol/after-action-document.ts';
import type { Block, Cell, Fact, Printout } from '../print/printout.ts';
import { alertTable, alertTimeline, needsTimeline } from './alert-printout.ts';
import { DRILL_FORM } from './drill-form.ts';
import { deviceBlocks, figuresBlocks, pathBlocks } from './figures-printout.ts';
import { journalBlocks } from './journal-printout.ts';
import type { LocalTimes } from './local-times.ts';
import { neverPressedBlocks } from './never-pressed.ts';
import { commander, counted, duration } from './printed-values.ts';

/** With more alerts than this, the rest has its row in the table, and no timeline of its own. */
const TIMELINES_MAX = 60;

/** The report as it is printed: what needs attention first. */
export function afterActionPrintout(document: AfterActionDocument, times: LocalTimes): Printout {
  const { site, about, made_at, made_by, version, alerts } = document;
  const all = [...alerts.live, ...alerts.drill, ...alerts.test];
  const isOne = about.kind === 'alert';
  const drawn = all.filter((alert) => isOne || needsTimeline(alert));
  return {
    title: TITLES[about.kind],
    subtitle: site ?? 'Site not known: no configuration was read',
    language: 'en',
    footer: `Made ${times.both(made_at)} by ${made_by} with Callpoint ${version} from a verified journal`,
    blocks: [
      { kind: 'facts', rows: headFacts(document, times) },
      ...neverPressedBlocks(document),
      ...(isOne ? [] : alertBlocks(document, times)),
      ...drawn.slice(0, TIMELINES_MAX).flatMap((alert) => alertTimeline(alert, times)),
      ...moreTimelines(drawn),
      ...(isOne ? [] : figuresBlocks(document)),
      ...pathBlocks(document, times),
      ...troubleBlocks(document, times),
      ...(isOne ? [] : deviceBlocks(document, times)),
      ...(about.kind === 'period' ? drillBlocks(document.drills, times) : []),
      ...(about.kind === 'drill' ? DRILL_FORM : []),
      ...journalBlocks(document.journal, times),
      { kind: 'signatures', people: ['Report completed by', 'Administrator'] },
    ],
  };
}

const TITLES: Readonly<Record<AfterActionDocument['about']['kind'], string>> = {
  alert: 'After-action report: one alert',
  drill: 'After-action report: drill',
  period: 'After-action report',
};

function headFacts(document: AfterActionDocument, times: LocalTimes): Fact[] {
  const { about, from_at, until_at, gateway } = document;
  const zone: Fact = { label: 'Times', value: `local, ${times.zoneOn(until_at)}` };
  const where: Fact[] = gateway === null ? [] : [{ label: 'Gateway', value: gateway }];
  if (about.kind === 'alert') return [{ label: 'Alert', value: about.alert }, ...where, zone];
  if (about.kind === 'period') {
    return [{ label: 'Period', value: `${times.both(from_at)} to ${times.both(until_at)}` }, ...where, zone];
  }
  return [...drillFacts(about, times), ...where, zone];
}

function drillFacts(
  { scope, started_at, started_by, reason, planned_end_at, ended }: DrillAccount,
  times: LocalTimes,
): Fact[] {
  const planned = `planned end ${times.time(planned_end_at)}`;
  const end: Cell =
    ended === null
      ? { text: `no end is recorded: it may still run (${planned})`, tone: 'unknown' }
      : `${times.both(ended.at)}, by ${commander(ended.by)}: ${ended.reason} (${planned})`;
  return [
    { label: 'Drill in', value: scope },
    { label: 'Date', value: times.date(started_at) },
    { label: 'Started', value: `${times.time(started_at)}, by ${commander(started_by)}: ${reason}` },
    { label: 'Ended', value: end },
    ...(ended === null ? [] : [{ label: 'Duration', value: lasted(ended) }]),
  ];
}

function lasted({ after_ms }: Step): Cell {
  return after_ms === null ? { text: 'not known: the clock was set', tone: 'unknown' } : duration(after_ms);
}

function alertBlocks({ about, alerts: { live, drill, test } }: AfterActionDocument, times: LocalTimes): Block[] {
  const during = about.kind === 'drill' ? ' while the drill ran' : '';
  const blocks: Block[] = [{ kind: 'heading', text: `Real alerts${during}` }];
  if (live.length === 0) blocks.push({ kind: 'paragraph', text: 'None.' });
  else blocks.push(alertTable(`${counted(live.length, 'real alert')}`, live, times));
  blocks.push({ kind: 'heading', text: about.kind === 'drill' ? 'Presses of the drill' : 'Drills' });
  if (drill.length === 0) blocks.push({ kind: 'paragraph', text: 'None.' });
  else blocks.push(alertTable(`${counted(drill.length, 'press', 'presses')} in drills. None was real.`, drill, times));
  if (test.length > 0) {
    blocks.push({ kind: 'heading', text: 'Tests' });
    blocks.push(alertTable(`${counted(test.length, 'press', 'presses')} in tests. None was real.`, test, times));
  }
  return blocks;
}

function moreTimelines({ length }: readonly AlertAccount[]): Block[] {
  if (length <= TIMELINES_MAX) return [];
  const text = `${length - TIMELINES_MAX} more alerts have their rows in the tables above. callpoint report with the id of an alert tells all of it.`;
  return [{ kind: 'paragraph', text }];
}

function troubleBlocks({ troubles, troubles_count }: AfterActionDocument, times: LocalTimes): Block[] {
  const heading: Block = { kind: 'heading', text: 'Troubles' };
  if (troubles_count === 0) return [heading, { kind: 'paragraph', text: 'None stood in this time.' }];
  const left = troubles_count - troubles.length;
  const caption = left > 0 ? `The newest ${troubles.length} of ${troubles_count}` : counted(troubles_count, 'trouble');
  const until = ({ is_notice, restored_at }: (typeof troubles)[number]): Cell => {
    if (is_notice) return '–';
    return restored_at === null ? { text: 'not restored', tone: 'bad' } : times.both(restored_at);
  };
  return [
    heading,
    {
      kind: 'table',
      caption,
      columns: [
        { title: 'Trouble', weight: 60 },
        { title: 'Since', weight: 20 },
        { title: 'Restored', weight: 20 },
      ],
      rows: troubles.map((trouble) => [trouble.text, times.both(trouble.since_at), until(trouble)]),
    },
  ];
}

function drillBlocks(drills: readonly DrillAccount[], times: LocalTimes): Block[] {
  const heading: Block = { kind: 'heading', text: 'Drills that ran' };
  if (drills.length === 0) return [heading, { kind: 'paragraph', text: 'None.' }];
  return [
    heading,
    {
      kind: 'table',
      caption: counted(drills.length, 'drill'),
      columns: [
        { title: 'Scope', weight: 20 },
        { title: 'Started', weight: 30 },
        { title: 'Ended', weight: 30 },
        { title: 'Reason', weight: 20 },
      ],
      rows: drills.map(({ scope, started_at, started_by, ended, reason }) => [
        scope,
        `${times.both(started_at)} by ${commander(started_by)}`,
        ended === null ? 'no end recorded' : `${times.both(ended.at)} by ${commander(ended.by)}: ${ended.reason}`,
        reason,
      ]),
    },
  ];
}
