/** The transparent mode of `serval proxy`: a DNS server gives services addresses, and the system redirects those to the proxy. */

import { type AddressRange, addressRangeOf, StandIns } from '../../impl/byName/standIns.ts'
import { serviceIdOf } from '../../impl/host/services/serviceId.ts'
import { DnsServer } from '../../impl/proxy/dnsServer.ts'
import type { ProxyServer } from '../../impl/proxy/proxyServer.ts'
import { serviceOfHost } from '../../impl/sockets/hostNames.ts'
import { CliError } from '../errors.ts'
import { endRedirection, redirect } from './redirection.ts'
import { say } from './say.ts'
import { printEndpoint, type TcpEndpoint } from './tcpEndpoint.ts'

/** For tests of networks (RFC 2544); no host of the Internet has them. */
export const DEFAULT_RANGE = '198.18.0.0/15'

export class Transparent {
  readonly #text: string
  readonly #suffix: string
  readonly #standIns: StandIns
  readonly #dns: DnsServer
  #isRedirected = false

  /** Throws CLI_RANGE. */
  constructor(range: string, suffix: string) {
    this.#text = range
    this.#suffix = suffix
    this.#standIns = new StandIns(rangeOf(range))
    this.#dns = new DnsServer({ suffix, addressOf: host => this.#addressOf(host) })
  }

  /** Returns the service that an address stands for. */
  serviceAt(address: string): string | undefined {
    return this.#standIns.serviceOf(address)
  }

  /** Rejects with CLI_REDIRECT, and the system's errors. */
  async start(server: ProxyServer, at: TcpEndpoint): Promise<void> {
    const { address, port: dnsPort } = await this.#dns.listen(at)
    const { port } = await server.listenRedirected({ host: '0.0.0.0', port: 0 })
    // Another proxy may redirect, as long as this one has not begun.
    this.#isRedirected = true
    redirect(this.#text, port)
    const dns = printEndpoint({ host: address, port: dnsPort })
    say(`transparent: the DNS server at ${dns} answers for ${this.#suffix} with addresses of ${this.#text}`)
  }

  end(): void {
    if (this.#isRedirected) endRedirection(this.#text)
    this.#dns.close()
  }

  #addressOf(host: string): string | undefined {
    const service = serviceOfHost(host, this.#suffix)
    return service !== undefined && isService(service) ? this.#standIns.addressOf(service) : undefined
  }
}

function isService(service: string): boolean {
  try {
    serviceIdOf(service)
    return true
  } catch {
    return false
  }
}

function rangeOf(text: string): AddressRange {
  const range = addressRangeOf(text)
  if (range !== undefined) return range
  throw new CliError(
    'CLI_RANGE',
    `'${text}' is not a network of 8 to 24 bits; write an unused one, such as ${DEFAULT_RANGE}`,
  )
}
