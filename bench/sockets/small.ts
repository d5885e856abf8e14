/** Small messages there and back, and connections that are made and ended at once. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { median } from '../table.ts'

const ECHOES = 2000
const MESSAGE = Buffer.alloc(64)
const SETUPS = 600
const AT_ONCE = 16

interface Dialled extends Duplex {
  setNoDelay(): unknown
}

/** The median time there and back, microseconds. */
export async function echo(socket: Dialled): Promise<number> {
  await once(socket, 'connect')
  socket.setNoDelay()
  const times: number[] = []
  const done = Promise.withResolvers<void>()
  let since = performance.now()
  socket.on('data', () => {
    times.push((performance.now() - since) * 1000)
    if (times.length === ECHOES) done.resolve()
    else {
      since = performance.now()
      socket.write(MESSAGE)
    }
  })
  socket.write(MESSAGE)
  await done.promise
  socket.destroy()
  await once(socket, 'close')
  return median(times)
}

/** So many at once, each when one before is done. How many in a second. */
async function eachSecond(one: () => Promise<unknown>): Promise<number> {
  let left = SETUPS
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  const since = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return SETUPS / ((performance.now() - since) / 1000)
}

async function end(socket: Duplex): Promise<void> {
  socket.resume().end()
  await once(socket, 'close')
}

/** Connections each second: connected, ended, and the peer's end heard. */
export const setUps = (dial: () => Duplex): Promise<number> =>
  eachSecond(async () => {
    const socket = dial()
    await once(socket, 'connect')
    await end(socket)
  })

/** Connections that stay until they are ended together. */
export class Held {
  readonly #sockets: Duplex[] = []

  /** Connections each second. */
  connect(dial: () => Duplex): Promise<number> {
    return eachSecond(async () => {
      const socket = dial()
      await once(socket, 'connect')
      this.#sockets.push(socket)
    })
  }

  async end(): Promise<void> {
    await Promise.all(this.#sockets.splice(0).map(end))
  }
}
