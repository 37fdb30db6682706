import type { WallMs } from './clocks.ts';

/** Commands about the walk test: `cmd/walk-test` over MQTT, and `callpoint walk-test`. */
export type WalkTestCommand = WalkTestStart | WalkTestStop | OutputShow | OutputTick;

interface WalkTestStart extends Sender {
  readonly command: 'walk-test';
  readonly action: 'start';
  /** As in `WalkTestDocument`. The same scope again gives a running walk test a new end. */
  readonly scope: string;
  /** Duration in minutes, 1…480. */
  readonly minutes: number;
  /** Who walks and presses. */
  readonly tester: string;
  /**
   * When the command was given, by the sender's clock. An older command, or one given before, is a
   * replay and refused. ISO 8601 UTC in the message.
   */
  readonly at: WallMs;
}

interface WalkTestStop extends Sender {
  readonly command: 'walk-test';
  readonly action: 'stop';
}

/** Switches an output on for some seconds, so that the tester sees it. */
interface OutputShow extends Sender {
  readonly command: 'walk-test';
  readonly action: 'show';
  readonly output: string;
}

/** The tester has seen the output work. */
interface OutputTick extends Sender {
  readonly command: 'walk-test';
  readonly action: 'tick';
  readonly output: string;
}

interface Sender {
  readonly reason: string;
  /** As for `AlertCommand`. */
  readonly by: string;
}

export const WALK_TEST_MINUTES = { least: 1, most: 480, usual: 60 } as const;
/** A name of a person, for the record and the receivers. */
export const TESTER_LENGTH_MAX = 60;
