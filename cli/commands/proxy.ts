import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { RateLimit } from '../../impl/host/paths/rateLimit.ts'
import type { ProxyCounters } from '../../impl/proxy/counters.ts'
import { PAC_PATH } from '../../impl/proxy/httpSide.ts'
import { CONNECTIONS_LIMIT, ProxyServer } from '../../impl/proxy/proxyServer.ts'
import { checkDestination } from '../../impl/sockets/destinations.ts'
import { HOST_SUFFIX } from '../../impl/sockets/hostNames.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { explain } from '../explain.ts'
import { interruptible } from '../interrupt.ts'
import { json, wholeOption } from '../options.ts'
import { count, print, printJson, printTable, size } from '../screen.ts'
import { deadAfterOption, type Patience, patienceOf } from '../stack/deadAfter.ts'
import { findHere } from '../stack/findHere.ts'
import { joinPlane } from '../stack/joinPlane.ts'
import { Locator } from '../stack/locator.ts'
import { nearest, openStack } from '../stack/openStack.ts'
import { say } from '../stack/say.ts'
import { printEndpoint, tcpEndpointOf } from '../stack/tcpEndpoint.ts'
import { DEFAULT_RANGE, Transparent } from '../stack/transparent.ts'
import { addRouteOptions, type RouteOptions } from './connect.ts'

export interface ProxyChoice extends RouteOptions, Patience {
  readonly tcp: string
  readonly suffix: string
  readonly direct?: boolean
  readonly connections?: number
  readonly transparent?: string
  readonly dns: string
  readonly json?: boolean
}

/** Failures that are reported each second; the rest are only counted, so that a client cannot flood the terminal. */
const REPORTS_PER_SECOND = 5
const REPORTS_AT_ONCE = 20

export const define: Define = (command: Command, done) => {
  command
    .description(
      'Lets programs that know only hosts reach services by name, through SOCKS5 or HTTP on one port: web.acme.serval is the service acme/web. It serves a PAC file for browsers. Connections survive when either end moves.',
    )
    .option('--tcp <HOST:PORT>', 'accept clients here', '127.0.0.1:1080')
    .addOption(
      new Option('--suffix <suffix>', 'the end of host names that are services').default(HOST_SUFFIX),
    )
    .option('--direct', 'forward all other hosts directly (default: refuse them)')
    .option(
      '--connections <n>',
      `the most clients at once (default: ${CONNECTIONS_LIMIT})`,
      wholeOption('--connections', 1),
    )
    .addOption(
      new Option(
        '--transparent [range]',
        `also redirect TCP to addresses that stand for services, for programs that know no proxy; needs root (default range: ${DEFAULT_RANGE})`,
      ).preset(DEFAULT_RANGE),
    )
    .option('--dns <HOST:PORT>', 'where --transparent answers for the suffix', '127.0.0.1:53')
    .addOption(deadAfterOption())
    .addOption(json())
  addRouteOptions(command).action(async (options: ProxyChoice) => done(await proxy(options)))
}

/**
 * `serval proxy`. Rejects with CLI_ENDPOINT, CLI_SUFFIX, CLI_RANGE, CLI_REDIRECT, LINK_ADDRESS, the system's errors, and what
 * `openStack` rejects with.
 */
export function proxy(options: ProxyChoice): Promise<number> {
  const endpoint = tcpEndpointOf(options.tcp)
  const dns = tcpEndpointOf(options.dns)
  const suffix = suffixOf(options.suffix)
  const { via, direct, from, connections } = options
  const transparent =
    options.transparent === undefined ? undefined : new Transparent(options.transparent, suffix)
  for (const one of via ?? []) checkDestination(one)
  return interruptible(async signal => {
    const stack = await openStack(options, 0)
    const server = new ProxyServer({
      ...{ stack, find: finderOf(stack, options), suffix, direct, from, connections, ...patienceOf(options) },
      serviceAt: address => transparent?.serviceAt(address),
      onFailure: reporter(),
    })
    try {
      const { address, port } = await server.listen(endpoint)
      await transparent?.start(server, dns)
      tellStart(address, port, suffix, direct === true)
      stack.driver.hold()
      if (!signal.aborted) await once(signal, 'abort')
      stack.driver.release()
    } finally {
      transparent?.end()
      server.close()
      await stack.close({ limitMs: 0 })
    }
    tell(server.counters, options.json)
    return EXIT.INTERRUPTED
  })
}

/** Labels of a domain name, with the dot before them. Throws CLI_SUFFIX. */
function suffixOf(text: string): string {
  const suffix = `.${text.replace(/^\./, '')}`.toLowerCase()
  if (/^(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/.test(suffix)) return suffix
  throw new CliError('CLI_SUFFIX', `'${text}' is not the end of a host name; write one such as .serval`)
}

/** Returns how to find the address of a service; undefined: the stack finds it. */
function finderOf(
  stack: Stack,
  options: ProxyChoice,
): ((service: string) => Promise<string | readonly string[]>) | undefined {
  const { via } = options
  if (via !== undefined) return async () => via
  if (joinPlane(stack, options) !== undefined || options.broadcast !== undefined) return undefined
  const locator = new Locator(
    async service => nearest(stack, await findHere(service)),
    () => performance.now(),
  )
  return service => locator.locate(service)
}

function tellStart(address: string, port: number, suffix: string, isDirect: boolean): void {
  const at = printEndpoint({ host: address, port })
  say(
    `proxy at ${at} for SOCKS5 and HTTP: web.acme${suffix} is acme/web, other hosts are ${isDirect ? 'forwarded' : 'refused'}`,
  )
  const isLoopback = /^(127\.|::1$|::ffff:127\.)/.test(address)
  const isEverywhere = /^(0\.0\.0\.0|::)$/.test(address)
  const local = isEverywhere ? printEndpoint({ host: '127.0.0.1', port }) : at
  say(`PAC file for browsers: http://${local}${PAC_PATH}`)
  if (isLoopback) return
  const what = isDirect ? 'your services and every host that this machine reaches' : 'your services'
  say(
    `warning: anyone who reaches ${at} can use this proxy without a password, and through it ${what}`,
    'warning',
  )
}

/** Reports failed requests, as far as the rate allows. */
function reporter(): (where: string, error: unknown) => void {
  const rate = new RateLimit(REPORTS_PER_SECOND, REPORTS_AT_ONCE)
  let silent = 0
  return (where, error) => {
    if (!rate.take(performance.now())) {
      silent++
      return
    }
    if (silent > 0) say(`${count(silent)} more requests failed`)
    silent = 0
    say(`${where}: ${explain(error)}`)
  }
}

/** Prints what the proxy did. */
function tell({ failed, ...counters }: ProxyCounters, isJson = false): void {
  if (isJson) {
    printJson({ ...counters, failed })
    return
  }
  const { bytesSent, bytesReceived, open: _, ...counts } = counters
  print(`sent ${size(bytesSent)}, received ${size(bytesReceived)}`)
  const rows = Object.entries(counts).filter(([, value]) => value > 0)
  const failures = Object.entries(failed).map(([code, value]) => [`failed: ${code}`, value] as const)
  printTable([['COUNTER', 'NUMBER'], ...[...rows, ...failures].map(([name, value]) => [name, count(value)])])
}
