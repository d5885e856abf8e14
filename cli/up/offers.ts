/** The services that the process offers at the moment, and how a new file changes them. */
import { isDeepStrictEqual } from 'node:util'
import type { Agent } from '../../impl/controller/agent.ts'
import { isCertified, listenedPrefixOf } from '../../impl/host/services/serviceId.ts'
import type { Server, Socket, Stack } from '../../impl/sockets/index.ts'
import { checkOf } from '../stack/checks.ts'
import { credentialsIn, keepGrants } from '../stack/credentials.ts'
import { keepChecking } from '../stack/healthCheck.ts'
import { type Provider, providerOf } from '../stack/providers.ts'
import { say } from '../stack/say.ts'
import { keysFor } from '../stack/serviceKey.ts'
import { offer, Serving } from '../stack/serving.ts'
import type { ServiceSettings } from './settings.ts'

interface Offer {
  readonly server: Server
  provider: Provider
  settings: ServiceSettings
  /** Ends its check. */
  checking: AbortController
}

export class Offers {
  readonly serving = new Serving()
  readonly #stack: Stack
  readonly #agent: Agent | undefined
  readonly #offers = new Map<string, Offer>()
  /** Ends the watch of the files of grants. */
  #granting = new AbortController()
  /** Some of the services have keys that their names belong to. */
  #isGranted = false

  constructor(stack: Stack, agent: Agent | undefined) {
    this.#stack = stack
    this.#agent = agent
  }

  /**
   * Offers exactly these services. Open connections go on as they began, also those of services that are offered no more.
   * Rejects with CLI_READ, CLI_KEY before it changes anything, and with a SocketError for a service that cannot be offered.
   */
  async apply(services: ReadonlyMap<string, ServiceSettings>): Promise<void> {
    const made = new Map<string, Provider>()
    for (const [name, one] of services) {
      made.set(name, await providerOf(one))
      for (const key of keysFor(name, one.key)) this.#stack.keys.add(key)
    }
    this.#authorize(services)
    for (const name of [...this.#offers.keys()]) if (!services.has(name)) await this.#withdraw(name)
    for (const [name, provider] of made)
      await this.#offer(name, provider, services.get(name) as ServiceSettings)
  }

  /** Registers with the keys and grants of these services, and with newer grants. The key of a keyed service needs no grant. */
  #authorize(services: ReadonlyMap<string, ServiceSettings>): void {
    const granted = [...services].flatMap(([name, one]) =>
      one.grant === undefined && isCertified(listenedPrefixOf(name).id) ? [] : [one],
    )
    const credentials = granted.flatMap(credentialsIn)
    const isNeeded = credentials.length > 0 || this.#isGranted
    this.#isGranted = credentials.length > 0
    this.#granting.abort()
    this.#granting = new AbortController()
    if (this.#agent === undefined || !isNeeded) return
    this.#agent.authorize(credentials)
    keepGrants(this.#agent, granted, this.#granting.signal)
  }

  /** Withdraws all services from the directory, and accepts no more connections. */
  async close(): Promise<void> {
    this.#granting.abort()
    await Promise.all([...this.#offers.keys()].map(name => this.#withdraw(name)))
  }

  async #offer(name: string, provider: Provider, settings: ServiceSettings): Promise<void> {
    const known = this.#offers.get(name)
    if (isDeepStrictEqual(known?.settings, settings)) return
    const { deadAfterMs } = settings
    if (known !== undefined && known.settings.deadAfterMs === deadAfterMs) {
      known.provider = provider
      known.settings = settings
      known.checking.abort()
      known.checking = this.#check(name, settings)
      say(`${name}: changed for new connections`)
      return
    }
    if (known !== undefined) await this.#withdraw(name)
    const options = { stack: this.#stack, ...(deadAfterMs === undefined ? {} : { deadAfterMs }) }
    const checking = this.#check(name, settings)
    const server = await offer(name, options, socket => void this.#serve(name, socket)).catch(error => {
      checking.abort()
      throw error
    })
    this.#offers.set(name, { server, provider, settings, checking })
  }

  /** Begins the check of a service. Without one it is well. */
  #check(name: string, { check, checkEveryMs }: ServiceSettings): AbortController {
    const ending = new AbortController()
    if (this.#agent === undefined) return ending
    if (check === undefined) this.#agent.markFailing(name, false)
    else
      keepChecking(
        name,
        this.#agent,
        { check: checkOf(check), ...(checkEveryMs !== undefined && { checkEvery: checkEveryMs }) },
        ending.signal,
      )
    return ending
  }

  async #serve(name: string, socket: Socket): Promise<void> {
    const offer = this.#offers.get(name)
    if (offer === undefined) {
      socket.resetAndDestroy()
      return
    }
    await this.serving.serve(socket, name, ended => offer.provider.serve(socket, ended))
  }

  async #withdraw(name: string): Promise<void> {
    const offer = this.#offers.get(name)
    if (offer === undefined) return
    offer.checking.abort()
    await this.#agent?.withdraw(name)
    this.#offers.delete(name)
    offer.server.close()
    say(`${name}: no longer offered`)
  }
}
