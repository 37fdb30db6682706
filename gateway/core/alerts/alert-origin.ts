import type { AlertRaised } from '../journal-record.ts';
import type { AlertKind, Button, Device, Site } from '../site.ts';

const NO_NAMES = { building: '', floor: '', room: '' };

interface Origin {
  readonly device: Device;
  readonly button: Button;
  readonly kind: AlertKind;
  /** The configuration no longer has the device, the button or the kind. */
  readonly isOrphaned: boolean;
}

/**
 * The origin of an alert of an earlier run. Where the configuration has changed, the alert's own
 * report fills the gaps.
 */
export function originOf(raised: AlertRaised, site: Site): Origin {
  const device = site.devices.get(raised.device);
  const button = device?.buttons.get(raised.button);
  const kind = site.kinds.get(raised.kind);
  return {
    device: device ?? deviceOf(raised),
    button: button ?? buttonOf(raised),
    kind: kind ?? kindOf(raised),
    isOrphaned: device === undefined || button === undefined || kind === undefined,
  };
}

function deviceOf({ device, report }: AlertRaised): Device {
  return {
    id: device,
    input: '',
    location: { building: '', floor: '', room: '', text: report.text, names: NO_NAMES },
    zone: report.zone,
    area: report.area,
    heartbeatMs: 0,
    missedHeartbeats: 0,
    counterOnly: false,
    watched: false,
    wiresSupervised: null,
    silent: true,
    buttons: new Map(),
    points: new Map(),
  };
}

function buttonOf({ button, report, kind }: AlertRaised): Button {
  return { id: String(button), number: button, zone: report.zone, kind };
}

function kindOf({ kind, report }: AlertRaised): AlertKind {
  const { sia, contactId } = report;
  // SIA DC-03: a restoral is the alarm's first letter and R. The kind may have been silent, so
  // nothing here may reveal it.
  return { id: kind, name: kind, sia, siaRestore: `${sia.slice(0, 1)}R`, contactId, silent: true, category: 'Other' };
}
