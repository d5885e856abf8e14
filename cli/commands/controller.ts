import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../../checker/text/at.ts'
import { printable } from '../../checker/text/printable.ts'
import { Agent, Controller, type Registry, registryOf } from '../../impl/controller/index.ts'
import { servicePrefixOf } from '../../impl/host/services/serviceId.ts'
import { SERVER_PORT } from '../../impl/link/address.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import { stateFolder } from '../../impl/sockets/userSecret.ts'
import {
  denials,
  type Security,
  type SecurityFiles,
  secureOnHangup,
  securityOf,
} from '../authority/security.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { collect } from '../options.ts'
import { count, height, plural, print, printTable, redraw } from '../screen.ts'
import { instanceRows } from '../stack/instances.ts'
import { metricsOption, serveMetrics } from '../stack/metrics.ts'
import { addStackOptions, advertiseOption, openStack, type StackChoice } from '../stack/openStack.ts'
import { say } from '../stack/say.ts'

export interface ControllerOptions extends StackChoice, SecurityFiles {
  readonly registry: string
  readonly file?: string
  readonly network?: readonly string[]
  readonly start?: readonly string[]
  readonly metrics?: string
  readonly relay?: boolean
}

/** The time between two refreshes of the live table, in ms. */
const EVERY_MS = 1000
/** How long a controller that stops waits for hosts to take their last lines, ms. Some may be dead. */
const CLOSE_LIMIT_MS = 500
/** The limit of lines in the live table beside those of instances. `serval services --via` lists all instances. */
const OTHER_LINES = 10

export const define: Define = (command, done) => {
  command
    .description(
      'Runs a controller, a directory of services: hosts register the services they offer and query it for the ones they need. Registrations survive a restart. At a terminal it shows them live.',
    )
    .option(
      '--registry <registry>',
      'memory, or nats://HOST:PORT (tls:// with TLS), which several controllers may share',
      'memory',
    )
    .option(
      '--file <file>',
      'the journal of the registry memory (default: serval/controller.journal in $XDG_STATE_HOME or ~/.local/state)',
    )
    .option(
      '--network <subnet>',
      'a network, such as 10.1.0.0/16, whose hosts prefer its own instances; repeat for more',
      collect,
    )
    .option(
      '--start <service=command>',
      'run this command when a host asks for the service and no instance is registered; repeat for more',
      collect,
    )
    .option('--relay', 'carry connections to hosts behind NATs')
    .option('--authority <file>', 'who may do what here (YAML, see docs/authority.md); read again on SIGHUP')
    .option('--tls-cert <file>', 'its certificate (PEM): hosts connect with TLS')
    .option('--tls-key <file>', 'the private key (PEM) of the certificate')
  addStackOptions(command.addOption(advertiseOption()).addOption(metricsOption())).action(
    async (options: ControllerOptions) => done(await runController(options)),
  )
}

/** `serval controller`. Rejects with CLI_START, CLI_WRITE, a ServiceError, a RegistryError, and what `openStack` rejects with. */
async function runController(options: ControllerOptions): Promise<number> {
  const start = commandsOf(options.start ?? [])
  const registry = openedRegistry(options)
  const { network: networks = [], metrics } = options
  const files = securityOf(options)
  const chosen = { networks, start, metrics, files }
  return interruptible(
    async signal => {
      const stack = await openStack(options, SERVER_PORT, { carries: options.relay ?? false })
      try {
        await serve(stack, registry, chosen, signal)
        return EXIT.INTERRUPTED
      } finally {
        await stack.close({ limitMs: CLOSE_LIMIT_MS })
      }
    },
    files === undefined ? undefined : ['SIGINT', 'SIGTERM'],
  )
}

interface Chosen {
  readonly networks: readonly string[]
  readonly start: Readonly<Record<string, string>>
  readonly metrics: string | undefined
  readonly files: (() => Security) | undefined
}

