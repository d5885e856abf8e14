/** What a router sends on, beside a relay of bare `dgram`: each a process of its own, by turns. */

import { type ChildProcess, fork } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { must } from '../checker/text/at.ts'
import { Host } from '../impl/host/host.ts'
import { encodeUnconnected } from '../impl/host/paths/unconnected.ts'
import { seededRandom } from '../impl/host/random/random.ts'
import { serviceIdOf } from '../impl/host/services/serviceId.ts'
import { parseAddress } from '../impl/link/address.ts'
import { newStream } from '../impl/sockets/transports.ts'
import type { Order } from './router/relay.ts'
import { median, medianRatio, table } from './table.ts'

const PACKETS = 20_000
const ROUNDS = 9
/** On the way at once: fits into the buffers that a socket has without asking for larger ones. */
const WINDOW = 64
const STALLED_MS = 30_000
const MESSAGE_BYTES = 1200

const CLIENT = '127.0.0.1'
const RELAY = '127.0.0.2'
const SINK = '127.0.0.3'
const SERVICE = serviceIdOf('acme/echo')

type Kind = Order['as']

interface Cost {
  readonly wallUs: number
  /** Of the relay's process alone. */
  readonly cpuUs: number
}

interface Relay {
  readonly child: ChildProcess
  readonly port: number
}

async function bound(host: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 2 ** 20 })
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

async function ask<T>(child: ChildProcess, what: Order | 'cpu'): Promise<T> {
  child.send(what)
  return (await once(child, 'message'))[0]
}

async function start(as: Kind, sink: Socket): Promise<Relay> {
  const child = fork(new URL('./router/relay.ts', import.meta.url))
  const port = await ask<number>(child, { as, host: RELAY, sink: { host: SINK, port: sink.address().port } })
  return { child, port }
}

/** The first packet of a stream, as it comes from a client. */
function synTo(port: number, from: number): Uint8Array {
  const host = new Host({ random: seededRandom(1), packetBytes: 1452 })
  host.setAddresses([parseAddress(`${CLIENT}:${from}`)])
  const transport = newStream(seededRandom(2), 1452, false)
  host.connect({ service: SERVICE, transport, via: parseAddress(`${RELAY}:${port}`) }, 0)
  return must(host.flush(0)[0]).bytes
}

function messageTo(port: number, from: number): Uint8Array {
  const [here, there] = [parseAddress(`${CLIENT}:${from}`), parseAddress(`${RELAY}:${port}`)]
  const message = new Uint8Array(MESSAGE_BYTES)
  return encodeUnconnected({ from: here, to: there, service: SERVICE, source: SERVICE, message }).bytes
}

async function round(relay: Relay, client: Socket, sink: Socket, bytes: Uint8Array): Promise<Cost> {
  const done = Promise.withResolvers<void>()
  let sent = 0
  let got = 0
  const refill = (): void => {
    for (; sent < PACKETS && sent - got < WINDOW; sent++) client.send(bytes, relay.port, RELAY)
  }
  sink.on('message', () => {
    if (++got === PACKETS) done.resolve()
    else if (sent - got <= WINDOW / 2) refill()
  })
  const stalled = setTimeout(() => done.reject(new Error('a packet was lost on loopback')), STALLED_MS)
  const before = await ask<number>(relay.child, 'cpu')
  const began = performance.now()
  refill()
  await done.promise
  const wallUs = ((performance.now() - began) * 1000) / PACKETS
  const cpuUs = ((await ask<number>(relay.child, 'cpu')) - before) / PACKETS
  clearTimeout(stalled)
  sink.removeAllListeners('message')
  return { wallUs, cpuUs }
}

async function compare(
  title: string,
  make: (port: number, from: number) => Uint8Array,
  relays: Readonly<Record<Kind, Relay>>,
  client: Socket,
  sink: Socket,
): Promise<string[][]> {
  const costs: Readonly<Record<Kind, Cost[]>> = { bare: [], router: [] }
  const kinds: readonly Kind[] = ['bare', 'router']
  // The first round of each warms up. Who goes first changes, so that neither always follows the other.
  for (let i = -1; i < ROUNDS; i++)
    for (const kind of i % 2 === 0 ? kinds : kinds.toReversed()) {
      const relay = relays[kind]
      const cost = await round(relay, client, sink, make(relay.port, client.address().port))
      if (i >= 0) costs[kind].push(cost)
    }
  const of = (kind: Kind, key: keyof Cost): number[] => costs[kind].map(cost => cost[key])
  return kinds.map(kind => [
    `${title}, ${kind === 'bare' ? 'relay of bare dgram' : 'router'}`,
    `${(1e3 / median(of(kind, 'cpuUs'))).toFixed(0)} k/s`,
    medianRatio(of('bare', 'cpuUs'), of(kind, 'cpuUs')).toFixed(2),
    `${(1e3 / median(of(kind, 'wallUs'))).toFixed(0)} k/s`,
    medianRatio(of('bare', 'wallUs'), of(kind, 'wallUs')).toFixed(2),
  ])
}

export async function compareRouter(): Promise<string> {
  const [client, sink] = [await bound(CLIENT), await bound(SINK)]
  const relays = { bare: await start('bare', sink), router: await start('router', sink) }
  try {
    const rows = [
      ['PACKETS', 'IN A SECOND OF ITS CPU', 'OF BARE', 'IN A SECOND', 'OF BARE'],
      ...(await compare('SYN', synTo, relays, client, sink)),
      ...(await compare(`datagram of ${MESSAGE_BYTES} bytes`, messageTo, relays, client, sink)),
    ]
    return `a router beside a relay of bare dgram, each in a process of its own (of bare: more is better)\n${table(rows)}`
  } finally {
    for (const { child } of Object.values(relays)) child.disconnect()
    client.close()
    sink.close()
  }
}
