/**
 * The site's location, as far as the file gives it: for links that carry addresses and positions.
 * Missing parts stay unknown.
 */
export interface SitePlaces {
  readonly site: string;
  readonly gateway: string;
  readonly address?: CivicAddress;
  readonly buildings: ReadonlyMap<string, PlacedBuilding>;
}

export interface PlacedBuilding {
  /** "Main building" */
  readonly name: string;
  /** Its own, or the site's. */
  readonly address?: CivicAddress;
  readonly position?: Position;
  /** Names of the floors by id, and of the rooms by number. */
  readonly floors: ReadonlyMap<string, string>;
  readonly rooms: ReadonlyMap<string, string>;
}

/** RFC 4119 §2.2.1, RFC 5139: the parts of a civic address. */
export interface CivicAddress {
  /** ISO 3166-1, two capitals. */
  readonly country: string;
  /** State or province (A1), city (A3). */
  readonly region?: string;
  readonly city?: string;
  readonly street?: string;
  readonly number?: string;
  readonly postcode?: string;
}

/** WGS 84. */
interface Position {
  readonly latitude: number;
  readonly longitude: number;
  /** Uncertainty or extent, metres. */
  readonly radius: number;
}
