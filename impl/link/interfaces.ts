/** Follows the machine's addresses: which came and which went, found by asking again and again. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type Address, fromParts, hold, NO_ADDRESS, release, withPort } from './address.ts'
import { LinkError } from './errors.ts'

export interface WatchOptions {
  /** Between two looks, ms. Node has no event for this. */
  readonly intervalMs: number
  /** For each address that comes; 0 for any. */
  readonly port: number
  /** Which are taken; without it all that are not internal (loopback). */
  readonly accepts?: (info: NetworkInterfaceInfo, name: string) => boolean
  /** Another source than `os.networkInterfaces`. */
  readonly read?: () => NodeJS.Dict<NetworkInterfaceInfo[]>
}

/** What is told to come and go. */
export interface Followed {
  addresses(): readonly Address[]
  add(address: Address): Promise<Address>
  remove(address: Address): Promise<void>
}

/** Less would keep a processor busy with asking. */
export const MIN_INTERVAL_MS = 10

export class InterfaceWatch {
  readonly #options: WatchOptions
  readonly #followed: Followed
  readonly #timer: NodeJS.Timeout
  /** Hosts (addresses with port 0) that the machine had at the last look. */
  #present = new Set<Address>()
  /** Whole addresses that went with their host, to be taken again when it comes back; they are held. */
  readonly #away = new Map<Address, Address[]>()
  #look: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(followed: Followed, options: WatchOptions) {
    if (!(options.intervalMs >= MIN_INTERVAL_MS))
      throw new LinkError(
        'LINK_OPTION',
        `look every ${MIN_INTERVAL_MS} ms at most, not ${options.intervalMs}`,
      )
    this.#options = options
    this.#followed = followed
    this.#timer = setInterval(() => void this.look(), options.intervalMs)
  }

  /** Looks now, after a look that is under way. Never rejects: an address that cannot be had is tried again. */
  look(): Promise<void> {
    this.#look = this.#look.then(() => this.#follow())
    return this.#look
  }

  async #follow(): Promise<void> {
    const hosts = this.#hosts()
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
      // Seen as not there yet, so that the next look tries again: IPv6 checks a new address for duplicates first.
      this.#present.delete(host)
      this.#away.set(host, missing)
    }
  }

  /** Those that could not be had. */
  async #take(wanted: readonly Address[]): Promise<Address[]> {
    const missing: Address[] = []
    const here = new Set(this.#followed.addresses())
    for (const address of wanted) {
      if (here.has(address)) continue
      await this.#followed.add(address).catch(() => missing.push(address))
    }
    return missing
  }

  /** The machine's hosts now, each with whether it is accepted. */
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
    this.#timer.ref()
  }

  unref(): void {
    this.#timer.unref()
  }

  /** Resolves when a look that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#look
    for (const addresses of this.#away.values()) addresses.forEach(release)
    this.#away.clear()
  }
}
