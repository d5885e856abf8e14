/** Moves over UDP sockets of the system, with data on its way. */
import { describe, expect, test } from 'vitest'
import { connected } from './testing/cuttable.ts'

/** Exchanges pieces until the move has ended. Returns how many there were, and the error of the move. */
async function during(move: Promise<void>, exchange: () => Promise<void>) {
  let isOver = false
  const ended = move.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  )
  void ended.then(() => {
    isOver = true
  })
  let count = 0
  for (; !isOver; count++) await exchange()
  return { count, error: await ended }
}

describe('a connection that carries data', () => {
  test('carries it on during a move to a dead address, which fails with EHOSTUNREACH', async () => {
    await using ends = await connected()
    ends.cut(1)
    const { count, error } = await during(ends.socket.migrate('127.0.0.3'), ends.exchange)
    expect(error?.code).toBe('EHOSTUNREACH')
    // If data waited for the move, its end would release the first exchange.
    expect(count).toBeGreaterThan(3)
    await ends.exchange()
    expect(ends.socket.localAddress).toBe('127.0.0.1')
  })

  test('carries it on while both ends move at once', async () => {
    await using ends = await connected()
    const moves = Promise.all([ends.socket.migrate('127.0.0.3'), ends.accepted.migrate('127.0.0.4')])
    const { error } = await during(
      moves.then(() => {}),
      ends.exchange,
    )
    expect(error).toBeUndefined()
    await ends.exchange()
    expect([ends.socket.localAddress, ends.socket.remoteAddress]).toEqual(['127.0.0.3', '127.0.0.4'])
  })

  test('moves back before its move is proved', async () => {
    await using ends = await connected()
    ends.cut(1)
    const away = ends.socket.migrate('127.0.0.3').catch(error => error.code)
    await ends.exchange()
    await ends.socket.migrate('127.0.0.1')
    expect(await away).toBe('ECANCELED')
    await ends.exchange()
  })
})
