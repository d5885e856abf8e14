/** What the UDP link costs: a blast of datagrams on loopback through it, and through bare `dgram`, by turns. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Address, parseAddress } from '../impl/link/address.ts'
import type { Datagram } from '../impl/link/link.ts'
import { openUdp } from '../impl/link/udp.ts'
import { median, medianRatio, table } from './table.ts'

/** A round is long enough for its start not to matter, and short enough for the machine's load to be that of the next. */
const DATAGRAMS = 40_000
const ROUNDS = 15
const BYTES = 1400
/** On the way at once: fits into the buffer that a socket has without asking for a larger one. */
const WINDOW = 64
/** When so few are on the way, more are sent. */
const REFILL = WINDOW / 2

const HOST = '127.0.0.1'
const STALLED_MS = 30_000

/** One round's cost a datagram, sent and received, in microseconds. */
interface Cost {
  readonly wallUs: number
  readonly cpuUs: number
}

/** `send` sends that many; `arrived` is to be called with how many came. */
type Blast = (
  arrived: (count: number) => void,
) => Promise<{ send: (count: number) => void; close: () => Promise<void> }>

async function round(blast: Blast): Promise<Cost> {
  let sent = 0
  let got = 0
  const done = Promise.withResolvers<void>()
  const { send, close } = await blast(count => {
    got += count
    if (got >= DATAGRAMS) done.resolve()
    else if (sent - got <= REFILL) refill()
  })
  const refill = (): void => {
    const count = Math.min(WINDOW - (sent - got), DATAGRAMS - sent)
    sent += count
    send(count)
  }
  const stalled = setTimeout(() => done.reject(new Error('a datagram was lost on loopback')), STALLED_MS)
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  refill()
  await done.promise
  const { user, system } = process.cpuUsage(cpu)
  const cost = { wallUs: ((performance.now() - wall) * 1000) / DATAGRAMS, cpuUs: (user + system) / DATAGRAMS }
  clearTimeout(stalled)
  await close()
  return cost
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, HOST)
  await once(socket, 'listening')
  return socket
}

const bare: Blast = async arrived => {
  const [from, to] = [await bound(), await bound()]
  const { port } = to.address()
  const bytes = new Uint8Array(BYTES)
  to.on('message', () => arrived(1))
  return {
    send: count => {
      for (let i = 0; i < count; i++) from.send(bytes, port, HOST)
    },
    close: async () => {
      from.close()
      to.close()
      await Promise.all([once(from, 'close'), once(to, 'close')])
    },
  }
}

const throughLink: Blast = async arrived => {
  const any = parseAddress(`${HOST}:0`)
  const [sender, receiver] = [await openUdp({ addresses: [any] }), await openUdp({ addresses: [any] })]
  const [[from], [to]] = [sender.addresses() as [Address], receiver.addresses() as [Address]]
  const bytes = new Uint8Array(BYTES)
  receiver.receive(batch => arrived(batch.length))
  return {
    send: count => {
      const batch: Datagram[] = []
      for (let i = 0; i < count; i++) batch.push({ from, to, bytes })
      sender.send(batch)
    },
    close: async () => {
      await Promise.all([sender.close(), receiver.close()])
    },
  }
}

export async function compareLink(): Promise<string> {
  const costs: Readonly<Record<'bare' | 'link', Cost[]>> = { bare: [], link: [] }
  // The first round of each warms up.
  for (let i = -1; i < ROUNDS; i++) {
    // Who goes first changes, so that neither always follows the other.
    const order = [['bare', bare] as const, ['link', throughLink] as const]
    for (const [name, blast] of i % 2 === 0 ? order : order.toReversed()) {
      const cost = await round(blast)
      if (i >= 0) costs[name].push(cost)
    }
  }
  const row = (title: string, list: readonly Cost[]): string[] => {
    const [wall, cpu] = [list.map(({ wallUs }) => wallUs), list.map(({ cpuUs }) => cpuUs)]
    const ratio = (key: keyof Cost) =>
      medianRatio(
        costs.bare.map(cost => cost[key]),
        list.map(cost => cost[key]),
      ).toFixed(2)
    return [
      title,
      `${(1e3 / median(wall)).toFixed(0)} k/s`,
      ratio('wallUs'),
      `${median(cpu).toFixed(2)} us`,
      ratio('cpuUs'),
    ]
  }
  const rows = [
    [`${BYTES} bytes, ${WINDOW} on the way`, 'DATAGRAMS', 'OF BARE', 'CPU EACH', 'OF BARE'],
    row('bare dgram', costs.bare),
    row('UDP link', costs.link),
  ]
  return `the UDP link beside bare dgram, sending and receiving in one process (of bare: more is better)\n${table(rows)}`
}
