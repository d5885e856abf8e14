/** Follows the machine's addresses by polling: Node has no event for changes. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type Address, fromParts, hold, NO_ADDRESS, release, withPort } from './address.ts'
import { LinkError } from './errors.ts'

export interface WatchOptions {
  /** Between two polls, ms. */
  readonly intervalMs: number
  /** The port for each new address; 0 for any. */
  readonly port: number
  /** Decides which addresses to use. Default: all except internal ones (loopback). */
  readonly accepts?: (info: NetworkInterfaceInfo, name: string) => boolean
  /** An alternative to `os.networkInterfaces`. */
  readonly read?: () => NodeJS.Dict<NetworkInterfaceInfo[]>
}

/** The link whose addresses follow the machine's. */
export interface Followed {
  addresses(): readonly Address[]
  add(address: Address): Promise<Address>
  remove(address: Address): Promise<void>
}

/** Polling more often would keep a processor busy. */
const MIN_INTERVAL_MS = 10

export class InterfaceWatch {
  readonly #options: WatchOptions
  readonly #followed: Followed
  #timer: NodeJS.Timeout | undefined
  #intervalMs = 0
  #polledAtMs = performance.now()
  #holdsProcess = true
  /** Hosts (addresses with port 0) that the machine had at the last poll. */
  #present = new Set<Address>()
  /** Addresses that left with their host, to be opened again when it returns. They are held. */
  readonly #away = new Map<Address, Address[]>()
  #look: Promise<void> = Promise.resolve()
  #isLooking = false
  #isStopped = false

  constructor(followed: Followed, options: WatchOptions) {
    if (!(options.intervalMs >= MIN_INTERVAL_MS))
      throw new LinkError(
        'LINK_OPTION',
        `the polling interval is ${options.intervalMs} ms; give at least ${MIN_INTERVAL_MS}`,
      )
    this.#options = options
    this.#followed = followed
    this.pace(options.intervalMs)
  }

  /** Changes the interval between polls. */
  pace(intervalMs: number): void {
    if (intervalMs === this.#intervalMs || this.#isStopped) return
    this.#intervalMs = intervalMs
    this.#arm()
  }

  /** Polls when the interval since the last poll has passed, however often it has changed. */
  #arm(): void {
    clearTimeout(this.#timer)
    const waitMs = Math.max(0, this.#polledAtMs + this.#intervalMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#polledAtMs = performance.now()
      this.#arm()
      // A poll may wait for a bind for longer than the interval.
      if (!this.#isLooking) void this.look()
    }, waitMs)
    if (!this.#holdsProcess) this.#timer.unref()
  }

  /** Polls now, after any poll in progress. Never rejects: an address that cannot be opened is tried again. */
  look(): Promise<void> {
    this.#isLooking = true
    const look = this.#look
      .then(() => this.#follow())
      .then(() => {
        if (this.#look === look) this.#isLooking = false
      })
    this.#look = look
    return look
  }

  async #follow(): Promise<void> {
    let hosts: Map<Address, boolean>
    try {
      hosts = this.#hosts()
    } catch {
      // The system has no file descriptor left for an answer: nothing is known to have changed.
      return
    }
    for (const address of this.#followed.addresses()) {
      const host = withPort(address, 0)
      if (this.#isStopped || hosts.has(host) || !this.#present.has(host)) continue
      this.#away.set(host, [...(this.#away.get(host) ?? []), address])
      hold(address)
      await this.#followed.remove(address)
    }
    const before = this.#present
    this.#present = new Set(hosts.keys())
    for (const [host, isAccepted] of hosts) {
      if (this.#isStopped || before.has(host)) continue
      const away = this.#away.get(host)
      this.#away.delete(host)
      const missing = await this.#take(away ?? (isAccepted ? [withPort(host, this.#options.port)] : []))
      missing.forEach(hold)
      away?.forEach(release)
      if (missing.length === 0) continue
      // Marked as absent, so that the next poll tries again: IPv6 first checks a new address for duplicates.
      this.#present.delete(host)
      this.#away.set(host, missing)
    }
  }

  /** Opens addresses and returns those that failed. */
  async #take(wanted: readonly Address[]): Promise<Address[]> {
    const missing: Address[] = []
    const here = new Set(this.#followed.addresses())
    for (const address of wanted) {
      if (here.has(address)) continue
      await this.#followed.add(address).catch(() => missing.push(address))
    }
    return missing
  }

  /** Returns the machine's hosts, and whether each is accepted. */
  #hosts(): Map<Address, boolean> {
    const { read = networkInterfaces, accepts = info => !info.internal } = this.#options
    const hosts = new Map<Address, boolean>()
    for (const [name, infos] of Object.entries(read()))
      for (const info of infos ?? []) {
        const zone = info.family === 'IPv6' && info.scopeid !== 0 ? `%${name}` : ''
        const host = withPort(fromParts(info.address + zone, 1), 0)
        if (host !== NO_ADDRESS) hosts.set(host, accepts(info, name))
      }
    return hosts
  }

  ref(): void {
    this.#holdsProcess = true
    this.#timer?.ref()
  }

  unref(): void {
    this.#holdsProcess = false
    this.#timer?.unref()
  }

  /** Resolves when a poll in progress has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#look
    for (const addresses of this.#away.values()) addresses.forEach(release)
    this.#away.clear()
  }
}
