import type { PathSettings } from '../../../gateway/config/settings.ts';
import type { PathEnd } from '../world/path-end.ts';
import { DC09_MOODS, Dc09FarEnd } from './dc09-far-end.ts';
import { HTTPS_MOODS, HttpsFarEnd } from './https-far-end.ts';
import { type FarEndDeps, Network } from './network.ts';
import { PAGER_MOODS, PagerFarEnd } from './pager-far-end.ts';
import { RADIO_MOODS, RadioFarEnd } from './radio-far-end.ts';
import { SIP_MOODS, SipFarEnd } from './sip-far-end.ts';

/** The far end of a path. */
export function farEndOf(settings: PathSettings, deps: FarEndDeps): PathEnd {
  return new Network(settings.id, deps, (network) => {
    switch (settings.driver) {
      case 'dc09-tcp':
      case 'dc09-udp':
        return new Dc09FarEnd(settings, network);
      case 'cap':
      case 'webhook':
        return new HttpsFarEnd(settings, network);
      case 'sip':
        return new SipFarEnd(network);
      case 'radio':
        return new RadioFarEnd(settings, network);
      case 'tap':
      case 'snpp':
      case 'sms':
        return new PagerFarEnd(network);
    }
  });
}

/** How the far end of such a path can misbehave. */
export function moodsOf(driver: PathSettings['driver']): readonly string[] {
  switch (driver) {
    case 'dc09-tcp':
    case 'dc09-udp':
      return DC09_MOODS;
    case 'cap':
    case 'webhook':
      return HTTPS_MOODS;
    case 'sip':
      return SIP_MOODS;
    case 'radio':
      return RADIO_MOODS;
    default:
      return PAGER_MOODS;
  }
}
