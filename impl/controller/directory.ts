/** Lists the registrations of a controller, from anywhere. */
import { once } from 'node:events'
import { AdminError } from '../admin/errors.ts'
import { linesOf } from '../admin/lines.ts'
import { Socket } from '../sockets/socket.ts'
import type { Stack } from '../sockets/stack.ts'
import { controllerAt } from './controllerAt.ts'
import { CONTROLLER_ERRORS, PlaneError, type RefusalCode } from './errors.ts'
import { LISTING_PAGES, REGISTRATIONS_LIMIT } from './limits.ts'
import {
  ANSWER_LIMIT,
  CONTROLLER_SERVICE,
  decodeAnswer,
  encode,
  type Listed,
  type Summary,
} from './messages.ts'
import { secured } from './secure.ts'

/** How long a client waits for a silent controller, ms. It probes one that has taken the question and does not answer. */
const DEAD_AFTER_MS = 5000
const SILENT_MS = 1000

/** The instances that a controller knows, and its own state. */
export interface Directory {
  readonly instances: readonly Listed[]
  /** The fault of its registry; empty if there is none. */
  readonly trouble: string
  /** Undefined from an older controller. */
  readonly summary: Summary | undefined
}

/**
 * Returns all instances that a controller knows, by service. `via`: a controller, or a router that leads to one, as in
 * `controllerAt`. `onTrouble` receives the registry's fault. Rejects with a SocketError, CONTROLLER_GONE,
 * CONTROLLER_LIMIT.
 */
export async function listInstances(
  stack: Stack,
  via: string,
  onTrouble: (what: string) => void = () => {},
): Promise<Listed[]> {
  const { instances, trouble } = await readDirectory(stack, via)
  if (trouble !== '') onTrouble(trouble)
  return [...instances]
}

/** Returns the same with the controller's summary. Rejects with the same. */
export async function readDirectory(stack: Stack, at: string): Promise<Directory> {
  const controller = controllerAt(at)
  const { via, token } = controller
  const socket = new Socket({
    ...{ stack, deadAfterMs: DEAD_AFTER_MS },
    ...{ keepAlive: true, keepAliveInitialDelay: SILENT_MS },
  })
  // What reads from it reports an error. Another may follow when nothing reads any more.
  socket.on('error', () => {})
  const all: Listed[] = []
  try {
    socket.connect({ service: CONTROLLER_SERVICE, via })
    await once(socket, 'connect')
    const stream = await secured(socket, controller)
    if (token !== undefined) stream.write(encode({ type: 'hello', addresses: [], rules: 'asked', token }))
    stream.write(encode({ type: 'list', more: false, summary: true }))
    let pages = 0
    for await (const line of linesOf(stream, ANSWER_LIMIT)) {
      const answer = decodeAnswer(line)
      if (answer.type === 'error' && Object.hasOwn(CONTROLLER_ERRORS, answer.code))
        throw new PlaneError(answer.code as RefusalCode, answer.message.replace(`${answer.code}: `, ''))
      if (answer.type !== 'listing') continue
      all.push(...answer.instances)
      if (!answer.isMore) {
        const { trouble = '', summary } = answer
        return { instances: all.sort(byService), trouble, summary }
      }
      if (++pages >= LISTING_PAGES || all.length > REGISTRATIONS_LIMIT)
        throw new PlaneError('CONTROLLER_LIMIT', `${via} lists more than a controller keeps; ask another`)
      stream.write(encode({ type: 'list', more: true, summary: true }))
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

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Orders instances by service, then by address, then by number. */
const byService = (a: Listed, b: Listed): number =>
  byText(a.service, b.service) || byText(a.address, b.address) || (a.number ?? 0) - (b.number ?? 0)
