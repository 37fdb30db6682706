import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { askForSetup } from '../../../gateway/cli/init/dialogue.ts';
import { roomsIn } from '../../../gateway/cli/init/entries.ts';
import type { FoundHardware } from '../../../gateway/cli/init/found-hardware.ts';
import { type Setup, setupFromAnswers } from '../../../gateway/config/setup/answers.ts';

const NOTHING: FoundHardware = { ports: [], hasGpio: false, radios: [] };
const PORT = '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0';
let drawn = 0;
/** Other bytes each time, the same in each run. */
const random = (length: number) => {
  drawn += 1;
  return createHash('sha256').update(`${drawn}`).digest().subarray(0, length);
};

/** Answers by the beginning of the question; every other question gets Enter. */
type Answers = Readonly<Record<string, string | readonly (string | undefined)[]>>;

async function dialogue(answers: Answers, found = NOTHING) {
  const shown: string[] = [];
  const asked: string[] = [];
  const left = new Map(Object.entries(answers).map(([begin, given]) => [begin, [given].flat()]));
  let given: object = {};
  const setup = await askForSetup(
    {
      width: 80,
      show: (line) => shown.push(line),
      ask: async (prompt) => {
        asked.push(prompt);
        if (asked.length > 200) throw new Error('it never ends');
        const [, list] = [...left].find(([begin]) => prompt.startsWith(begin)) ?? [];
        return list === undefined || list.length === 0 ? '' : list.shift();
      },
    },
    found,
    (value) => {
      given = value;
      return setupFromAnswers(value, random);
    },
  );
  return { setup, shown: shown.join('\n'), asked, given };
}

const siteOf = (setup: Setup | undefined) => setup?.files?.site ?? '';

describe('callpoint init at a terminal', () => {
  test('Enter at every question gives a site that passes the check', async () => {
    const { setup, asked } = await dialogue({});
    expect(setup?.mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(siteOf(setup)).toContain('name: Northfield School');
    expect(asked.length).toBeLessThan(15);
  });

  test('what is answered is what is written: places, ports, receivers, users', async () => {
    const { setup, shown, given } = await dialogue(
      {
        'Name of the site': 'École 学校',
        Buildings: 'A Main building, B Annex',
        'Floors of Main building': '1 First floor, 2 Second floor',
        'Rooms of Main building, First floor': '101 Reception, 102-104',
        'What is on it': 'bus',
        'Are contacts wired': 'yes',
        'Are there Bluetooth': 'yes',
        'Are there buttons behind Zigbee2MQTT': 'yes',
        'Address of the monitoring': '10.0.0.5',
        'Its port': '7701',
        'Account number': 'ABCD',
        'Its AES key': '00112233445566778899AABBCCDDEE01',
        'Who may log in': 'console, office operator',
      },
      { ports: [PORT], hasGpio: true, radios: ['hci0'] },
    );
    expect(given).toMatchObject({
      site: { name: 'École 学校' },
      inputs: [
        { id: 'bus-1', driver: 'button-bus', port: PORT },
        { id: 'header', driver: 'gpio' },
        { id: 'radio-1', driver: 'ble', adapters: ['hci0'] },
        { id: 'mqtt-1', driver: 'mqtt' },
      ],
      paths: [{ id: 'central', driver: 'dc09-tcp', host: '10.0.0.5', port: 7701, account: 'ABCD' }],
    });
    const site = siteOf(setup);
    for (const line of ['{ number: "104" }', 'name: Second floor', '{ name: office, role: operator }', 'École 学校'])
      expect(site).toContain(line);
    // The key is in keys.yaml only, and never on the screen.
    expect(setup?.files?.keys).toContain('00112233445566778899AABBCCDDEE01');
    expect(site + shown).not.toContain('AABBCCDD');
    expect(shown).toContain(site.trimEnd());
  });

  test('a wrong answer is asked again, with what to write', async () => {
    const { asked, shown } = await dialogue({
      'Name of this gateway': ['Ö!', 'gw-2'],
      'Address of the monitoring': '10.0.0.5',
      'Its port': ['77000', 'x', '7700'],
      'Account number': ['12', '1234'],
    });
    expect(asked.filter((prompt) => prompt.startsWith('Its port'))).toHaveLength(3);
    expect(shown).toContain('Write a whole number from 1 to 65535, such as 7700.');
    expect(shown).toContain('Write 3 to 16 hex digits');
  });

  test('< goes back, with the answer that was given, also from the end and from the first question', async () => {
    const { setup, asked, shown } = await dialogue({
      'Name of the site': ['<', 'Oak Hill'],
      'Name of this gateway': ['<', ''],
      'Write this': ['<', 'yes'],
      'Announce the devices': ['no', 'yes'],
    });
    expect(shown).toContain('This is the first question.');
    expect(asked[3]).toBe('Name of the site [Oak Hill]: ');
    expect(siteOf(setup)).toContain('name: Oak Hill');
    expect(siteOf(setup)).toContain('homeAssistant: true');
  });

  test('Ctrl-C ends it at any question', async () => {
    const { asked: all } = await dialogue({});
    for (const prompt of all) expect((await dialogue({ [prompt]: [undefined] })).setup).toBeUndefined();
  });

  test('answers that do not fit together are told, and lead back', async () => {
    const { setup, shown } = await dialogue({
      Buildings: ['A Main building'],
      'Floors of Main building': '1, 2',
      'Rooms of Main building, 1': '101',
      'Rooms of Main building, 2': ['101', '201'],
      'Announce the devices': ['no', '<'],
      'Who may log in': ['console', '<'],
      'May displays': ['', '<'],
      'Address of the monitoring': ['', '<'],
      'Are there buttons behind': ['', '<'],
      'Serial port': ['', '<'],
    });
    expect(shown).toContain('error: room 101 is used already');
    expect(siteOf(setup)).toContain('{ number: "201" }');
  });

  test('a shared serial name and a range that is none stay as they are written', () => {
    expect(roomsIn('101-103 Lab, A-1, 9-1').map(({ number }) => number)).toEqual(['101', '102', '103', 'A-1', '9-1']);
    expect(roomsIn('098-100').map(({ number }) => number)).toEqual(['098', '099', '100']);
  });
});
