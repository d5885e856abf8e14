/** A host that is connected to a controller: its lines, what it has asked for, and what it is still to be told. */

import { type Source, sourceOf } from '../link/source.ts'
import { ControlError } from '../socket/control/errors.ts'
import { drained, linesOf } from '../socket/control/lines.ts'
import { Faults } from '../socket/faults.ts'
import type { Socket } from '../socket/socket.ts'
import { addressOf, type Claimant } from './claims.ts'
import { PlaneError, type RefusalCode } from './errors.ts'
import { MISTAKES_LIMIT } from './limits.ts'
import {
  type Answer,
  decodeQuestion,
  encode,
  type Listed,
  QUESTION_LIMIT,
  type Question,
  type RulesAnswer,
} from './messages.ts'

/** What a controller does for those who are connected. */
export interface PeerEvents {
  /** Resolves when there is room for the work that a question makes. */
  readonly turn: (question: Question) => Promise<void>
  /** Throws a PlaneError, which the host is told. */
  readonly asked: (peer: Peer, question: Question) => void
  /** What the host is to be told of a service or prefix, by its digits. */
  readonly rules: (peer: Peer, id: string) => RulesAnswer
  readonly gone: (peer: Peer) => void
  readonly mistake: () => void
  readonly now: () => number
}

/** Of all connections to controllers in this process. */
export const peerFaults = new Faults()

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
  /** What a listing still has, while it is told page by page. */
  listing: Iterator<Listed | undefined> | undefined
  /** Its address, or IPv6 network, when it connected. */
  readonly source: Source
  /** When it last said a valid line, or connected. */
  heardMs: number
  hasGreeted = false
  readonly #socket: Socket
  readonly #events: PeerEvents
  readonly #isOwn: (address: string) => boolean
  /** Services that it has asked for, the last one last: it is to know of their changes. */
  readonly asked = new Set<string>()
  /** Those of them that the host was told targets of. */
  readonly led = new Set<string>()
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
    this.source = sourceOf(addressOf(this.address))
    this.heardMs = events.now()
    socket.on('drain', () => this.#queue())
    socket.on('error', () => {})
    socket.once('close', () => events.gone(this))
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

  /** It has asked for the service, once more or for the first time. */
  ask(id: string): void {
    this.asked.delete(id)
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
        await this.#hear(line)
        if (this.#mistakes > MISTAKES_LIMIT || socket.destroyed) break
        await drained(socket)
      }
    } catch (error) {
      this.#fail(error)
    }
    this.end()
  }

  end(): void {
    this.#flush()
    this.#socket.destroySoon()
  }

  /** Ends the connection at once, in favour of another. */
  evict(): void {
    this.#socket.resetAndDestroy()
  }

  /** Reading has ended before the connection was over. A cause without a code is a mistake of the program. */
  #fail(error: unknown): void {
    if (error instanceof ControlError)
      this.#refuse(
        new PlaneError(
          'CONTROLLER_LINE',
          `a line is longer than ${QUESTION_LIMIT} characters; send shorter ones`,
        ),
      )
    else if (!(error instanceof Error && 'code' in error)) peerFaults.note('a connection of a host', error)
  }

  readonly #flush = (): void => {
    this.#isQueued = false
    try {
      this.#tell()
      this.#write()
    } catch (error) {
      peerFaults.note('an answer to a host', error)
      this.evict()
    }
  }

  #write(): void {
    const said = this.#said
    this.#said = ''
    if (said !== '' && this.#socket.writable) this.#socket.write(said)
  }

  async #hear(line: string): Promise<void> {
    try {
      const question = decodeQuestion(line)
      await this.#events.turn(question)
      this.heardMs = this.#events.now()
      this.hasGreeted = true
      this.#events.asked(this, question)
    } catch (error) {
      if (error instanceof PlaneError) {
        this.#mistakes++
        this.#refuse(error)
      } else {
        peerFaults.note('a line of a host', error)
        this.evict()
      }
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
      const rules = this.#events.rules(this, id)
      if (rules.targets.length === 0) this.led.delete(id)
      else if (this.asked.has(id)) this.led.add(id)
      this.#said += encode(rules)
      if (this.#said.length > WRITTEN_AT_ONCE) this.#write()
    }
    if (this.#dirty.size === 0) for (const answer of this.#after.splice(0)) this.#said += encode(answer)
    this.#said += said
  }
}
