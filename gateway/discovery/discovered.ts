import type { DiscoveryDocument, ListenedInput, Stranger } from '../../protocol/discovery-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { InputSettings } from '../config/settings.ts';
import type { HeardStrangers, InputDriver } from '../inputs/input-driver.ts';
import { wallMs } from '../system/clock.ts';

/** A scanner's process may hang. The others are shown without it. */
const PATIENCE_MS = 1_000;

/** Why the running gateway knows no strangers of an input, and what to do instead. */
const KNOWS_NONE: Partial<Record<InputSettings['driver'], string>> = {
  modbus: 'the gateway polls its modules; stop it to look for others at other addresses',
  gpio: 'the kernel lists the lines of this machine',
  firmata: 'a board does not say what is wired to its pins',
  mqtt: 'the command itself listens at the broker',
};

/**
 * What the drivers of a running gateway know of strangers. No driver sends anything for it, and
 * none is kept from its work.
 */
export async function discovered(
  settings: readonly Pick<InputSettings, 'id' | 'driver'>[],
  drivers: ReadonlyMap<string, InputDriver>,
): Promise<DiscoveryDocument> {
  const all = await Promise.all(settings.map((each) => ofInput(each, drivers.get(each.id))));
  return {
    at: isoTime(wallMs()),
    listener: 'gateway',
    inputs: all.map(({ input }) => input),
    strangers: all.flatMap(({ strangers }) => strangers),
  };
}

async function ofInput(
  { id, driver: kind }: Pick<InputSettings, 'id' | 'driver'>,
  driver: InputDriver | undefined,
): Promise<{ readonly input: ListenedInput; readonly strangers: readonly Stranger[] }> {
  const about = { input: id, driver: kind } as const;
  const heard = driver?.strangers === undefined ? undefined : await within(driver.strangers());
  if (heard === undefined) {
    const detail = KNOWS_NONE[kind] ?? 'its radio has not answered; ask again';
    return { input: { ...about, state: 'notListening', detail, left_out: 0 }, strangers: [] };
  }
  const { strangers, leftOut } = heard;
  const input = { ...about, state: 'listening', detail: 'the gateway listens', left_out: leftOut } as const;
  return { input, strangers };
}

async function within(asked: HeardStrangers | Promise<HeardStrangers>): Promise<HeardStrangers | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
