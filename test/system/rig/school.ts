import type { Machine } from './machine.ts';
import { gatewayPackage } from './packages.ts';

/**
 * The simulator's ends of the wires. Not in /tmp, which the gateway has for itself, and not in
 * /dev or /run, where the simulator makes nothing.
 */
const WIRES = '/srv/school';
const UNIT = 'school.service';

const WALLS = `
gateway: gw-1
site: { name: Northfield School }
buildings:
  - id: A
    name: Main building
    floors:
      - id: "1"
        name: First floor
        rooms:
          - { number: "101", name: Reception }
          - { number: "102", name: Office }
paths:
  - { id: central, driver: dc09-tcp, host: 127.0.0.1, port: 7700, account: "1234" }
mqtt:
  clients:
    - { name: console, role: viewer }
inputs:
  - { id: bus-1, driver: button-bus, port: ${WIRES}/bus-1 }
#radio
devices:
  - id: wb-101
    input: bus-1
    address: 1
    location: A/1/101
    buttons: [{ id: button-1, number: 0, kind: intruder, zone: 101 }]
  - id: wb-102
    input: bus-1
    address: 2
    location: A/1/102
    buttons: [{ id: button-1, number: 0, kind: medical, zone: 102 }]
`;
/** A Bluetooth adapter on a serial port, which the simulator can be. */
export const RADIO = `${WIRES}/radio-1`;
const WITH_TAG = `${WALLS.replace('#radio', `  - { id: radio-1, driver: ble, adapters: [${RADIO}] }`)}  - id: tag-102
    input: radio-1
    address: F0:00:00:00:00:01
    encrypted: false
    location: A/1/102
    buttons: [{ id: button-1, kind: medical, zone: 103 }]
`;

interface Alert {
  readonly id: string;
  readonly device: string;
  readonly state: string;
}

/** A gateway that is installed on a machine, with two walls and a receiver. */
export class School {
  readonly machine: Machine;
  readonly #packages: string;
  readonly #answers: string;

  constructor(machine: Machine, packages: string, devices: 'walls' | 'walls and a tag' = 'walls') {
    this.machine = machine;
    this.#packages = packages;
    this.#answers = devices === 'walls' ? WALLS : WITH_TAG;
  }

  /** As README.md says, with the answers from a file: there is nobody to ask. */
  async setUp(version?: string): Promise<void> {
    await this.install(version);
    await this.init();
    await this.startWalls();
    await this.machine.run('systemctl start callpoint');
  }

  async install(version?: string): Promise<string> {
    const options = '--yes --allow-downgrades';
    return await this.machine.run(`apt-get install ${options} /media/packages/${this.packageOf(version)} 2>&1`);
  }

  packageOf(version?: string): string {
    return gatewayPackage(this.#packages, version);
  }

  async init(): Promise<void> {
    await this.answer('callpoint init');
  }

  /** Runs `callpoint init`, which else asks a person. */
  async answer(init: string): Promise<void> {
    await this.machine.run(`cat > /root/answers.yaml && ${init} --answers /root/answers.yaml`, {
      input: this.#answers,
    });
  }

  /** The walls and the receiver, as the gateway's user: a serial port belongs to who makes it. */
  async startWalls(): Promise<void> {
    await this.machine.run(`install -d -o callpoint ${WIRES}`);
    const simulator = 'callpoint-sim serve /etc/callpoint/site.yaml --with-receivers --json';
    await this.machine.run(`systemd-run --unit=${UNIT} --uid=callpoint --collect ${simulator}`);
    await this.machine.until(`test -e ${WIRES}/bus-1`);
  }

  /** Resolves when the gateway runs and has heard from each input, path and device. */
  async ready(): Promise<void> {
    await this.machine.run('callpoint-sim wait --devices --site /etc/callpoint/site.yaml --data /var/lib/callpoint', {
      withinMs: 70_000,
    });
  }

  /** Returns the id of the alert that the gateway raises. */
  async press(device: string): Promise<string> {
    const answer = await this.machine.run(`callpoint-sim press ${device} --json --site /etc/callpoint/site.yaml`);
    return JSON.parse(answer).alert;
  }

  /** What the receiver does from now on. */
  async behave(how: 'hang' | 'normal'): Promise<void> {
    await this.machine.run(`callpoint-sim behave central ${how} --site /etc/callpoint/site.yaml`);
  }

  /** What the simulator printed, one JSON object in each line, that matches. */
  async seen(pattern: string): Promise<string[]> {
    const { stdout } = await this.machine.attempt(`journalctl --unit ${UNIT} --output cat | grep -E '${pattern}'`);
    return stdout.trimEnd().split('\n').filter(Boolean);
  }

  /** Resolves when a receiver has acknowledged the alert. */
  async acknowledged(alert: string): Promise<void> {
    await this.machine.until(
      `callpoint alerts --json | tr -d '\\n' | grep -E '"${alert}"[^}]*"state": "acknowledged"'`,
    );
  }

  /** Presses, and resolves when the receiver has acknowledged it and the wall shows that. */
  async provePress(device: string): Promise<string> {
    const green = `"event":"led","device":"${device}","led":"green"`;
    const before = await this.seen(green);
    const alert = await this.press(device);
    await this.acknowledged(alert);
    const count = `journalctl --unit ${UNIT} --output cat | grep -cE '${green}'`;
    await this.machine.until(`test "$(${count})" -gt ${before.length}`, 30_000);
    return alert;
  }

  /** Closes all alerts: for an update or an upgrade, a gateway stops only while none is open. */
  async resolve(): Promise<void> {
    const closed = ['resolved', 'cancelled'];
    for (const { id } of (await this.alerts()).filter(({ state }) => !closed.includes(state)))
      await this.machine.run(`callpoint resolve ${id} --reason "a test"`);
  }

  /** Version of the release that a command runs, and with the next start the gateway. */
  async version(): Promise<string> {
    const [version = ''] = (await this.machine.run('callpoint --version')).split(' ');
    return version;
  }

  async alerts(): Promise<readonly Alert[]> {
    return JSON.parse(await this.machine.run('callpoint alerts --json')).alerts;
  }

  /** Number of the gateway's process, in the machine. */
  async gatewayPid(): Promise<string> {
    const pid = await this.machine.run('systemctl show --property=MainPID --value callpoint');
    if (pid === '0') throw new Error('no gateway runs');
    return pid;
  }

  /** Resolves when another process than this one is the gateway. */
  async restarted(pid: string): Promise<void> {
    const other = `p=$(systemctl show --property=MainPID --value callpoint); test "$p" != 0 -a "$p" != ${pid}`;
    await this.machine.until(`${other} && systemctl is-active callpoint`, 60_000);
  }
}
