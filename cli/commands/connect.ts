import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Command } from 'commander'
import { serviceIdOf } from '../../impl/host/services/serviceId.ts'
import { deferred } from '../../impl/sockets/deferred.ts'
import { checkDestination } from '../../impl/sockets/destinations.ts'
import { connect, type Socket, type Stack } from '../../impl/sockets/index.ts'
import { SPLICED, splice } from '../../impl/sockets/splice.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { explain } from '../explain.ts'
import { interruptible } from '../interrupt.ts'
import { collect } from '../options.ts'
import { deadAfterOption, type Patience, patienceOf } from '../stack/deadAfter.ts'
import { findHere } from '../stack/findHere.ts'
import { joinPlane } from '../stack/joinPlane.ts'
import { addStackOptions, nearest, openStack, type StackChoice } from '../stack/openStack.ts'
import { say } from '../stack/say.ts'
import { relayStdio } from '../stack/stdio.ts'
import { printEndpoint, type TcpEndpoint, tcpEndpointOf } from '../stack/tcpEndpoint.ts'
import { tell, tellSilence } from '../stack/tell.ts'

export interface RouteOptions extends StackChoice {
  readonly via?: readonly string[]
  readonly from?: string
}

/** A stack, and the route on it to a service. */
export interface StackRoute {
  readonly stack: Stack
  /** Without it, the rules of the stack decide. */
  readonly via?: readonly string[]
  readonly from?: string
}

export interface ConnectOptions extends RouteOptions, Patience {
  readonly tcp?: string
}

/** How long a command that ends still delivers written bytes, in ms, unless the peer is gone. */
const CLOSE_LIMIT_MS = 100_000

export const addRouteOptions = (command: Command): Command =>
  addStackOptions(
    command
      .option(
        '--via <address>',
        'the address of the server or a router; repeat for more, asked in turn (default: your own process on this machine that offers the service)',
        collect,
      )
      .option(
        '--from <address>',
        'the local address or interface to start from (default: the best that reaches the server)',
      ),
  )

export const define: Define = (command, done) => {
  command
    .description(
      'Connects standard input and output to a service, as nc does. It exits when both directions have ended. The connection survives when either end moves.',
    )
    .argument('<service>', 'a name such as acme/echo, or 64 hexadecimal digits')
    .option('--tcp <HOST:PORT>', 'accept TCP connections here and relay them to the service')
    .addOption(deadAfterOption())
  addRouteOptions(command).action(async (service: string, options: ConnectOptions) =>
    done(await connectTo(service, options)),
  )
}

/** `serval connect`. Rejects with a ServiceError, CLI_VIA, CLI_ENDPOINT, errors of sockets, what `openStack` rejects with. */
export async function connectTo(service: string, options: ConnectOptions): Promise<number> {
  const endpoint = options.tcp === undefined ? undefined : tcpEndpointOf(options.tcp)
  return withRoute(service, options, async (route, signal) => {
    const dial = (): Socket => {
      const socket = connect({ service, ...route, ...patienceOf(options), ...SPLICED })
      tell(socket)
      tellSilence(socket, service, route.via?.join(', '))
      return socket
    }
    if (endpoint !== undefined) await relayTcp(endpoint, dial, signal)
    else await relayStdio(dial(), signal)
    return EXIT.HOLDS
  })
}

/**
 * Runs `work` with an open stack and the route to the service; closes the stack. Rejects with a ServiceError, LINK_ADDRESS,
 * CLI_VIA.
 */
export async function withRoute(
  service: string,
  options: RouteOptions,
  work: (route: StackRoute, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  serviceIdOf(service)
  for (const via of options.via ?? []) checkDestination(via)
  return interruptible(async signal => {
    const stack = await openStack(options, 0)
    let limitMs = CLOSE_LIMIT_MS
    try {
      const agent = joinPlane(stack, options)
      await agent?.connected()
      const via = options.via ?? (agent === undefined ? await placesHere(stack, service) : undefined)
      if (via === undefined && agent === undefined && options.broadcast === undefined)
        throw new CliError(
          'CLI_VIA',
          `no process of yours on this machine offers ${service}; give --via with the address of its host, or of a router`,
        )
      const { from } = options
      return await work(
        { stack, ...(via !== undefined && { via }), ...(from !== undefined && { from }) },
        signal,
      )
    } catch (error) {
      limitMs = 0
      if (!signal.aborted) throw error
      return EXIT.INTERRUPTED
    } finally {
      await stack.close({ limitMs })
    }
  })
}

/** Returns where a process of this user on this machine offers the service; undefined if none does. */
async function placesHere(stack: Stack, service: string): Promise<readonly string[] | undefined> {
  const here = nearest(stack, await findHere(service))
  return here === undefined ? undefined : [here]
}

/** Relays until Ctrl-C. Rejects with the system's error if it cannot listen at the endpoint. */
async function relayTcp(endpoint: TcpEndpoint, dial: () => Socket, signal: AbortSignal): Promise<void> {
  const server = createServer(SPLICED, async tcp => {
    const socket = dial()
    try {
      await splice(socket, { source: tcp, sink: tcp }, signal)
    } catch (error) {
      tcp.resetAndDestroy()
      if (!signal.aborted && error !== socket.errored) say(`serval: ${explain(error)}`, 'error')
    }
  })
  server.listen(endpoint)
  await once(server, 'listening')
  server.on('error', error => say(`serval: ${explain(error)}`, 'error'))
  say(`accepting TCP at ${printEndpoint({ ...endpoint, ...(server.address() as { port: number }) })}`)
  const { promise, reject } = deferred<never>()
  signal.addEventListener('abort', () => reject(signal.reason))
  await promise.finally(() => server.close())
}
