import { beforeEach, describe, expect, test } from 'vitest';
import type { ReceivedEvent } from '../../../device-sim/receiver/desk.ts';
import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import { Ledger } from '../../crash/ledger.ts';

const ALERT = 'wb-101.5.1';
const OTHER = 'wb-102.5.1';

let ledger: Ledger;

beforeEach(() => {
  ledger = new Ledger('wb-112');
  ledger.pressed('wb-101', ALERT);
});

function received(reportId: string, sequence: number): void {
  ledger.received({ reportId, sequence } as ReceivedEvent);
}

describe('the ledger of a crash test finds', () => {
  test('nothing wrong with a press that is displayed, then accepted at its wall', () => {
    received(ALERT, 1);
    received(ALERT, 1);
    ledger.lamp('wb-101', 'green');
    expect([ledger.faults, ledger.owed, ledger.waiting]).toEqual([[], [], []]);
  });

  test('a wall that shows accepted before a receiver has the press', () => {
    ledger.lamp('wb-101', 'green');
    expect(ledger.faults).toEqual([expect.stringContaining('no receiver has it')]);
  });

  test('a press that is displayed, and that nobody has made', () => {
    received('wb-101.5.2', 1);
    expect(ledger.faults).toEqual([expect.stringContaining('nobody has pressed it')]);
  });

  test('a press that its wall was promised, although the node has forgotten it', () => {
    ledger.lamp('wb-101', 'amberSlow');
    ledger.cut('wb-101');
    expect(ledger.owed).toMatchObject([{ alert: ALERT }]);
    received(ALERT, 1);
    expect(ledger.owed).toEqual([]);
  });

  test('no loss where a node has forgotten a press that nothing was promised of', () => {
    ledger.cut('wb-101');
    expect([ledger.owed, ledger.waiting]).toEqual([[], []]);
  });

  test('a number that comes again with another report, until many starts have skipped the others', () => {
    ledger.pressed('wb-102', OTHER);
    received(ALERT, 1);
    received(OTHER, 1);
    expect(ledger.faults.splice(0)).toEqual([`number 1: of ${ALERT}, and of ${OTHER}`]);
    ledger.deaths = 14;
    received(ALERT, 1);
    expect(ledger.faults).toEqual([]);
  });

  test('a press with a second number that no death explains', () => {
    received(ALERT, 1);
    received(ALERT, 2);
    expect(ledger.faults).toEqual([expect.stringContaining('more than deaths explain')]);
    ledger.pressed('wb-102', OTHER);
    received(OTHER, 3);
    ledger.deaths += 1;
    received(OTHER, 4);
    expect(ledger.faults).toHaveLength(1);
  });

  test('a real press that became an exercise', () => {
    ledger.published({ id: ALERT, mode: 'drill' } as AlertDocument);
    expect(ledger.faults).toEqual([`${ALERT}: a real press became a drill`]);
  });
});
