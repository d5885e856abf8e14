/** Lists the registrations of a controller, from anywhere. */
import { AdminError } from '../admin/errors.ts'
import { linesOf } from '../admin/lines.ts'
import { Socket } from '../sockets/socket.ts'
import type { Stack } from '../sockets/stack.ts'
import { PlaneError } from './errors.ts'
import { LISTING_PAGES, REGISTRATIONS_LIMIT } from './limits.ts'
import { ANSWER_LIMIT, CONTROLLER_SERVICE, decodeAnswer, encode, type Listed } from './messages.ts'

/** How long a client waits for a silent controller, ms. */
const DEAD_AFTER_MS = 5000

/**
 * Returns all instances that a controller knows, by service. `via`: the address of a controller, or of a router that
 * leads to one. `onTrouble` receives the registry's fault. Rejects with a SocketError, CONTROLLER_GONE,
 * CONTROLLER_LIMIT.
 */
export async function listInstances(
  stack: Stack,
  via: string,
  onTrouble: (what: string) => void = () => {},
): Promise<Listed[]> {
  const socket = new Socket({ stack, deadAfterMs: DEAD_AFTER_MS })
  const all: Listed[] = []
  try {
    socket.connect({ service: CONTROLLER_SERVICE, via })
    socket.write(encode({ type: 'list', more: false }))
    let pages = 0
    for await (const line of linesOf(socket, ANSWER_LIMIT)) {
      const answer = decodeAnswer(line)
      if (answer.type !== 'listing') continue
      all.push(...answer.instances)
      if (!answer.isMore) {
        if (answer.trouble !== undefined) onTrouble(answer.trouble)
        return all.sort(byService)
      }
      if (++pages >= LISTING_PAGES || all.length > REGISTRATIONS_LIMIT)
        throw new PlaneError('CONTROLLER_LIMIT', `${via} lists more than a controller keeps; ask another`)
      socket.write(encode({ type: 'list', more: true }))
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === 'ETIMEDOUT' && syscall === 'connect')
      throw new PlaneError(
        'CONTROLLER_GONE',
        `nobody answers at ${via}; name a controller that runs, or a router that leads to one`,
      )
    if (!(error instanceof AdminError)) throw error
  } finally {
    socket.destroySoon()
  }
  throw new PlaneError(
    'CONTROLLER_GONE',
    `what answers at ${via} is not a controller, or closed the connection; ask another`,
  )
}

function byService(a: Listed, b: Listed): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1
  return a.address < b.address ? -1 : 1
}
