/**
 * Two network namespaces of Linux, joined by a wire that is this process: every IP packet of either passes the fault
 * middleware of impl/link, whether the kernel's TCP or a stack of Serval sent it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFraction, seededRandom } from '../../impl/host/random/random.ts'
import { type Address, parseAddress, portOf } from '../../impl/link/address.ts'
import { type Faults, faults } from '../../impl/link/faults.ts'
import type { Link } from '../../impl/link/link.ts'
import { realClock } from '../../impl/link/realClock.ts'
import { openUdp } from '../../impl/link/udp.ts'
import { useCubic } from '../cubic.ts'

/** IP packets, as on an Ethernet that leaves some room for tunnels. */
export const IP_BYTES = 1400
/** The longest time that a device takes to appear, ms. */
const READY_MS = 5000

const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args, { stdio: 'pipe' })
}

const run = (...command: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', ...command], { stdio: 'pipe', encoding: 'utf8' }).trim()

const setting = (namespace: string, name: string, value: string): string =>
  run(namespace, 'sysctl', '-n', '-w', `net.ipv4.${name}=${value}`)

/** One namespace with one device. What socat reads from the device it sends to the wire as a datagram, and back. */
class Namespace {
  readonly name: string
  readonly address: string
  readonly #wire: ChildProcess

  private constructor(name: string, address: string, wire: ChildProcess) {
    this.name = name
    this.address = address
    this.#wire = wire
  }

  static async open(name: string, address: string, port: number, own: number): Promise<Namespace> {
    ip('netns', 'add', name)
    const tun = `TUN,tun-name=${name},tun-type=tun,iff-no-pi`
    const wire = spawn('socat', ['-b', '65536', tun, `UDP4:127.0.0.1:${port},bind=127.0.0.1:${own}`])
    const namespace = new Namespace(name, address, wire)
    try {
      // A missing program emits an error.
      await once(wire, 'spawn')
      await namespace.#configure()
    } catch (error) {
      namespace.close()
      throw error
    }
    return namespace
  }

  async #configure(): Promise<void> {
    const { name } = this
    const until = performance.now() + READY_MS
    for (;;)
      try {
        ip('link', 'set', name, 'netns', name)
        break
      } catch (error) {
        if (performance.now() > until) throw error
        await sleep(20)
      }
    ip('-n', name, 'address', 'add', `${this.address}/24`, 'dev', name)
    ip('-n', name, 'link', 'set', name, 'mtu', `${IP_BYTES}`, 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
    // No connection begins with what another has learned.
    setting(name, 'tcp_no_metrics_save', '1')
    useCubic(name)
  }

  /** A process of Node's inside, with a channel to this one. */
  spawn(script: string, ...args: readonly string[]): ChildProcess {
    const command = ['netns', 'exec', this.name, process.execPath, script, ...args]
    return spawn('ip', command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  close(): void {
    this.#wire.kill()
    ip('netns', 'delete', this.name)
  }
}

export interface TwoNamespaces {
  readonly one: Namespace
  readonly other: Namespace
  close(): Promise<void>
}

/** Throws when this is not Linux, `ip` or `socat` is missing, or the user may not. */
export async function twoNamespaces(each: NonNullable<Faults['receive']>): Promise<TwoNamespaces> {
  const random = seededRandom(1)
  const clock = realClock()
  // Where socat's two ends are: ports that were free a moment ago.
  const probe = await openUdp({ addresses: [parseAddress('127.0.0.1:0'), parseAddress('127.0.0.1:0')] })
  const ends = probe.addresses() as [Address, Address]
  await probe.close()
  const udp = await openUdp({ addresses: [parseAddress('127.0.0.1:0'), parseAddress('127.0.0.1:0')] })
  const sides = udp.addresses() as [Address, Address]
  const wire: Link = faults(udp, { receive: each }, () => randomFraction(random), clock)
  wire.receive(batch =>
    wire.send(
      batch.map(({ to, bytes }) =>
        to === sides[0] ? { from: sides[1], to: ends[1], bytes } : { from: sides[0], to: ends[0], bytes },
      ),
    ),
  )
  const opened: Namespace[] = []
  const close = async (): Promise<void> => {
    for (const namespace of opened) namespace.close()
    clock.stop()
    await wire.close()
  }
  try {
    for (const [i, letter] of ['a', 'b'].entries()) {
      const [side, end] = [portOf(sides[i] as number), portOf(ends[i] as number)]
      opened.push(await Namespace.open(`sv${process.pid}${letter}`, `10.77.0.${i + 1}`, side, end))
    }
  } catch (error) {
    await close()
    throw error
  }
  const [one, other] = opened as [Namespace, Namespace]
  return { one, other, close }
}
