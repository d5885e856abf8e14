/** The transports that the lab compares: each downloads the same file, and writes it to its standard output. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { linkAt } from '../../../cli/testing/namespaces.ts'
import { useCubic } from '../../cubic.ts'
import type { Network } from '../network.ts'
import { MOBILE, SERVER_IP, SERVICE } from '../places.ts'

const COMMAND = join(import.meta.dirname, '..', '..', '..', 'cli', 'serval.js')
/** The kernel's numbers of protocols. */
const [TCP, MPTCP] = [6, 262] as const
const PORTS = { [TCP]: 5001, [MPTCP]: 5002 }
/** Servers of the kernel's sockets do not say when they are ready. */
const START_MS = 500

/** The network with a server of each kind. */
export class Lab implements Disposable {
  readonly network: Network
  /** Keeps the admin sockets of the lab apart from those of the machine. */
  readonly #runtime = mkdtempSync(join(tmpdir(), 'serval-lab-'))

  constructor(network: Network) {
    this.network = network
  }

  /** Starts the servers. */
  async serve(file: string): Promise<void> {
    const { network } = this
    for (const name of ['client', 'server']) {
      // TCP remembers nothing between connections.
      network.run(name, 'sysctl', '-qw', 'net.mptcp.enabled=1', 'net.ipv4.tcp_no_metrics_save=1')
      useCubic(network.nameOf(name))
      network.run(name, 'ip', 'mptcp', 'limits', 'set', 'subflow', '2', 'add_addr_accepted', '2')
    }
    this.addSecond('subflow')
    for (const protocol of [TCP, MPTCP]) {
      const listen = `SOCKET-LISTEN:2:${protocol}:${socketAddress('0.0.0.0', protocol)},fork,reuseaddr`
      network.start('server', 'socat', '-b', '65536', '-U', listen, `OPEN:${file}`)
    }
    const server = this.serval('server', 'listen', SERVICE, '--address', SERVER_IP, '--file', file)
    if (server.stderr) await once(server.stderr, 'data')
    await wait(START_MS)
  }

  /** Lets the client's MPTCP use the mobile network as well. */
  addSecond(...as: readonly ('subflow' | 'backup')[]): void {
    const endpoint = ['ip', 'mptcp', 'endpoint'] as const
    this.network.run('client', ...endpoint, 'flush')
    this.network.run('client', ...endpoint, 'add', MOBILE.client, 'dev', linkAt(MOBILE.client), ...as)
  }

  /** Starts `serval`. */
  serval(name: string, ...args: readonly string[]): ChildProcess {
    const words = ['env', `XDG_RUNTIME_DIR=${this.#runtime}`, process.execPath, COMMAND, ...args]
    const child = this.network.start(name, ...words)
    child.stderr?.resume()
    return child
  }

  /** Starts a client of the kernel's sockets. */
  socat(protocol: typeof TCP | typeof MPTCP): ChildProcess {
    const connect = `SOCKET-CONNECT:2:${protocol}:${socketAddress(SERVER_IP, protocol)}`
    return this.network.start('client', 'socat', '-b', '65536', '-u', connect, 'STDOUT')
  }

  [Symbol.dispose](): void {
    rmSync(this.#runtime, { recursive: true })
  }
}

/** Returns an IPv4 address and port for socat's general sockets. */
function socketAddress(ip: string, protocol: typeof TCP | typeof MPTCP): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  const host = ip.split('.').map(part => hex(Number(part), 2))
  return `x${hex(PORTS[protocol], 4)}${host.join('')}${hex(0, 16)}`
}

/** Starts a download. */
export type Contender = (lab: Lab) => ChildProcess

const serval =
  (...options: readonly string[]): Contender =>
  lab =>
    lab.serval('client', 'connect', SERVICE, '--via', SERVER_IP, ...options)

export const CONTENDERS = {
  'Serval, all flows': serval('--flows', 'all'),
  'Serval, failover': serval('--flows', 'failover'),
  'Serval, one flow': serval('--flows', 'one'),
  'Serval, one flow that moves': serval('--flows', 'one', '--mobility', 'failover'),
  'Serval, mobile only': serval('--flows', 'one', '--from', MOBILE.client),
  MPTCP: lab => lab.socat(MPTCP),
  'MPTCP, backup': lab => {
    lab.addSecond('subflow', 'backup')
    return lab.socat(MPTCP)
  },
  TCP: lab => lab.socat(TCP),
} as const satisfies Record<string, Contender>
export type ContenderName = keyof typeof CONTENDERS
