import { label, list, mapping, place } from './fields.ts';

const room = mapping(
  {
    number: place("Room number as on the door and on the responders' map; unique in its building."),
    name: label('What the room is called, for example Reception.').optional(),
  },
  '{ number: "101", name: Reception }',
);

const floor = mapping(
  {
    id: place('Short name used in locations, for example 1.'),
    name: label('What people call the floor; default "Floor <id>".').optional(),
    rooms: list(room, '- { number: "101", name: Reception }', 'Every room a device hangs in.').default([]),
  },
  '{ id: "1", name: First floor, rooms: [] }',
);

/** What stands under `buildings:`. */
export const building = mapping(
  {
    id: place('Short name used in locations, for example A.'),
    name: label('What people call the building; default "Building <id>".').optional(),
    floors: list(floor, '- { id: "1", name: First floor }', 'Floors with their rooms.').default([]),
  },
  '{ id: A, name: Main building }',
);
