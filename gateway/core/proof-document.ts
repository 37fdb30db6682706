import type { ProofBattery, ProofDocument, ProofSignal } from '../../protocol/walk-test-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { ProvenRecord } from './proof-record.ts';

export function proofDocument({ at, proof }: ProvenRecord): ProofDocument {
  const { kind, walkTest, tester, alert, pattern, authenticated, paths } = proof;
  const signal = signalOf(proof);
  const battery = batteryOf(proof);
  return {
    kind,
    at: isoTime(at),
    ...(walkTest === undefined ? {} : { walk_test: walkTest }),
    ...(tester === undefined ? {} : { tester }),
    ...(alert === undefined ? {} : { alert }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(authenticated === undefined ? {} : { authenticated }),
    ...(Object.keys(signal).length === 0 ? {} : { signal }),
    ...(Object.keys(battery).length === 0 ? {} : { battery }),
    paths,
  };
}

function signalOf({ rssiDbm, marginDb, repeats, bounces }: ProvenRecord['proof']): ProofSignal {
  return {
    ...(rssiDbm === undefined ? {} : { rssi_dbm: rssiDbm }),
    ...(marginDb === undefined ? {} : { margin_db: marginDb }),
    ...(repeats === undefined ? {} : { repeats }),
    ...(bounces === undefined ? {} : { bounces }),
  };
}

function batteryOf({ batteryMv, batteryPercent, lowBattery }: ProvenRecord['proof']): ProofBattery {
  return {
    ...(batteryMv === undefined ? {} : { mv: batteryMv }),
    ...(batteryPercent === undefined ? {} : { percent: batteryPercent }),
    ...(lowBattery === undefined ? {} : { low: lowBattery }),
  };
}
