import { Option } from 'commander'
import type { Agent } from '../../impl/controller/agent.ts'
import { PlaneError, type RefusalCode } from '../../impl/controller/errors.ts'
import { LEAST_LEASE_MS, LONGEST_LEASE_MS } from '../../impl/controller/limits.ts'
import type { Answer } from '../../impl/controller/messages.ts'
import { SERVER_PORT } from '../../impl/link/address.ts'
import { deferred } from '../../impl/sockets/deferred.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { durationOption, wholeOption } from '../options.ts'
import { COMMANDS_LIMIT } from '../stack/commandLimits.ts'
import { credentialsIn, keepGrants } from '../stack/credentials.ts'
import { deadAfterOption, type Patience, patienceOf } from '../stack/deadAfter.ts'
import { type Checked, checkEveryOption, checkOption, keepChecking } from '../stack/healthCheck.ts'
import { joinPlane } from '../stack/joinPlane.ts'
import { metricsOption, serveMetrics } from '../stack/metrics.ts'
import { addStackOptions, advertiseOption, openStack, type StackChoice } from '../stack/openStack.ts'
import { type Provided, type Provider, providerOf } from '../stack/providers.ts'
import { say } from '../stack/say.ts'
import { keysFor } from '../stack/serviceKey.ts'
import { MOST_DRAIN_MS, offer, Serving } from '../stack/serving.ts'
import { tell } from '../stack/tell.ts'

export interface ListenOptions extends StackChoice, Provided, Patience, Checked {
  /** The longest time that connections may go on after SIGTERM or Ctrl-C, ms. */
  readonly drain?: number
  /** The lease of its registrations, ms. */
  readonly lease?: number
  readonly key?: string
  readonly grant?: string
  readonly metrics?: string
}

export const define: Define = (command, done) => {
  const modes = ['echo', 'file', 'tcp', 'exec']
  const mode = (flags: string, help: string): Option => {
    const option = new Option(flags, help)
    return option.conflicts(modes.filter(other => other !== option.attributeName()))
  }
  command
    .description(
      'Offers a service. Without an option it connects the first client to standard input and output, and exits with it. Connections survive moves of either end.',
    )
    .argument(
      '<service>',
      "a name such as acme/echo, 64 hexadecimal digits, or a prefix such as 'acme/store/*'",
    )
    .addOption(mode('--echo', 'send every client its own bytes back'))
    .addOption(mode('--file <file>', 'send every client this file'))
    .addOption(mode('--tcp <HOST:PORT>', 'relay every client to a TCP server'))
    .addOption(
      mode(
        '--exec <command>',
        'run a shell command for every client, with the connection as its input and output',
      ),
    )
    .option(
      '--exec-limit <n>',
      `commands at once, half for one client (default: ${COMMANDS_LIMIT})`,
      wholeOption('--exec-limit', 1),
    )
    .option('--key <file>', 'the private key (PEM), if the name has one')
    .option('--grant <file>', 'the grant of the name to the key (`serval key sign`)')
    .option(
      '--drain <time>',
      'let connections finish after Ctrl-C or SIGTERM: 30s',
      durationOption('--drain', 0, MOST_DRAIN_MS),
    )
    .option(
      '--lease <time>',
      'let a registration outlive its process (default: 30s)',
      durationOption('--lease', LEAST_LEASE_MS, LONGEST_LEASE_MS),
    )
    .addOption(checkOption())
    .addOption(checkEveryOption())
    .addOption(metricsOption())
    .addOption(deadAfterOption())
  addStackOptions(command.addOption(advertiseOption())).action(
    async (service: string, options: ListenOptions) => done(await listen(service, options)),
  )
}

/**
 * `serval listen`. Rejects with a ServiceError, CLI_READ, CLI_KEY, CLI_GRANT, CLI_ENDPOINT, CLI_USAGE, the errors of `openStack`, and a PlaneError if
 * the controller refuses the service permanently.
 */
