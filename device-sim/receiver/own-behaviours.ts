import type { ReceiverBehaviour } from './behaviour.ts';

const ALWAYS = Number.POSITIVE_INFINITY;

/** Behaviours of a DC-09 receiver beyond those of every far end, by the name in a command. */
export const OWN_BEHAVIOURS: Readonly<Record<string, ReceiverBehaviour>> = {
  nakSiaDcs: { type: 'nakFormat', format: 'SIA-DCS' },
  nakAdmCid: { type: 'nakFormat', format: 'ADM-CID' },
  nak: { type: 'nak', times: ALWAYS },
  bareNak: { type: 'bareNak' },
  duh: { type: 'duh', times: ALWAYS },
  silentToNull: { type: 'silentToNull' },
  oddSpelling: { type: 'oddSpelling' },
  wrongAccount: { type: 'wrongAccount' },
  clockAhead60: { type: 'clockOff', ms: 60_000 },
  clockBehind60: { type: 'clockOff', ms: -60_000 },
  clockAhead3600: { type: 'clockOff', ms: 3_600_000 },
  clockBehind3600: { type: 'clockOff', ms: -3_600_000 },
  closeAfterAck: { type: 'closeAfterAck' },
  firstFrameOnly: { type: 'firstFrameOnly' },
  oneConnection: { type: 'oneConnection' },
};
