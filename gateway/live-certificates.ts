import type { PeerCertificate } from 'node:tls';
import type { WallMs } from '../protocol/clocks.ts';
import type { CertificateSettings, InputSettings, PathSettings } from './config/settings.ts';
import type { CertificateReading } from './core/certificate.ts';
import type { TlsSettings } from './paths/tls-settings.ts';
import { CertificateFiles, type CertificateSource } from './system/certificate-files.ts';
import { authorityValidity, chainValidity, type LinkPem, ownValidity, type Validity } from './system/certificates.ts';

interface LiveCertificatesDeps {
  /** Receives what the core should know of a certificate. */
  read(reading: CertificateReading): void;
  /** Hands renewed files to the broker's thread. */
  renewBroker(pem: LinkPem): void;
  log(level: 'info' | 'warn', event: string, fields: Readonly<Record<string, string>>): void;
  nowWallMs(): WallMs;
  /** Interval between two checks of the files, ms. */
  readonly checkMs?: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** Read by a driver for each connection, and renewed by this part. */
interface LiveLink {
  ca?: string;
  own?: NonNullable<LinkPem['own']>;
}

/**
 * Keeps the certificates of every link up to date. Renewed files are used from the next connection
 * on. The core learns the end date of each certificate, the far ends' included.
 */
export class LiveCertificates {
  #settings: CertificateSettings;
  readonly #deps: LiveCertificatesDeps;
  #files: CertificateFiles;
  /**
   * Keyed by what a source is for, then by whose link it is. Several inputs may read one broker.
   */
  readonly #links = new Map<string, Map<string, LiveLink>>();

  constructor(settings: CertificateSettings, deps: LiveCertificatesDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#files = this.#watch();
  }

  #watch(): CertificateFiles {
    const sink = {
      renewed: (source: CertificateSource, pem: LinkPem) => this.#renewed(source, pem),
      refused: (source: CertificateSource, why: string, inUse: LinkPem) => this.#refused(source, why, inUse),
      unchanged: (source: CertificateSource, inUse: LinkPem) => this.#unchanged(source, inUse),
    };
    return new CertificateFiles(this.#settings.sources, sink, this.#deps.checkMs);
  }

  /** A reload ends this link: `path.central`, `input.zigbee`. */
  release(link: string): void {
    for (const links of this.#links.values()) links.delete(link);
  }

  /** A reload has read the files again. Links that continue use what it has read. */
  reload(settings: CertificateSettings): void {
    this.#files.stop();
    this.#settings = settings;
    this.#files = this.#watch();
    for (const source of settings.sources) this.#use(source, pemOf(source));
    this.start();
  }

  /** Reports what the files held at the start, and begins to check them. */
  start(): void {
    for (const source of this.#settings.sources) this.#tell(source, pemOf(source));
    this.#files.start();
  }

  stop(): void {
    this.#files.stop();
  }

  /** The settings of a path whose certificates are renewed in place. */
  path(settings: PathSettings): PathSettings {
    const live = (tls: TlsSettings) => this.#liveTls(`path.${settings.id}`, `path ${settings.id}`, tls);
    if ('tls' in settings && settings.tls !== undefined) return { ...settings, tls: live(settings.tls) };
    if (!('endpoint' in settings) || settings.endpoint.tls === undefined) return settings;
    return { ...settings, endpoint: { ...settings.endpoint, tls: live(settings.endpoint.tls) } };
  }

  /** The settings of an input whose broker's authority is renewed in place. */
  input(settings: InputSettings): InputSettings {
    if (settings.driver !== 'mqtt') return settings;
    const ownBroker = `input.${settings.id}`;
    const live: Mutable<typeof settings> = { ...settings };
    if (this.#settings.farEnds.includes(ownBroker)) {
      live.onPeerCertificate = (leaf) =>
        this.#peerShowed(ownBroker, `input ${settings.id}`, leaf, live.ca === undefined);
      this.#keep(ownBroker, ownBroker, live);
    } else this.#keep('mqtt', ownBroker, live);
    return live;
  }

  /** The external broker of `mqtt:` has shown its certificate. */
  brokerShowed(validity: Validity): void {
    this.#deps.read({ of: 'mqtt', name: 'MQTT', role: 'farEnd', ...validity });
  }

  #liveTls(of: string, name: string, tls: TlsSettings): TlsSettings {
    const live: Mutable<TlsSettings> = {
      ...tls,
      onPeerCertificate: (leaf) => this.#peerShowed(of, name, leaf, live.ca === undefined),
    };
    this.#keep(of, of, live);
    return live;
  }

  #keep(of: string, whose: string, link: LiveLink): void {
    const links = this.#links.get(of) ?? new Map<string, LiveLink>();
    this.#links.set(of, links.set(whose, link));
  }