export async function listen(service: string, options: ListenOptions): Promise<number> {
  if (options.check !== undefined && (options.controller ?? []).length === 0)
    throw new CliError('CLI_USAGE', '--check reports to a controller; name it with --controller')
  if (options.checkEvery !== undefined && options.check === undefined)
    throw new CliError('CLI_USAGE', '--check-every needs --check')
  const keys = keysFor(service, options.key)
  const credentials = credentialsIn(options)
  const provider = await providerOf(options)
  return interruptible(async signal => {
    const stack = await openStack(options, SERVER_PORT, { keys })
    const { lease, drain = 0 } = options
    const agent = joinPlane(stack, options, { credentials, ...(lease !== undefined && { leaseMs: lease }) })
    if (agent !== undefined) keepGrants(agent, [options], signal)
    const serving = new Serving()
    const stop = (): void => void serving.end(drain)
    if (drain === 0) signal.addEventListener('abort', stop)
    agent?.on('registered', () => say(`registered ${service}`))
    try {
      await serveMetrics(options.metrics, stack)
      if (agent !== undefined) keepChecking(service, agent, options, signal)
      const refused = agent === undefined ? NEVER : refusalOf(agent)
      const offered = { stack, ...patienceOf(options) }
      await Promise.race([serve(service, offered, serving, provider, signal), refused])
      return signal.aborted ? EXIT.INTERRUPTED : EXIT.HOLDS
    } finally {
      // The socket still serves clients that arrive meanwhile.
      await agent?.withdraw(service)
      if (signal.aborted) await serving.end(drain)
      await stack.close()
    }
  })
}

type Refusal = Extract<Answer, { readonly type: 'refused' | 'error' }>

const NEVER = new Promise<never>(() => {})

/** Refusals that no later attempt can change. */
const FINAL: ReadonlySet<string> = new Set<RefusalCode>([
  ...([
    'CONTROLLER_SERVICE',
    'CONTROLLER_PREFIX',
    'CONTROLLER_CERTIFICATE',
    'CONTROLLER_PRIORITY',
    'CONTROLLER_OWNER',
    'CONTROLLER_TOKEN',
    'CONTROLLER_ACCESS',
  ] as const),
])
/** While a host moves, the controller may refuse its address once, but not repeatedly. */
const ADDRESS_REFUSALS = 3

/** Refuses with a PlaneError if the controller refuses the service permanently. */
function refusalOf(agent: Agent): Promise<never> {
  let elsewhere = 0
  agent.on('registered', () => {
    elsewhere = 0
  })
  const { promise, reject } = deferred<never>()
  agent.on('refused', ({ type, code, message }: Refusal) => {
    if (type !== 'refused' && code !== 'CONTROLLER_TOKEN') return
    if (code === 'CONTROLLER_ADDRESS') elsewhere++
    if (FINAL.has(code) || elsewhere >= ADDRESS_REFUSALS)
      reject(new PlaneError(code as RefusalCode, message.replace(`${code}: `, '')))
  })
  // Ignore the rejection if nobody waits for it any more.
  promise.catch(() => {})
  return promise
}

/** Resolves when the only connection has ended, or when the command must stop. */
async function serve(
  service: string,
  options: Parameters<typeof offer>[1],
  serving: Serving,
  provider: Provider,
  signal: AbortSignal,
): Promise<void> {
  const { promise: over, resolve, reject } = deferred<void>()
  await offer(service, options, (socket, server) => {
    tell(socket)
    const work = (ended: AbortSignal) => provider.serve(socket, ended)
    if (provider.isOnce) {
      server.close()
      serving.during(work).then(resolve, reject)
    } else void serving.serve(socket, 'serval', work)
  })
  signal.addEventListener('abort', () => resolve())
  if (signal.aborted) return
  await over.catch(error => {
    if (!signal.aborted) throw error
  })
}
