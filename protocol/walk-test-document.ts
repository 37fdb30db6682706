import type { PressPattern } from './press-pattern.ts';
import type { DoorState } from './states.ts';

/**
 * A walk test, and the last proof of each button, door and output, as plain data.
 * `callpoint walk-test status --json` and its live screen read `WalkTestDocument`; MQTT and
 * `callpoint status` have its head alone (`WalkTestSummary`), which stays small on a large site.
 * Times named `…_at` are ISO 8601 UTC by the gateway's wall clock.
 */
export interface WalkTestDocument extends WalkTestSummary {
  /**
   * Every button, door and output of the scope, by place: buildings, floors and rooms as people
   * count them, and at the end what has no room. Without a walk test: of the whole site.
   */
  readonly places: readonly WalkTestPlace[];
}

/** `walk-test`: retained. The one that runs, or the last one. */
export interface WalkTestSummary {
  /**
   * `none`: this gateway has had no walk test. Then only `scope` (`site`) and the counts are there.
   */
  readonly state: 'running' | 'ended' | 'none';
  /** Unique: no other walk test of the site has it. */
  readonly id?: string;
  /** `site`, `building:A`, `floor:A/1`, `room:A/1/101` or `device:wb-101`. */
  readonly scope: string;
  readonly started_at?: string;
  /** Time at which it ends or ended. */
  readonly ends_at?: string;
  /** Who gave the command. */
  readonly by?: string;
  /** The person who walks and presses, as the command named them. */
  readonly tester?: string;
  readonly reason?: string;
  /** Only with `ended`. */
  readonly ended_by?: string;
  readonly ended_reason?: string;
  /** Numbers of items in its scope. `tested` includes no `awaiting`. */
  readonly counts: { readonly tested: number; readonly awaiting: number; readonly untested: number };
  /** The item that was tested last. */
  readonly last?: WalkTestItem;
}

export interface WalkTestPlace {
  /** Configuration ids; absent: an output of the whole site, or a door that has no room. */
  readonly building?: string;
  readonly floor?: string;
  readonly room?: string;
  /** For a person: `Main building, First floor, Rm 101 Reception`. */
  readonly text: string;
  readonly items: readonly WalkTestItem[];
}

export type WalkTestItem = WalkTestButton | WalkTestDoor | WalkTestOutput;

interface ItemBase {
  /** Unique in the site: `button:wb-101/panic`, `door:door-101`, `output:siren`. */
  readonly item: string;
  /** For a person who stands in the room: `wb-101 panic (Intruder)`, `door Rm 101 Reception`. */
  readonly name: string;
  /**
   * In this walk test. `awaiting`: something is still missing, which `awaited` names. Without a
   * walk test: `untested`.
   */
  readonly state: 'tested' | 'awaiting' | 'untested';
  /**
   * What is missing, for a person: `acknowledgement of central`, `bolt to lock`. Empty if nothing.
   */
  readonly awaited: readonly string[];
  /** In this walk test; absent: nothing yet. It is the last one, if there were several. */
  readonly proof?: ProofDocument;
  /** The last proof outside this walk test, of whatever kind; absent: never proven otherwise. */
  readonly earlier?: ProofDocument;
  /** The last proof in another walk test; absent: it was in none. */
  readonly earlier_walk_test?: ProofDocument;
}

interface WalkTestButton extends ItemBase {
  readonly of: 'button';
  readonly device: string;
  readonly button: string;
  /** Alert kind (configuration id) that a press raises, and its name. */
  readonly kind: string;
  readonly kind_name: string;
  /** The kind is silent: the wall shows nothing, and the tester looks at the live screen. */
  readonly silent: boolean;
}

interface WalkTestDoor extends ItemBase {
  readonly of: 'door';
  readonly door: string;
  readonly door_state: DoorState;
}

interface WalkTestOutput extends ItemBase {
  readonly of: 'output';
  readonly output: string;
  /** As in the configuration: `trouble`, `alarm`, `lockdown` … */
  readonly shows: string;
}

/**
 * What proved an item. `walkTest`: in a walk test. `drill`, `alert`: a press in a drill, or a real
 * one, that a receiver acknowledged. `use`: a door was opened and closed in daily use.
 */
export type ProofKind = 'walkTest' | 'drill' | 'alert' | 'use';

/** One proof of one item. The commissioning record of an item is its last ones. */
export interface ProofDocument {
  readonly kind: ProofKind;
  /** When it was pressed, moved or seen. */
  readonly at: string;
  /** Id of the walk test; only with `walkTest`. */
  readonly walk_test?: string;
  /** Who tested: the tester of the walk test, or who confirmed the output. */
  readonly tester?: string;
  /** Id of the alert that the press raised; only of a button. */
  readonly alert?: string;
  /** Only of a button. */
  readonly pattern?: PressPattern;
  /** The message proved who sent it. Only of a button. */
  readonly authenticated?: boolean;
  readonly signal?: ProofSignal;
  readonly battery?: ProofBattery;
  /** The receivers that acknowledged the press. Empty: no path of the plan takes tests. */
  readonly paths: readonly ProvenPath[];
}

/** How well the press was heard. What is not known is absent. */
export interface ProofSignal {
  /** Radio: signal strength of the press, and how far it is above the weakest accepted one. */
  readonly rssi_dbm?: number;
  readonly margin_db?: number;
  /** Button bus: how often the node repeated the press before the receiver acknowledged it. */
  readonly repeats?: number;
  /** Wired contact: how often it opened again before it stayed closed. */
  readonly bounces?: number;
}

/** As the device had reported it last. */
export interface ProofBattery {
  readonly mv?: number;
  readonly percent?: number;
  readonly low?: boolean;
}

export interface ProvenPath {
  readonly path: string;
  /** From the press to the receiver's acknowledgement. Absent: the gateway restarted in between. */
  readonly ms?: number;
  /** A paging terminal has it, which completes the plan. No receiver has confirmed it. */
  readonly handed_over?: true;
}
