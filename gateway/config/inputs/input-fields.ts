import * as z from 'zod';
import { expected, id, text, whole } from '../fields/fields.ts';

/** Fields of inputs that several drivers share. */
export const inputId = id('Name of the input, for example bus-1.');

export const driverName = <const T extends string>(name: T, about: string) =>
  z.literal(name, expected(name)).describe(about);

export const serialPort = text(
  /^[^\p{Cc}]{1,4096}$/u,
  'the port as listed in /dev/serial/by-id/',
  'Serial port, by its stable name: /dev/serial/by-id/… (ls -l /dev/serial/by-id).',
);

export const baudRate = (usual: number) => whole(1200, 4_000_000, usual, 'Bits a second on the line.').default(usual);