  /**
   * An authority from a file is reported as such, and not once more as the end of the far end's
   * chain.
   */
  #peerShowed(of: string, name: string, leaf: PeerCertificate, withRoot: boolean): void {
    const validity = chainValidity(leaf, this.#deps.nowWallMs(), withRoot);
    if (validity !== undefined) this.#deps.read({ of, name, role: 'farEnd', ...validity });
  }

  #renewed(source: CertificateSource, pem: LinkPem): void {
    this.#deps.log('info', 'certificate.renewed', { of: source.of, files: filesOf(source) });
    this.#use(source, pem);
    this.#tell(source, pem);
  }

  #use(source: CertificateSource, pem: LinkPem): void {
    for (const link of this.#links.get(source.of)?.values() ?? []) {
      // Inputs verify this gateway's own broker by the certificate it shows.
      const ca = source.of === 'mqtt' ? (pem.ca ?? pem.own?.certificate) : pem.ca;
      if (ca !== undefined) link.ca = ca;
      if (pem.own !== undefined && 'own' in link) link.own = pem.own;
    }
    if (source.of === 'mqtt') this.#deps.renewBroker(pem);
  }

  #refused(source: CertificateSource, why: string, inUse: LinkPem): void {
    this.#deps.log('warn', 'certificate.refused', { of: source.of, files: filesOf(source), detail: why });
    this.#tell(source, inUse, why);
  }

  #unchanged(source: CertificateSource, inUse: LinkPem): void {
    this.#deps.log('info', 'certificate.unchanged', { of: source.of, files: filesOf(source) });
    this.#tell(source, inUse);
  }

  #tell(source: CertificateSource, { ca, own }: LinkPem, refusedRenewal?: string): void {
    const { of, name, ca: caFile, certificate } = source;
    const more = { of, name, ...(refusedRenewal === undefined ? {} : { refusedRenewal }) };
    const validityOfCa = ca === undefined ? undefined : ifReadable(authorityValidity, ca);
    if (validityOfCa !== undefined && caFile !== undefined) {
      this.#deps.read({ ...more, role: 'authority', file: caFile.written, ...validityOfCa });
    }
    if (own === undefined || certificate === undefined) return;
    const validity = ifReadable(ownValidity, own.certificate);
    if (validity !== undefined) this.#deps.read({ ...more, role: 'own', file: certificate.written, ...validity });
  }
}

/**
 * `undefined`: the certificate is damaged. A gateway starts with it for the sake of its other
 * links, and each connection reports it.
 */
function ifReadable(validityOf: (pem: string) => Validity, pem: string): Validity | undefined {
  try {
    return validityOf(pem);
  } catch {
    return undefined;
  }
}

function pemOf({ ca, certificate, key }: CertificateSource): LinkPem {
  return {
    ...(ca === undefined ? {} : { ca: ca.text }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { own: { certificate: certificate.text, key: key.text } }),
  };
}

function filesOf({ ca, certificate, key }: CertificateSource): string {
  return [ca, certificate, key].flatMap((file) => file?.written ?? []).join(', ');
}
