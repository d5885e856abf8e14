/** The file of `serval up`: its form, its meaning, and where a fault is. */
import { dirname, resolve } from 'node:path'
import type * as t from 'io-ts'
import { must } from '../../checker/text/at.ts'
import { type ControllerAt, controllerAt } from '../../impl/controller/controllerAt.ts'
import { LEAST_LEASE_MS, LONGEST_LEASE_MS, NEAR_PRIORITY } from '../../impl/controller/limits.ts'
import { listenedPrefixOf, printPrefix } from '../../impl/host/services/serviceId.ts'
import { WEIGHT_LIMIT } from '../../impl/host/services/serviceTable.ts'
import { parseAddress } from '../../impl/link/address.ts'
import { FLOW_POLICIES, type FlowPolicy } from '../../impl/sockets/flowPolicy.ts'
import { durationOption } from '../options.ts'
import { checkOf } from '../stack/checks.ts'
import { checkPeriodOf } from '../stack/healthCheck.ts'
import type { Provided } from '../stack/providers.ts'
import { type RouterRule, routerRuleOf } from '../stack/routerRules.ts'
import { MOST_DRAIN_MS } from '../stack/serving.ts'
import { tcpEndpointOf } from '../stack/tcpEndpoint.ts'
import { type At, readDocument, textOf } from './document.ts'
import { choice, flag, list, map, object, text, whole } from './field.ts'

const MOST_COMMANDS = 65_536
const MOST_DEAD_AFTER_MS = 2 ** 31 - 1

const service = object('What each connection to the service gets: exactly one of echo, file, tcp and exec.', {
  echo: flag('Its own bytes.'),
  file: text('A file. A relative path begins at the folder of this file.'),
  tcp: text('A connection to a TCP server: HOST:PORT, or a port of this machine.'),
  exec: text('A shell command with the connection as its input and output.'),
  execLimit: whole('The most commands at once.', 1, MOST_COMMANDS),
  key: text('The private key (PEM) of a service whose name contains a key or belongs to one.'),
  grant: text('A file with what lets the key register the name. It is read again when it changes.'),
  deadAfter: text('How long a silent client is kept: 100s.'),
  check: text('Take no new connections while this fails: http://..., tcp:PORT, exec:COMMAND.'),
  checkEvery: text('The time from one check to the next. Default: 5s.'),
})

const ofProcess = object('Services that one process offers, with the stack that carries them.', {
  addresses: list('Local addresses, best first. Default: all addresses of the machine.', text('192.0.2.1')),
  advertise: list(
    'Addresses to register instead of a local one, such as the public side of a NAT.',
    text('203.0.113.5:54325'),
  ),
  flows: choice('How many networks a connection uses. Default: as its client wants.', ...FLOW_POLICIES),
  mobility: choice('When connections move automatically.', 'stay', 'leave', 'best', 'failover'),
  controllers: list('Controllers to register with, in the order of preference.', text('192.0.2.1')),
  priority: whole('The priority of the instances. Default: 100.', 0, NEAR_PRIORITY - 1),
  weight: whole('The share of new connections. Default: 1.', 0, WEIGHT_LIMIT),
  lease: text('How long registrations outlive the process: 30s.'),
  drain: text('How long connections go on after SIGTERM: 30s.'),
  metrics: text('Serves counters and health by HTTP at HOST:PORT.'),
  rules: list('Rules by which the stack finds services.', text('acme=via 192.0.2.7')),
  services: map('The services, by name.', service),
})

/** The JSON Schema of the file. */
export const settingsSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'serval up',
  ...ofProcess.schema,
}

/** What each connection to one service gets. */
export interface ServiceSettings extends Provided {
  readonly key?: string
  readonly grant?: string
  readonly deadAfterMs?: number
  readonly check?: string
  readonly checkEveryMs?: number
}

export interface Settings {
  readonly addresses: readonly string[]
  readonly advertise: readonly string[]
  readonly flows: FlowPolicy | undefined
  readonly mobility: 'stay' | 'leave' | 'best' | 'failover'
  readonly controllers: readonly ControllerAt[]
  readonly priority: number | undefined
  readonly weight: number | undefined
  readonly leaseMs: number | undefined
  readonly drainMs: number
  readonly metrics: string | undefined
  readonly rules: readonly RouterRule[]
  readonly services: ReadonlyMap<string, ServiceSettings>
}

