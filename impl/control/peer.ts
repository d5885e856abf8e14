/** A host that is connected to a controller: its lines, what it has asked for, and what it is still to be told. */
import { once } from 'node:events'
import { ControlError } from '../socket/control/errors.ts'
import { linesOf } from '../socket/control/lines.ts'
import type { Socket } from '../socket/socket.ts'
import { addressOf, type Claimant } from './claims.ts'
import { PlaneError, type RefusalCode } from './errors.ts'
import { ASKED_LIMIT, MISTAKES_LIMIT } from './limits.ts'
import { type Answer, decodeQuestion, encode, QUESTION_LIMIT, type Question } from './messages.ts'

/** What a controller does for those who are connected. */
export interface PeerEvents {
  /** Throws a PlaneError, which the host is told. */
  readonly asked: (peer: Peer, question: Question) => void
  /** What the host is to be told of a service or prefix, by its digits. */
  readonly rules: (peer: Peer, id: string) => Answer
  readonly gone: (peer: Peer) => void
  readonly mistake: () => void
}

/** Characters: more are not kept here while the connection takes no more. */
const WRITTEN_AT_ONCE = 65_536

export class Peer {
  /** Where the host is, as it says, and the number of its network. */
  addresses: readonly string[] = []
  network = -1
  /** Routers want all rules. */
  wantsAll = false
  /** Services that are being started for it. */
  readonly waiting = new Set<string>()
  /** Keys that a listing still has, while it is told page by page. */
  listing: string[] = []
  readonly #socket: Socket
  readonly #events: PeerEvents
  readonly #isOwn: (address: string) => boolean
  /** Services that it has asked for: it is to know of their changes. */
  readonly asked = new Set<string>()
  /** Prefixes whose rules have changed since they were told. */
  readonly #dirty = new Set<string>()
  /** Said when all that was dirty before it was told. */
  readonly #after: Answer[] = []
  #isQueued = false
  #said = ''
  #mistakes = 0

  constructor(socket: Socket, events: PeerEvents, isOwn: (address: string) => boolean) {
    this.#socket = socket
    this.#events = events
    this.#isOwn = isOwn
    socket.on('drain', () => this.#queue())
    socket.on('error', () => {})
  }

  /** Where its packets come from. */
  get address(): string {
    const { remoteAddress = '', remotePort = 0 } = this.#socket
    return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`
  }

  /** Throws CONTROLLER_ADDRESS: the connection is over. */
  get claimant(): Claimant {
    const { address } = this
    return { address: addressOf(address), isOwn: this.#isOwn(address) }
  }

  /** Throws CONTROLLER_LIMIT. */
  ask(id: string): void {
    if (this.asked.size >= ASKED_LIMIT && !this.asked.has(id))
      throw new PlaneError('CONTROLLER_LIMIT', `you have asked for ${ASKED_LIMIT} services; connect anew`)
    this.asked.add(id)
  }

  /** The rules of this service or prefix are to be told, when there is room: the newest ones, once. */
  touch(id: string): void {
    this.#dirty.add(id)
    this.#queue()
  }

  /** All that is said in one turn leaves together. */
  say(answer: Answer): void {
    this.#said += encode(answer)
    this.#queue()
  }

  /** Says it when the rules that are to be told now have been. */
  sayAfter(answer: Answer): void {
    this.#after.push(answer)
    this.#queue()
  }

  /** Answers lines until there are no more. */
  async serve(): Promise<void> {
    const socket = this.#socket
    try {
      for await (const line of linesOf(socket.iterator({ destroyOnReturn: false }), QUESTION_LIMIT)) {
        this.#hear(line)
        if (this.#mistakes > MISTAKES_LIMIT) break
        if (socket.writableNeedDrain) await once(socket, 'drain')
      }
    } catch (error) {
      if (!(error instanceof ControlError)) {
        // The connection has ended before it was over; what else is wrong is a mistake of the controller's own.
        if (!('code' in (error as Error))) throw error
      } else
        this.#refuse(
          new PlaneError(
            'CONTROLLER_LINE',
            `a line is longer than ${QUESTION_LIMIT} characters; send shorter ones`,
          ),
        )
    }
    this.end()
    this.#events.gone(this)
  }

  end(): void {
    this.#flush()
    this.#socket.destroySoon()
  }

  readonly #flush = (): void => {
    this.#isQueued = false
    this.#tell()
    this.#write()
  }

  #write(): void {
    const said = this.#said
    this.#said = ''
    if (said !== '' && this.#socket.writable) this.#socket.write(said)
  }

  #hear(line: string): void {
    try {
      this.#events.asked(this, decodeQuestion(line))
    } catch (error) {
      if (!(error instanceof PlaneError)) throw error
      this.#mistakes++
      this.#refuse(error)
    }
  }

  #refuse({ code, message }: PlaneError): void {
    this.#events.mistake()
    this.say({ type: 'error', code: code satisfies RefusalCode, message })
  }

  #queue(): void {
    if (this.#isQueued) return
    this.#isQueued = true
    setImmediate(this.#flush)
  }

  /** Rules before all that was said meanwhile: new connections wait for them. */
  #tell(): void {
    const socket = this.#socket
    const said = this.#said
    this.#said = ''
    for (const id of this.#dirty) {
      if (!socket.writable || socket.writableNeedDrain) break
      this.#dirty.delete(id)
      this.#said += encode(this.#events.rules(this, id))
      if (this.#said.length > WRITTEN_AT_ONCE) this.#write()
    }
    if (this.#dirty.size === 0) for (const answer of this.#after.splice(0)) this.#said += encode(answer)
    this.#said += said
  }
}
