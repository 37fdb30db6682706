/**
 * A GSM, LTE or 5G modem on a serial port that sends text messages by AT commands (3GPP TS 27.005:
 * text mode for the GSM alphabet, PDU mode for UCS-2).
 *
 * The modem's OK proves only that the modem says an SMS centre accepted the message. Nothing shows
 * who runs that centre, or whether a phone got the message. So the outcome is handed over, never
 * acknowledged. Networks can read and withhold what they carry.
 */
export interface SmsSettings {
  readonly driver: 'sms';
  readonly id: string;
  /** `/dev/serial/by-id/…` */
  readonly port: string;
  readonly baudRate: number;
  /** Numbers with their country code, `+15551234567`; at least one. Each gets every message. */
  readonly recipients: readonly string[];
  /** Commands sent before everything else at each setup of the modem; absent: none. */
  readonly init?: readonly string[];
  /** PIN of the SIM card, 4 to 8 digits. Absent: it asks for none. */
  readonly pin?: string;
}
