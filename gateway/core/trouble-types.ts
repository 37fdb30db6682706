/**
 * Every trouble that the gateway can report, with its event codes (SIA DC-03 trouble and restore,
 * Contact ID DC-05). One table, so that a receiver's operator, the documents and the code agree.
 */
interface TroubleType {
  readonly sia: string;
  readonly siaRestore: string;
  readonly contactId: string;
  /** Plain language; the subject follows. */
  readonly text: string;
}

// Public DC-03 and DC-05 tables list YX/YZ (service required / completed), UT/UJ (untyped zone
// trouble / restore) and CID 380.
export const TROUBLE_TYPES = {
  deviceMissing: { sia: 'UY', siaRestore: 'UJ', contactId: '147', text: 'Device missing' },
  devicesMissing: { sia: 'UY', siaRestore: 'UJ', contactId: '147', text: 'Devices missing' },
  lowBattery: { sia: 'XT', siaRestore: 'XR', contactId: '384', text: 'Low battery' },
  wireFault: { sia: 'TA', siaRestore: 'TR', contactId: '383', text: 'Wire cut or shorted' },
  stuckButton: { sia: 'PT', siaRestore: 'PJ', contactId: '375', text: 'Button stuck' },
  deviceFault: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Device fault' },
  tamper: { sia: 'TA', siaRestore: 'TR', contactId: '383', text: 'Tamper' },
  doorForced: { sia: 'DF', siaRestore: 'DR', contactId: '423', text: 'Door forced' },
  doorHeldOpen: { sia: 'DM', siaRestore: 'DH', contactId: '426', text: 'Door held open' },
  inputDown: { sia: 'ET', siaRestore: 'ER', contactId: '333', text: 'Input down' },
  outputFault: { sia: 'YX', siaRestore: 'YZ', contactId: '320', text: 'Output can’t be switched' },
  bridgeDown: { sia: 'ET', siaRestore: 'ER', contactId: '333', text: 'Bridge down' },
  availabilityOff: {
    sia: 'YX',
    siaRestore: 'YZ',
    contactId: '616',
    text: 'Bridge says nothing of its devices’ availability',
  },
  bridgeClock: { sia: 'YX', siaRestore: 'YZ', contactId: '626', text: 'Clock differs from a bridge’s' },
  pathDown: { sia: 'YS', siaRestore: 'YK', contactId: '350', text: 'Path down' },
  pathRefuses: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'Receiver does not understand a report' },
  clockRefused: { sia: 'YX', siaRestore: 'YZ', contactId: '626', text: 'Receiver refuses our time' },
  clockDiffers: { sia: 'YX', siaRestore: 'YZ', contactId: '626', text: 'Clock differs from a receiver’s' },
  clockUnsynchronised: { sia: 'YX', siaRestore: 'YZ', contactId: '626', text: 'Clock not synchronised' },
  certificateExpires: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'Certificate expires' },
  notProven: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'Not proven in time' },
  canaryFailed: { sia: 'YX', siaRestore: 'YZ', contactId: '608', text: 'Canary press did not come through' },
  journalDegraded: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'Journal continues in another file' },
  journalFailed: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'Journal cannot be written' },
  logFailed: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'Log cannot be written' },
  updateReturned: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'Update was returned' },
  brokerDown: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'MQTT broker down' },
  brokerFull: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'MQTT broker full' },
  brokerGuessed: { sia: 'YX', siaRestore: 'YZ', contactId: '461', text: 'Wrong passwords at the MQTT broker' },
  clientTurnedAway: { sia: 'YX', siaRestore: 'YZ', contactId: '616', text: 'MQTT client turned away' },
  gatewayDefect: { sia: 'YX', siaRestore: 'YZ', contactId: '380', text: 'Defect in the gateway' },
  gatewayStalled: { sia: 'YX', siaRestore: 'YZ', contactId: '380', text: 'The gateway stood still' },
  unknownPress: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Press from unknown device' },
  unknownDevice: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Unknown device heard' },
  stalePress: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Press with old numbers, not accepted' },
  pressNotUnderstood: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Press not understood' },
  notUnderstood: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Message not understood' },
  pressInDoubt: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Press in doubt' },
  unknownButton: { sia: 'UT', siaRestore: 'UJ', contactId: '380', text: 'Press of a button that is not configured' },
} as const satisfies Record<string, TroubleType>;

export type TroubleTypeName = keyof typeof TROUBLE_TYPES;
