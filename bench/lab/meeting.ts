/**
 * Hole punching in Linux namespaces: a client and a server, each behind a router of its own that masquerades, and a controller between
 * the routers. The client downloads, first through the controller's relay.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { must } from '../../checker/text/at.ts'
import { linkAt, Namespaces } from '../../cli/testing/namespaces.ts'

/** How the routers choose ports: the same for all destinations where possible, or at random for each. */
export type Ports = 'kept' | 'random'

export interface MeetingResult {
  /** True if all bytes arrived, with the right hash. */
  readonly isWhole: boolean
  /** When the client left the relay, ms after its first byte; undefined if it did not. */
  readonly directMs: number | undefined
  /** The longest time without a byte. */
  readonly gapMs: number
}

interface Line {
  readonly t: number
  readonly bytes?: number
  readonly event?: string
  readonly remote?: string
  readonly whole?: boolean
  readonly longestMs?: number
}

const CONTROLLER = '10.72.9.2'
const RATE = 1_000_000
const HOSTS = [
  {
    host: 'client',
    router: 'one',
    inside: '192.168.1.2',
    gateway: '192.168.1.1',
    outside: '10.72.1.2',
    net: '10.72.1.1',
  },
  {
    host: 'server',
    router: 'two',
    inside: '192.168.2.2',
    gateway: '192.168.2.1',
    outside: '10.72.2.2',
    net: '10.72.2.1',
  },
] as const

class Meeting implements AsyncDisposable {
  readonly #spaces = new Namespaces()
  readonly #children: ChildProcess[] = []

  constructor(ports: Ports) {
    const net = this.#spaces
    for (const name of ['client', 'one', 'net', 'two', 'server', 'controller']) net.add(name)
    for (const { host, router, inside, gateway, outside, net: next } of HOSTS) {
      net.wire(host, inside, router, gateway)
      net.wire(router, outside, 'net', next)
      net.ip(host, `route add default via ${gateway}`)
      net.ip(router, `route add default via ${next}`)
      this.#translate(router, linkAt(outside), ports)
    }
    net.wire('net', '10.72.9.1', 'controller', CONTROLLER)
    net.ip('controller', 'route add default via 10.72.9.1')
    for (const name of ['one', 'net', 'two']) net.run(name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  }

  /** Like a home router, it drops what nobody behind it has asked for. */
  #translate(router: string, link: string, ports: Ports): void {
    const nft = (rule: string): string => this.#spaces.run(router, 'nft', rule)
    nft('add table ip lab')
    nft('add chain ip lab out { type nat hook postrouting priority 100; }')
    nft(`add rule ip lab out oifname ${link} masquerade ${ports === 'random' ? 'random' : ''}`)
    nft('add chain ip lab in { type filter hook input priority 0; }')
    nft(`add rule ip lab in iifname ${link} ct state new drop`)
  }

  /** Starts a program of the lab. Resolves to its lines after the first one. */
  async start(name: string, file: string, ...args: readonly string[]): Promise<[Line[], ChildProcess]> {
    const [command = '', ...words] = this.#spaces.under(name)
    const program = [process.execPath, join(import.meta.dirname, file), ...args]
    const child = spawn(command, [...words, ...program], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#children.push(child)
    const lines: Line[] = []
    const input = createInterface(must(child.stdout ?? undefined))
    input.on('line', line => line.startsWith('{') && lines.push(JSON.parse(line) as Line))
    await once(input, 'line')
    return [lines, child]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    this.#spaces[Symbol.dispose]()
  }
}

/** Downloads `bytes` from a server behind a router to a client behind another. */
export async function meet(ports: Ports, bytes = 7_000_000): Promise<MeetingResult> {
  await using meeting = new Meeting(ports)
  await meeting.start('controller', 'controller.ts', CONTROLLER)
  await meeting.start('server', 'server.ts', CONTROLLER)
  const [lines, client] = await meeting.start(
    'client',
    'client.ts',
    `${bytes}`,
    `${RATE}`,
    'leave',
    CONTROLLER,
  )
  client.stdin?.write('mark\n')
  if (client.exitCode === null) await once(client, 'exit')
  const first = lines.find(line => line.bytes !== undefined)
  const direct = lines.find(({ remote }) => remote !== undefined && !remote.startsWith(CONTROLLER))
  const { whole = false, longestMs = 0 } = must(lines.at(-1))
  return { isWhole: whole, directMs: direct && direct.t - (first?.t ?? 0), gapMs: longestMs }
}

/** The runs, by name. */
export const MEETINGS: Readonly<Record<string, { readonly ports: Ports; readonly what: string }>> = {
  'hole-punching': { ports: 'kept', what: 'client and server behind routers that keep ports' },
  relayed: { ports: 'random', what: 'client and server behind routers with random ports' },
}
