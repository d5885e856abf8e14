/** A mistake about messages of connections with several flows. */
import { DatagramTransport } from '../../impl/transport/datagram.ts'
import { decodeDatagram, newDatagramHeader } from '../../spec/wire/datagram.ts'
import type { StackDefect } from './defects.ts'

const header = newDatagramHeader()

export const datagramDefects: readonly StackDefect[] = [
  {
    id: 'T20',
    sentence: 'A connection delivers a message again whose copy arrives in another flow.',
    breaks: ['bytes'],
    shownBy: { hosts: 2, routers: 0, instances: 1, flows: true },
    transport: whole => {
      if (!(whole instanceof DatagramTransport)) return
      const join = whole.join.bind(whole)
      whole.join = (...options) => {
        const joined = join(...options)
        const receive = joined.receive.bind(joined)
        joined.receive = (bytes, start, end, now) => {
          const { repeated } = whole.statistics
          receive(bytes, start, end, now)
          if (whole.statistics.repeated === repeated || decodeDatagram(bytes, start, end, header) !== 0)
            return
          whole.deliver(bytes.subarray(header.payload, header.end))
        }
        return joined
      }
    },
  },
]
