/** One download over one connection, to a phone that moves from home to the office. */

import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../../checker/text/at.ts'
import { connect, type PathChange } from '../../impl/sockets/index.ts'
import { Timeline } from '../pictures/timeline.ts'
import { type Network, Phone } from './phone.ts'

export const HOME: Network = {
  name: 'home Wi-Fi',
  address: '127.0.0.2',
  megabitsPerSecond: 40,
  delayMs: 5,
}
const STREET: Network = {
  name: 'mobile network',
  address: '127.0.0.3',
  megabitsPerSecond: 12,
  delayMs: 30,
}
export const OFFICE: Network = {
  name: 'office Wi-Fi',
  address: '127.0.0.4',
  megabitsPerSecond: 80,
  delayMs: 2,
}
export const NETWORKS = [HOME, STREET, OFFICE]

export interface Downloaded {
  readonly bytes: number
  readonly sha256: string
  readonly seconds: number
  /** Longest time without a byte: of all, and after each network was lost. */
  readonly longestGapMs: number
  readonly gapsMs: readonly number[]
  readonly paths: readonly PathChange[]
  /** Why the connection broke; empty: it did not. */
  readonly failure: string
  readonly timeline: Timeline
}

/** Downloads `bytes` from `service` at `via`: a third of it in each network. */
export async function download(
  service: string,
  via: string,
  bytes: number,
  outageMs: number,
): Promise<Downloaded> {
  await using phone = new Phone()
  await phone.enter(HOME)
  const timeline = new Timeline(
    NETWORKS.map(({ name }) => name),
    () => performance.now(),
  )
  const hash = createHash('sha256')
  const gapsMs: number[] = []
  const paths: PathChange[] = []
  let [got, lastMs, longestGapMs, network, failure] = [0, 0, 0, HOME, '']

  /** Each is due when another third is there. */
  const walk = [
    async () => {
      await phone.enter(STREET)
      await phone.lose(HOME)
    },
    async () => {
      await phone.lose(STREET)
      // A tunnel: there is no network at all.
      await wait(outageMs)
      await phone.enter(OFFICE)
    },
  ]

  const socket = connect({ service, via, stack: phone.stack })
  socket.on('path', change => {
    paths.push(change)
    network = must(NETWORKS.find(({ address }) => change.local.startsWith(`${address}:`)))
    gapsMs.push(0)
  })
  let walking = Promise.resolve()
  try {
    for await (const piece of socket) {
      const gapMs = timeline.nowMs - lastMs
      lastMs = timeline.nowMs
      longestGapMs = Math.max(longestGapMs, gapMs)
      if (gapsMs.at(-1) === 0) gapsMs[gapsMs.length - 1] = gapMs
      timeline.add(network.name, piece.length)
      hash.update(piece)
      got += piece.length
      const next = got * 3 >= bytes * (3 - walk.length) ? walk.shift() : undefined
      if (next !== undefined) walking = walking.then(next)
    }
  } catch (error) {
    failure = String(error)
  }
  await walking
  const seconds = timeline.nowMs / 1000
  return { bytes: got, sha256: hash.digest('hex'), seconds, longestGapMs, gapsMs, paths, failure, timeline }
}
