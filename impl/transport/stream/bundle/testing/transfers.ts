/** Transfers over several flows, in both directions, checked byte by byte. */
import type { Stream } from '../../stream.ts'
import { Reader, Writer } from '../../testing/transfer.ts'
import type { Net } from './net.ts'

/** Both ends write and finish. Returns the duration in ms, until both ends know that everything has arrived. */
export function transfer(
  net: Net,
  client: Stream,
  server: Stream,
  fromClient: number,
  fromServer: number,
  mostMs = 1e7,
): number {
  const startMs = net.nowMs
  const readers = [new Reader(server), new Reader(client)] as const
  new Writer(client, fromClient).go()
  new Writer(server, fromServer).go()
  const isOver = () => [client, server].every(({ finished, peerFinished }) => finished && peerFinished)
  net.run(startMs + mostMs, isOver)
  const got = readers.map(({ count, wrong, hasEnded }) => ({ count, wrong, hasEnded }))
  const wanted = [fromClient, fromServer].map(count => ({ count, wrong: 0, hasEnded: true }))
  if (!isOver() || JSON.stringify(got) !== JSON.stringify(wanted))
    throw new Error(
      `read ${JSON.stringify(got)} after ${net.nowMs - startMs} ms: ${stateOf(client)} ${stateOf(server)}`,
    )
  return net.nowMs - startMs
}

const stateOf = ({ statistics, flows }: Stream): string =>
  JSON.stringify({ statistics, flows: flows.map(({ transport: _, ...rest }) => rest) })

/** Returns the rate of `bytes` in `ms`, in Mb/s. */
export const rateOf = (bytes: number, ms: number): number => (bytes * 8) / ms / 1000
