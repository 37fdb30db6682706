import type { TroubleTypeName } from '../../core/trouble-types.ts';

/** What to do about each trouble, for the person who goes there. */
const REMEDIES: Readonly<Record<TroubleTypeName, string>> = {
  deviceMissing: 'Press the device. If nothing comes: check its battery or supply, its cable or radio reach.',
  devicesMissing: 'Wait until each has reported once. Then go to those that callpoint devices still shows as missing.',
  lowBattery: 'Change the battery, then press the device.',
  wireFault: 'Measure the loop at the button and at the terminal: a cable is cut, shorted or has lost its resistor.',
  stuckButton: 'Release the button. If it is free, its contact or cable is shorted.',
  deviceFault: 'Read the detail: it says what the device or its line reports.',
  tamper: 'Look at the housing: it is open or off its wall.',
  doorForced: 'Look at the door: it was opened while it was locked.',
  doorHeldOpen: 'Close the door.',
  inputDown: 'Check the adapter, its cable and its port: callpoint check names the port.',
  bridgeDown: 'See why it stopped: systemctl status zigbee2mqtt. Until it is back, its buttons may not be heard.',
  availabilityOff:
    'Switch availability on at the bridge. Zigbee2MQTT: availability: { enabled: true }, and restart it.',
  bridgeClock: "Set the clock of the bridge's machine, or of this one (timedatectl).",
  pathDown: "Check the network to the receiver, then call the receiver's operator. Other paths of the plan go on.",
  pathRefuses: "Ask the receiver's operator for the account and formats that it takes.",
  clockRefused: "Set this machine's clock (timedatectl), or ask the receiver's operator about theirs.",
  clockDiffers: "Set this machine's clock (timedatectl), or ask the receiver's operator about theirs.",
  clockUnsynchronised:
    'See that a time server, a GPS or a phone hotspot is reached (timedatectl timesync-status, or chronyc tracking); else set the clock by hand (timedatectl set-time).',
  certificateExpires: 'Put the renewed certificate in place of the file: it is used without a restart.',
  notProven: 'Press and move what the detail names: callpoint walk-test start; callpoint walk-test status lists it.',
  canaryFailed: 'Run callpoint canary. If it fails again, press a real button as a drill and follow it.',
  journalDegraded: 'Look at the disk of the data directory: df, dmesg. Restart the gateway when it is well.',
  journalFailed:
    'Free or replace the disk of the data directory. Alerts go out meanwhile; a restart would forget them.',
  logFailed: 'Free the disk that the log goes to, or start the service again.',
  updateReturned: 'See why: callpoint update --status. Then sudo callpoint update --seen ends this trouble.',
  brokerDown: 'Look at what the detail names: the port, the address or the external broker.',
  clientTurnedAway:
    'Do what the detail says, at the client or under mqtt: clients: in site.yaml. The trouble ends when it connects.',
  outputFault: 'Look at the line or board that the detail names; the output does not switch.',
  brokerFull: 'Look for the client that publishes too much; the log names it.',
  brokerGuessed: 'Somebody tries passwords at the broker: the log has the address.',
  gatewayDefect: 'Keep the log and report it: this is a fault of Callpoint.',
  gatewayStalled: 'Look at the load of this machine: top, vmstat. Move other programs away from it.',
  unknownPress: 'Go and look who pressed. Then enrol the device in site.yaml, or take it away.',
  unknownDevice: 'Enrol the device in site.yaml, or take it away.',
  stalePress: 'Go and look who pressed. callpoint enrol accepts a tag with a new battery.',
  notUnderstood: 'Compare what the device says with its entry in site.yaml, and name the text there.',
  pressNotUnderstood: 'Go and look who pressed. Then name the text under press: or release: in site.yaml.',
  pressInDoubt: 'Go and look who pressed, and when.',
  unknownButton: 'Go and look who pressed. Then add the button to the device in site.yaml.',
};

/** `undefined` for a type that this version does not know. */
export function remedyFor(type: string): string | undefined {
  return Object.hasOwn(REMEDIES, type) ? REMEDIES[type as TroubleTypeName] : undefined;
}
