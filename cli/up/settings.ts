/** The file of `serval up`: its form, its meaning, and where a fault is. */
import { dirname, resolve } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { must } from '../../checker/text/at.ts'
import { placeOf } from '../../checker/text/json.ts'
import { LEAST_LEASE_MS, LONGEST_LEASE_MS, NEAR_PRIORITY } from '../../impl/controller/limits.ts'
import { listenedPrefixOf, printPrefix } from '../../impl/host/services/serviceId.ts'
import { WEIGHT_LIMIT } from '../../impl/host/services/serviceTable.ts'
import { parseAddress, parseDestination } from '../../impl/link/address.ts'
import { FLOW_POLICIES, type FlowPolicy } from '../../impl/sockets/flowPolicy.ts'
import { CliError } from '../errors.ts'
import { readBytes } from '../files.ts'
import { durationOption } from '../options.ts'
import { checkOf } from '../stack/checks.ts'
import { checkPeriodOf } from '../stack/healthCheck.ts'
import type { Provided } from '../stack/providers.ts'
import { type RouterRule, routerRuleOf } from '../stack/routerRules.ts'
import { MOST_DRAIN_MS } from '../stack/serving.ts'
import { tcpEndpointOf } from '../stack/tcpEndpoint.ts'
import { choice, flag, list, map, object, text, whole } from './field.ts'

/** The longest file, bytes. */
const MOST_BYTES = 1_048_576
const MOST_COMMANDS = 65_536
const MOST_DEAD_AFTER_MS = 2 ** 31 - 1

const service = object('What each connection to the service gets: exactly one of echo, file, tcp and exec.', {
  echo: flag('Its own bytes.'),
  file: text('A file. A relative path begins at the folder of this file.'),
  tcp: text('A connection to a TCP server: HOST:PORT, or a port of this machine.'),
  exec: text('A shell command with the connection as its input and output.'),
  execLimit: whole('The most commands at once.', 1, MOST_COMMANDS),
  key: text('The private key (PEM) of a service whose name contains a key.'),
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
  readonly deadAfterMs?: number
  readonly check?: string
  readonly checkEveryMs?: number
}

export interface Settings {
  readonly addresses: readonly string[]
  readonly advertise: readonly string[]
  readonly flows: FlowPolicy | undefined
  readonly mobility: 'stay' | 'leave' | 'best' | 'failover'
  readonly controllers: readonly string[]
  readonly priority: number | undefined
  readonly weight: number | undefined
  readonly leaseMs: number | undefined
  readonly drainMs: number
  readonly metrics: string | undefined
  readonly rules: readonly RouterRule[]
  readonly services: ReadonlyMap<string, ServiceSettings>
}

type Path = readonly (string | number)[]

/** Reads the file. Throws CLI_READ, and CLI_SETTINGS with the line and column of a fault. */
export function readSettings(file: string): Settings {
  const bytes = readBytes(file)
  if (bytes.length > MOST_BYTES)
    throw new CliError(
      'CLI_SETTINGS',
      `${file} has more than ${MOST_BYTES} bytes; split it over several processes`,
    )
  return settingsIn(new TextDecoder().decode(bytes), file)
}

/** Reads the text of the file. Throws CLI_SETTINGS with the line and column of a fault. */
export function settingsIn(source: string, file: string): Settings {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  const fault = (offset: number, what: string): CliError => {
    const { line, col } = lines.linePos(offset)
    return new CliError('CLI_SETTINGS', `${file}:${line}:${col}: ${what}`)
  }
  const [error] = document.errors
  if (error !== undefined) throw fault(error.pos[0], `${error.message}; correct the YAML`)
  const offsetOf = (path: Path): number => offset(document.contents, path)
  let value: unknown
  try {
    value = document.toJS() ?? {}
  } catch (problem) {
    throw fault(0, `${(problem as Error).message}; write values out instead of referring to others`)
  }
  const decoded = ofProcess.codec.decode(value)
  if (isLeft(decoded)) {
    const one = must(decoded.left.at(-1))
    const { found, expected } = placeOf(one)
    const path = one.context.slice(1).map(({ key }) => key)
    throw fault(offsetOf(path), `${path.join('.') || 'the file'} is ${found}; give ${expected}`)
  }
  const at = <A>(path: Path, read: () => A): A => {
    try {
      return read()
    } catch (problem) {
      throw fault(offsetOf(path), `${path.join('.')}: ${(problem as Error).message}`)
    }
  }
  return meaningOf(decoded.right, dirname(resolve(file)), at)
}

/** Finds where the value at `path` begins; for a name that does not belong there, the name. */
function offset(node: unknown, path: Path): number {
  const start = (one: unknown): number => (one as Node | undefined)?.range?.[0] ?? 0
  const [first, ...rest] = path
  if (first === undefined) return start(node)
  if (isMap(node)) {
    const pair = node.items.find(
      item => isPair(item) && isScalar(item.key) && String(item.key.value) === first,
    )
    if (pair === undefined) return start(node)
    return rest.length === 0 ? start(pair.key) : offset(pair.value, rest)
  }
  const items = (node as { items?: readonly unknown[] } | undefined)?.items
  const item = items?.[Number(first)]
  return item === undefined ? start(node) : offset(item, rest)
}

type Written = t.TypeOf<typeof ofProcess.codec>

function meaningOf(written: Written, folder: string, at: <A>(path: Path, read: () => A) => A): Settings {
  const { addresses = [], advertise = [], controllers = [], rules = [], services = {} } = written
  const { lease, drain, metrics } = written
  const names = new Map<string, string>()
  for (const [i, address] of addresses.entries()) at(['addresses', i], () => parseAddress(address))
  for (const [i, address] of advertise.entries()) at(['advertise', i], () => parseAddress(address))
  for (const [i, address] of controllers.entries()) at(['controllers', i], () => parseDestination(address))
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
function assertUseful(check: string | undefined, controllers: readonly string[]): void {
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
