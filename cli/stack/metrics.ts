/** Numbers of a running command for a monitoring system, and whether it is healthy, by HTTP. */
import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { Option } from 'commander'
import type { Registry as AnyRegistry, RegistryContentType } from 'prom-client'
import type { Controller } from '../../impl/controller/index.ts'
import { DROP_CAUSES } from '../../impl/sockets/channels.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import { say } from './say.ts'
import { printEndpoint, tcpEndpointOf } from './tcpEndpoint.ts'

export const metricsOption = (): Option =>
  new Option('--metrics <HOST:PORT>', 'serve counters and health by HTTP')

/** Monitoring systems keep a few connections. More than this are refused. */
const CONNECTIONS_LIMIT = 32
const REQUEST_MS = 5000

type Registry = AnyRegistry<RegistryContentType>
type Prometheus = typeof import('prom-client')

/** What one number is at the moment. */
interface Reading {
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  /** One value, or one for each cause. */
  readonly read: () => number | Readonly<Record<string, number>>
}

/**
 * Serves at `where`, if given, until the stack closes. A controller is unhealthy while its registry does not answer or store.
 * Rejects with CLI_ENDPOINT, and the system's errors.
 */
export async function serveMetrics(
  where: string | undefined,
  stack: Stack,
  controller?: Controller,
): Promise<void> {
  if (where === undefined) return
  const { host, port } = tcpEndpointOf(where)
  // Few commands serve numbers, and loading both takes as long as the rest of a command's start.
  const [prometheus, { createServer }] = await Promise.all([import('prom-client'), import('node:http')])
  const registry: Registry = new prometheus.Registry()
  registry.setContentType(prometheus.Registry.OPENMETRICS_CONTENT_TYPE)
  const readings = [...ofStack(stack), ...(controller === undefined ? [] : ofController(controller))]
  for (const reading of readings) expose(reading, prometheus, registry)
  const trouble = (): string => controller?.ledger.health.trouble ?? ''
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        answer(response, 405, 'only GET is served here\n')
      else if (request.url === '/health')
        answer(response, trouble() === '' ? 200 : 503, `${trouble() || 'ok'}\n`)
      else if (request.url === '/metrics')
        registry.metrics().then(
          text => answer(response, 200, text, registry.contentType),
          () => answer(response, 500, 'the counters cannot be read\n'),
        )
      else answer(response, 404, 'there are /metrics and /health\n')
    },
  )
  server.maxConnections = CONNECTIONS_LIMIT
  server.listen(port, host).unref()
  await once(server, 'listening')
  say(`metrics at http://${endOf(server)}/metrics, health at /health`)
  const closeWithStack = (): void => {
    server.close()
    server.closeAllConnections()
  }
  stack.users.add({ closeWithStack })
}

function endOf(server: Server): string {
  const { address, port } = server.address() as { address: string; port: number }
  return printEndpoint({ host: address, port })
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(text)
}

/** Registers a reading: its value is read when the numbers are asked for. */
function expose(
  { name, help, kind, read }: Reading,
  { Counter, Gauge }: Prometheus,
  registry: Registry,
): void {
  const isByCause = typeof read() === 'object'
  const about = { name, help, registers: [registry], labelNames: isByCause ? ['cause'] : [] }
  const metric = kind === 'counter' ? new Counter({ ...about, collect }) : new Gauge({ ...about, collect })
  function collect(): void {
    const value = read()
    metric.reset()
    if (typeof value === 'number') metric.inc(value)
    else for (const [cause, count] of Object.entries(value)) metric.inc({ cause }, count)
  }
}

function ofStack({ host }: Stack): Reading[] {
  const { counters } = host
  const counted = (name: keyof typeof counters, help: string): Reading => ({
    ...{ name: `serval_packets_${name}_total`, help, kind: 'counter', read: () => counters[name] },
  })
  return [
    counted('received', 'Packets received.'),
    counted('sent', 'Packets sent.'),
    counted('forwarded', 'First packets of flows, and datagrams, sent on by a rule.'),
    counted('relayed', 'Packets of moves relayed as a rendezvous.'),
    counted('repeated', 'Control packets sent again.'),
    {
      ...{ name: 'serval_packets_dropped_total', help: 'Packets dropped, by cause.', kind: 'counter' },
      read: () => Object.fromEntries(DROP_CAUSES.map(cause => [cause, counters[cause]])),
    },
    { name: 'serval_flows', help: 'Open flows.', kind: 'gauge', read: () => host.flowCount },
    {
      ...{ name: 'serval_packets_waiting', help: 'First packets that wait for a controller.', kind: 'gauge' },
      read: () => host.delays.size,
    },
  ]
}

function ofController(controller: Controller): Reading[] {
  const { ledger, counters } = controller
  const { registrations, standing, health } = ledger
  return [
    {
      name: 'serval_controller_hosts',
      help: 'Connected hosts.',
      kind: 'gauge',
      read: () => controller.peers,
    },
    {
      ...{ name: 'serval_controller_instances', help: 'Registered instances.', kind: 'gauge' },
      read: () => registrations.current,
    },
    {
      ...{ name: 'serval_controller_out', kind: 'gauge' },
      help: 'Instances that operators have evicted, and those whose own checks fail.',
      read: () => ({ evicted: registrations.known.evicted, failing: registrations.known.failing }),
    },
    { name: 'serval_controller_rules', help: "Operators' rules.", kind: 'gauge', read: () => standing.size },
    {
      ...{
        name: 'serval_controller_registry_up',
        help: '1 while the registry answers and stores.',
        kind: 'gauge',
      },
      read: () => (health.trouble === '' ? 1 : 0),
    },
    {
      ...{ name: 'serval_controller_questions_total', help: 'Lines of hosts answered.', kind: 'counter' },
      read: () => counters.questions,
    },
    {
      ...{ name: 'serval_controller_events_total', help: 'Unusual events, by cause.', kind: 'counter' },
      read: () => controller.events,
    },
  ]
}
