/** Splits a stream into lines of limited length. */

import type { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { must } from '../../checker/text/at.ts'
import { AdminError } from './errors.ts'

/** A text that is joined from single letters takes 32 bytes for each, until it is copied. */
const JOINED_AT_MOST = 256

/**
 * Yields the lines of `chunks` without their ends; drops an unfinished last line. Reads nothing while the caller
 * processes a line. Throws ADMIN_LINE.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let begun = ''
  let joined = 0
  for await (const chunk of chunks) {
    const pieces = decoder.write(chunk as Buffer).split('\n')
    pieces[0] = begun + pieces[0]
    begun = must(pieces.pop())
    if (++joined % JOINED_AT_MOST === 0) begun = Buffer.from(begun).toString()
    for (const line of [...pieces, begun])
      if (line.length > limit)
        throw new AdminError('ADMIN_LINE', `a line is longer than ${limit} characters; send shorter ones`)
    yield* pieces
  }
}

/** Resolves when the stream accepts more, or is closed. */
export function drained(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    if (stream.destroyed || !stream.writableNeedDrain) resolve()
    else stream.on('drain', done).on('close', done)
  })
}