/** Reads the file. Throws CLI_READ, and CLI_SETTINGS with the line and column of a fault. */
export const readSettings = (file: string): Settings => settingsIn(textOf(file), file)

/** Reads the text of the file. Throws CLI_SETTINGS with the line and column of a fault. */
export function settingsIn(source: string, file: string): Settings {
  const { value, at } = readDocument(source, file, ofProcess.codec)
  return meaningOf(value, dirname(resolve(file)), at)
}

type Written = t.TypeOf<typeof ofProcess.codec>

function meaningOf(written: Written, folder: string, at: At): Settings {
  const { addresses = [], advertise = [], rules = [], services = {} } = written
  const { lease, drain, metrics } = written
  const names = new Map<string, string>()
  for (const [i, address] of addresses.entries()) at(['addresses', i], () => parseAddress(address))
  for (const [i, address] of advertise.entries()) at(['advertise', i], () => parseAddress(address))
  const controllers = (written.controllers ?? []).map((text, i) =>
    at(['controllers', i], () => controllerAt(text, process.env, folder)),
  )
  if (metrics !== undefined) at(['metrics'], () => tcpEndpointOf(metrics))
  return {
    addresses,
    advertise,
    controllers,
    metrics,
    flows: written.flows,
    mobility: written.mobility ?? 'leave',
    priority: written.priority,
    weight: written.weight,
    leaseMs:
      lease === undefined
        ? undefined
        : at(['lease'], () => durationOption('lease', LEAST_LEASE_MS, LONGEST_LEASE_MS)(lease)),
    drainMs: drain === undefined ? 0 : at(['drain'], () => durationOption('drain', 0, MOST_DRAIN_MS)(drain)),
    rules: rules.map((rule, i) => at(['rules', i], () => routerRuleOf(rule))),
    services: new Map(
      Object.entries(services).map(([name, { deadAfter, checkEvery, ...one }]) => {
        const path = ['services', name]
        at(path, () => assertDistinct(name, names))
        at(path, () => assertOneWay(one))
        if (one.tcp !== undefined) at([...path, 'tcp'], () => tcpEndpointOf(must(one.tcp)))
        if (one.check !== undefined || checkEvery !== undefined)
          at([...path, one.check === undefined ? 'checkEvery' : 'check'], () =>
            assertUseful(one.check, controllers),
          )
        const patience = durationOption('deadAfter', 1, MOST_DEAD_AFTER_MS)
        return [
          name,
          {
            ...one,
            ...(one.file !== undefined && { file: resolve(folder, one.file) }),
            ...(one.key !== undefined && { key: resolve(folder, one.key) }),
            ...(one.grant !== undefined && { grant: resolve(folder, one.grant) }),
            ...(deadAfter !== undefined && {
              deadAfterMs: at([...path, 'deadAfter'], () => patience(deadAfter)),
            }),
            ...(checkEvery !== undefined && {
              checkEveryMs: at([...path, 'checkEvery'], () => checkPeriodOf(checkEvery)),
            }),
          },
        ]
      }),
    ),
  }
}

/** Another name may be the same service, in capitals. `names` holds those before it, by service. */
function assertDistinct(name: string, names: Map<string, string>): void {
  const id = printPrefix(listenedPrefixOf(name))
  const other = names.get(id)
  if (other !== undefined) throw new Error(`this is the service ${other}; remove one of them`)
  names.set(id, name)
}

/** A check without a controller, or a period without a check, has no effect. */
function assertUseful(check: string | undefined, controllers: readonly ControllerAt[]): void {
  if (check === undefined) throw new Error('there is no check; give one, or remove this')
  if (controllers.length === 0) throw new Error('it reports to a controller; name one in controllers')
  checkOf(check)
}

const WAYS = ['echo', 'file', 'tcp', 'exec'] as const

function assertOneWay(one: Provided): void {
  const given = WAYS.filter(way => one[way] !== undefined)
  if (given.length === 1) return
  const found = given.length === 0 ? 'none' : given.join(' and ')
  throw new Error(`there is ${found}; give exactly one of ${WAYS.join(', ')}`)
}
