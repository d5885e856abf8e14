/**
 * Serval's relays (`serval connect --tcp` and `serval listen --tcp`) by turns with a relay of plain TCP that also has two
 * hops. Each hop of both is a process of its own, and so is the server behind them.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { join } from 'node:path'
import { startRedis } from '../impl/byName/testing/servers.ts'
import { freePort } from '../impl/link/testing/freePort.ts'
import type { Ports } from './relay/backend.ts'
import { BULK_BYTES } from './relay/bulk.ts'
import { type TcpRelay, throughServal, throughTcp } from './relay/relays.ts'
import { echo, setUps } from './sockets/small.ts'
import { median, medianRatio, table } from './table.ts'

const WARM_ROUNDS = 4
const ROUNDS = 9
const REQUESTS = 600
const COMMANDS = 1000
const MIB = 2 ** 20

const dial = (port: number): net.Socket =>
  net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })

/** Mebibytes each second. */
async function download(port: number): Promise<number> {
  const since = performance.now()
  const socket = dial(port)
  let bytes = 0
  socket.on('data', piece => {
    bytes += piece.length
  })
  await once(socket, 'end')
  const seconds = (performance.now() - since) / 1000
  if (bytes !== BULK_BYTES) throw new Error(`${bytes} bytes instead of ${BULK_BYTES}`)
  socket.end()
  return bytes / MIB / seconds
}

/** Requests each second, one after the other on one connection. */
async function keptAlive(port: number): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const since = performance.now()
  for (let i = 0; i < REQUESTS; i++) {
    const [response] = await once(http.get({ port, host: '127.0.0.1', agent }), 'response')
    await once(response.resume(), 'end')
  }
  agent.destroy()
  return REQUESTS / ((performance.now() - since) / 1000)
}

/** The median time of a command of Redis there and back, microseconds. */
async function commands(port: number): Promise<number> {
  const socket = dial(port)
  await once(socket, 'connect')
  const times: number[] = []
  for (let i = 0; i < COMMANDS; i++) {
    const since = performance.now()
    socket.write('*1\r\n$4\r\nPING\r\n')
    await once(socket, 'data')
    times.push((performance.now() - since) * 1000)
  }
  socket.destroy()
  return median(times)
}

interface Work {
  readonly name: string
  readonly unit: string
  readonly want: string
  readonly to: number
  readonly run: (port: number) => Promise<number>
}

/** Runs one piece of work through both relays in turn. Returns a row of the table. */
async function compare({ name, unit, want, to, run }: Work): Promise<readonly string[]> {
  const relays: readonly TcpRelay[] = [
    await throughServal(to, name.replaceAll(/[^a-z]+/g, '-')),
    await throughTcp(to),
  ]
  const figures: [number[], number[]] = [[], []]
  const cpu: [number[], number[]] = [[], []]
  try {
    for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++)
      for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const relay = relays[side] as TcpRelay
        const before = relay.cpuUs()
        figures[side].push(await run(relay.port))
        cpu[side].push(Math.max(1, relay.cpuUs() - before))
      }
  } finally {
    for (const relay of relays) relay.end()
  }
  const steady = (values: readonly number[]) => values.slice(WARM_ROUNDS)
  const show = (values: readonly number[]) => `${median(steady(values)).toFixed(0)} ${unit}`
  return [
    ...[name, show(figures[0]), show(figures[1])],
    ...[medianRatio(steady(figures[0]), steady(figures[1])).toFixed(2), want],
    medianRatio(steady(cpu[0]), steady(cpu[1])).toFixed(2),
  ]
}

export async function compareRelay(): Promise<string> {
  const backend = fork(join(import.meta.dirname, 'relay/backend.ts'))
  const [ports] = (await once(backend, 'message')) as [Ports]
  await using redis = await startRedis('redis-server', await freePort())
  const works: readonly Work[] = [
    {
      name: `${BULK_BYTES / MIB} MiB downloaded`,
      unit: 'MiB/s',
      want: '>= 0.50',
      to: ports.bulk,
      run: download,
    },
    {
      name: 'connected and ended',
      unit: '/s',
      want: '>= 0.80',
      to: ports.echo,
      run: port => setUps(() => dial(port)),
    },
    { name: 'kept-alive requests', unit: '/s', want: '>= 0.80', to: ports.web, run: keptAlive },
    {
      name: '64 bytes there and back, p50',
      unit: 'us',
      want: '',
      to: ports.echo,
      run: port => echo(dial(port)),
    },
    { name: 'redis there and back, p50', unit: 'us', want: '<= 2.00', to: redis.port, run: commands },
  ]
  const rows: (readonly string[])[] = [['relay', 'serval', 'two hops of TCP', 'ratio', 'target', 'CPU']]
  try {
    for (const work of works) rows.push(await compare(work))
  } finally {
    backend.kill()
  }
  return table(rows)
}
