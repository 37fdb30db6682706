import { label, latin, list, mapping, number, place, text, whole } from '../fields/fields.ts';

const part = (about: string) => label(about).optional();

/** Civic address (RFC 4119, RFC 5139), for links that tell responders where to go. */
export const address = mapping(
  {
    country: text(/^[A-Z]{2}$/, 'two capitals (ISO 3166-1), such as US', 'Country.'),
    region: part('State or province.'),
    city: part('City.'),
    street: part('Street, without the number.'),
    number: part('House number.'),
    postcode: part('Postal code.'),
  },
  '{ country: US, region: NJ, city: Northfield, street: School Road, number: "12" }',
);

const position = mapping(
  {
    latitude: number(-90, 90, 39.37, 'Degrees north, WGS 84.'),
    longitude: number(-180, 180, -74.55, 'Degrees east, WGS 84.'),
    radius: number(1, 5000, 50, 'Radius in metres that contains the building.').default(50),
  },
  '{ latitude: 39.37, longitude: -74.55 }',
);

const room = mapping(
  {
    number: place("Room number as on the door and on the responders' map; unique in its building."),
    name: label('What the room is called, for example Reception.').optional(),
    latin,
  },
  '{ number: "101", name: Reception }',
);

const floor = mapping(
  {
    id: place('Short name used in locations, for example 1.'),
    name: label('What people call the floor; default "Floor <id>".').optional(),
    latin,
    rooms: list(room, '- { number: "101", name: Reception }', 'Every room that has a device.').default([]),
  },
  '{ id: "1", name: First floor, rooms: [] }',
);

/** The mapping under `buildings:`. */
export const building = mapping(
  {
    id: place('Short name used in locations, for example A.'),
    name: label('What people call the building; default "Building <id>".').optional(),
    latin,
    address: address.optional().describe("Where it differs from the site's."),
    position: position.optional().describe('Where the building is; without it no coordinates are sent.'),
    area: whole(
      0,
      99,
      1,
      'Area (partition) of its devices at the receiver; each area has zones 1…999 of its own. 0 = none.',
    ).default(0),
    floors: list(floor, '- { id: "1", name: First floor }', 'Floors with their rooms.').default([]),
  },
  '{ id: A, name: Main building }',
);