async function serve(
  stack: Stack,
  registry: Registry,
  { metrics, files, ...chosen }: Chosen,
  signal: AbortSignal,
): Promise<void> {
  const isLive = process.stdout.isTTY
  const onTrouble = (what: string): void =>
    what === ''
      ? say(`registry ${registry.name} answers and stores again`)
      : say(`registry ${registry.name}: ${what}`, 'warning')
  const countOf = (id: string): number => controller.ledger.registrations.known.count(id)
  const onChange = isLive ? {} : { onChange: reporter(countOf) }
  const controller = new Controller({
    stack,
    registry,
    ...chosen,
    ...files?.(),
    ...onChange,
    onTrouble,
    onDenied: denials(),
  })
  await controller.open()
  if (files !== undefined) secureOnHangup(controller, files, signal)
  // Registers the controller itself, so that routers lead to it.
  const agent = new Agent({ stack, controllers: stack.addresses.slice(0, 1).map(via => ({ via })) })
  await serveMetrics(metrics, stack, controller)
  say(`controller at ${stack.addresses.join(', ')}, registry ${registry.name}`)
  try {
    while (!signal.aborted) {
      if (isLive) await redraw(() => show(stack, controller, registry))
      else for (const failure of controller.failures.splice(0)) say(`not started: ${failure}`, 'warning')
      await wait(EVERY_MS, undefined, { signal }).catch(() => {})
    }
  } finally {
    await agent.close()
    await controller.close()
  }
}

/** Returns what reports the services whose instances have changed, each once for all changes of a turn. */
function reporter(countOf: (id: string) => number) {
  const changed = new Map<string, string>()
  const report = (): void => {
    for (const [id, name] of changed) say(`${name}: ${plural(countOf(id), 'instance')}`)
    changed.clear()
  }
  return (id: string, service?: string): void => {
    if (changed.size === 0) setImmediate(report)
    changed.set(id, service ?? changed.get(id) ?? id)
  }
}

function show(stack: Stack, controller: Controller, registry: Registry): void {
  const { registrations, health, counters } = controller.ledger
  const { stale, refused, denied, expired } = registrations.counters
  const rows = controller.list()
  print(`controller at ${stack.addresses.join(', ')}`)
  const parts = [
    plural(rows.length, 'instance'),
    plural(controller.peers, 'host'),
    `registry ${registry.name}`,
  ]
  print(parts.join(', '))
  if (health.trouble !== '') print(`the registry: ${printable(health.trouble)}`)
  const counted = {
    expired,
    stale,
    refused,
    denied,
    mistakes: controller.counters.mistakes,
    unwritten: counters.unwritten,
    unusable: counters.unusable,
    displaced: controller.counters.displaced,
  }
  print(
    Object.entries(counted)
      .map(([name, n]) => `${name} ${count(n)}`)
      .join('  '),
  )
  for (const failure of controller.failures.slice(-3)) print(`not started: ${printable(failure)}`)
  print()
  const most = Math.max(1, height() - OTHER_LINES)
  printTable(instanceRows(rows.slice(0, most)))
  if (rows.length > most) print(`and ${plural(rows.length - most, 'more instance')}`)
}

/** Throws CLI_START, a ServiceError. */
function commandsOf(starts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    starts.map(text => {
      const [, service, command] = /^([^=]+)=(.+)$/s.exec(text) ?? []
      if (command === undefined)
        throw new CliError('CLI_START', `'${text}' names no command; write acme/web=COMMAND`)
      servicePrefixOf(must(service))
      return [must(service), command]
    }),
  )
}

/** Throws REGISTRY_NAME, CLI_WRITE. */
function openedRegistry({ registry, file }: ControllerOptions): Registry {
  return registry === 'memory' ? registryOf(registry, file ?? journal()) : registryOf(registry)
}

/** Makes the folder of the default journal. Throws CLI_WRITE. */
function journal(): string {
  const folder = stateFolder()
  if (folder === undefined)
    throw new CliError('CLI_WRITE', 'this user has no home for the journal; name it with --file')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new CliError('CLI_WRITE', `${(error as Error).message}; name a journal elsewhere with --file`)
  }
  return join(folder, 'controller.journal')
}
