/** Mistakes about paths, which show only where a path has a fault of that kind. */

import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Host } from '../../impl/host/host.ts'
import type { Datagram } from '../../impl/link/link.ts'
import { Stream } from '../../impl/transport/stream/stream.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import type { StackDefect } from './defects.ts'

/** T13: this often, a stream hears its peer and gets no answer. */
const MOST_STRIKES = 3
/** T14: no packet is under way for longer, ms, unless it waits in a queue. */
const MOST_AGE_MS = 2000

interface Strikes {
  count: number
  timeouts: number
  heard: number
}

const frame = newFrame()

export const pathDefects: readonly StackDefect[] = [
  {
    id: 'T13',
    sentence: 'A host resets a flow whose peer goes on sending and acknowledges nothing.',
    breaks: ['error', 'orderly', 'progress'],
    shownBy: { hosts: 2, routers: 0, instances: 1, faults: 'one-way' },
    host: host => {
      const poll = host.poll.bind(host)
      const strikes = new Map<Flow, Strikes>()
      host.poll = now => {
        poll(now)
        for (const flow of host.flows()) {
          const { transport } = flow
          if (transport instanceof Stream && strike(strikes, flow, transport)) host.abort(flow, now)
        }
      }
    },
  },
  {
    id: 'T18',
    sentence: 'A flow that gets no answer does not announce where a translator shows it now.',
    breaks: ['error', 'orderly', 'progress'],
    shownBy: { hosts: 2, routers: 0, instances: 1, faults: 'nat' },
    host: keepQuiet,
  },
  {
    id: 'T19',
    sentence: 'A connection ends as soon as one of its flows ends.',
    breaks: ['progress', 'orderly', 'error'],
    shownBy: { hosts: 2, routers: 0, instances: 1, faults: 'mild', flows: true },
    application: application => {
      const gather = application.gather.bind(application)
      application.gather = set => {
        gather(set)
        const onLeave = set.onLeave.bind(set)
        set.onLeave = flow => {
          onLeave(flow)
          if (!set.isSettled) application.station.later(0, () => application.abort())
        }
      }
    },
  },
  {
    id: 'T14',
    sentence:
      'A host takes a packet that was under way for more than two seconds for a replay, and resets its flow.',
    breaks: ['error', 'orderly', 'progress'],
    shownBy: { hosts: 2, routers: 0, instances: 1, faults: 'queues' },
    host: host =>
      withAges(host, ({ bytes }, ageMs, now) => {
        if (ageMs <= MOST_AGE_MS) return true
        const flow =
          decodeFrame(bytes, 0, bytes.length, frame) === 0 ? host.flowById(frame.dstFlow) : undefined
        if (flow?.isLive) host.abort(flow, now)
        return true
      }),
  },
]

/** A flow that announces itself moves from its address to the same. */
function keepQuiet(host: Host): void {
  const migrate = host.migrate.bind(host)
  host.migrate = (flow, address, now) => {
    if (address !== flow.local || flow.isMoving) migrate(flow, address, now)
  }
}

/** Times at which packets left, by the clock of their senders, and by their bytes, which the network does not copy. */
const sentMs = new WeakMap<Uint8Array, number>()

/** The host takes only packets that `keeps` keeps. That gets the time which a packet seems to have been under way, ms. */
export function withAges(
  host: Host,
  keeps: (datagram: Datagram, ageMs: number, now: number) => boolean,
): void {
  const [flush, receive] = [host.flush.bind(host), host.receive.bind(host)]
  host.flush = now => {
    const batch = flush(now)
    for (const { bytes } of batch) sentMs.set(bytes, now)
    return batch
  }
  host.receive = (batch, now) =>
    receive(
      batch.filter(datagram => keeps(datagram, now - (sentMs.get(datagram.bytes) ?? now), now)),
      now,
    )
}

/** Counts the timeouts before each of which the peer was heard. Returns true once there are too many. */
function strike(all: Map<Flow, Strikes>, flow: Flow, { timeouts, statistics }: Stream): boolean {
  const heard = statistics.segmentsReceived
  const past = all.get(flow) ?? { count: 0, timeouts: 0, heard }
  if (timeouts > past.timeouts) {
    if (heard > past.heard) past.count++
    past.heard = heard
  }
  if (timeouts === 0) past.count = 0
  past.timeouts = timeouts
  all.set(flow, past)
  return past.count >= MOST_STRIKES
}
