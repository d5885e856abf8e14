/** Sockets that an application reads by iteration, as both ends see them. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type AnySocket, closed, type Fixture, type Options, recordEnds } from './fixtures.ts'

type Reader = (socket: AnySocket) => Promise<unknown>

/** Returns the text that iterating yields, or the error's code. `act` gets the socket during the read. */
async function iterate(socket: AnySocket, iterable: AsyncIterable<unknown>, act?: (chunk: string) => void) {
  let all = ''
  try {
    for await (const chunk of iterable) {
      all += chunk
      act?.(`${chunk}`)
    }
  } catch (error) {
    return [all, (error as { code: string }).code]
  }
  return [all, socket.writable]
}

const readers: Readonly<Record<string, Reader>> = {
  'for await': socket => iterate(socket, socket),
  'an iterator': socket => iterate(socket, socket.iterator()),
  'an iterator that leaves the socket open': async socket => {
    const seen = await iterate(socket, socket.iterator({ destroyOnReturn: false }))
    socket.destroy()
    return seen
  },
  text,
  toArray: async socket => `${await socket.toArray()}`,
  'a pipeline to a function': async socket => {
    const read: unknown[] = []
    await pipeline(socket, async source => void read.push(await iterate(socket, source)))
    return read
  },
  'for await after the end': async socket => {
    await once(socket.resume(), 'end')
    return iterate(socket, socket)
  },
  'for await that answers': async socket => iterate(socket, socket, chunk => socket.write(chunk)),
  'for await that breaks off': async socket => {
    for await (const chunk of socket) return `${chunk}`
    return undefined
  },
}

/** Both ends of a connection. `read` reads what the other end sends before it ends. */
const scenario =
  (read: Reader, options: Options) =>
  async (fixture: Fixture): Promise<unknown> => {
    const server = Promise.withResolvers<string>()
    await fixture.serve(
      async socket => {
        socket.end('hello')
        let heard = ''
        socket.on('error', error => server.resolve((error as NodeJS.ErrnoException).code ?? error.name))
        socket.on('data', chunk => {
          heard += chunk
        })
        socket.on('end', () => server.resolve(heard))
      },
      { allowHalfOpen: true },
    )
    const socket = fixture.dial(options)
    const log = recordEnds(socket)
    const result = await read(socket)
    socket.end()
    await closed(socket)
    return [result, log, await server.promise]
  }

export const iterations: Readonly<Record<string, (fixture: Fixture) => Promise<unknown>>> =
  Object.fromEntries(
    Object.entries(readers).flatMap(([name, read]) =>
      [false, true].map(allowHalfOpen => [
        `${name}${allowHalfOpen ? ', half open' : ''}`,
        scenario(read, { allowHalfOpen }),
      ]),
    ),
  )
