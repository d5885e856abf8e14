/** A host that is connected to a controller: its lines, what it has asked for, and what it is still to be told. */

import { AdminError } from '../admin/errors.ts'
import { drained, linesOf } from '../admin/lines.ts'
import { type Source, sourceOf } from '../link/source.ts'
import { Faults } from '../sockets/faults.ts'
import type { Socket } from '../sockets/socket.ts'
import { addressOf, type Claimant } from './claims.ts'
import { costOfRules } from './cost.ts'
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
  /** Tells hosts of changes in a later turn, as much as a turn has room for. `tell` returns the work that it was. */
  readonly later: (tell: () => number) => void
  readonly gone: (peer: Peer) => void
  readonly mistake: () => void
  readonly now: () => number
}

/** Of all connections to controllers in this process. */
export const peerFaults = new Faults()

/** Work of telling rules, after which others have their turn: some hundreds of targets, written together. */
const TOLD_AT_ONCE = 16

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
  #isTelling = false
  #isWriting = false
  #said = ''
  #mistakes = 0

  constructor(socket: Socket, events: PeerEvents, isOwn: (address: string) => boolean) {
    this.#socket = socket
    this.#events = events
    this.#isOwn = isOwn
    this.source = sourceOf(addressOf(this.address))
    this.heardMs = events.now()
    socket.on('drain', () => this.#tellLater())
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
    this.#tellLater()
  }

  /** All that is said in one turn leaves together. */
  say(answer: Answer): void {
    this.#said += encode(answer)
    if (this.#isWriting) return
    this.#isWriting = true
    setImmediate(this.#flush)
  }

  /** Says it when the rules that are to be told now have been. */
  sayAfter(answer: Answer): void {
    this.#after.push(answer)
    this.#tellLater()
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
    this.#tell()
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
    if (error instanceof AdminError)
      this.#refuse(
        new PlaneError(
          'CONTROLLER_LINE',
          `a line is longer than ${QUESTION_LIMIT} characters; send shorter ones`,
        ),
      )
    else if (!(error instanceof Error && 'code' in error)) peerFaults.note('a connection of a host', error)
  }

  readonly #flush = (): void => {
    this.#isWriting = false
    const said = this.#said
    this.#said = ''
    this.#write(said)
  }

  #write(text: string): void {
    if (text !== '' && this.#socket.writable) this.#socket.write(text)
  }

  async #hear(line: string): Promise<void> {
    try {
      const question = decodeQuestion(line)
      await this.#events.turn(question)
      // Its connection has ended meanwhile: what it asked for now would be kept for ever.
      if (this.#socket.destroyed) return
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

  #tellLater(): void {
    if (this.#isTelling || (this.#dirty.size === 0 && this.#after.length === 0)) return
    this.#isTelling = true
    this.#events.later(this.#tell)
  }

  /** Tells some of what is to be told, unless the connection takes no more; the rest has its turn later. Returns the work. */
  readonly #tell = (): number => {
    this.#isTelling = false
    const { writable, writableNeedDrain } = this.#socket
    if (!writable || writableNeedDrain) return 1
    try {
      return this.#tellSome()
    } catch (error) {
      peerFaults.note('an answer to a host', error)
      this.evict()
      return 1
    }
  }

  #tellSome(): number {
    let [text, work] = ['', 1]
    for (const id of this.#dirty) {
      if (work > TOLD_AT_ONCE) break
      this.#dirty.delete(id)
      const rules = this.#events.rules(this, id)
      if (rules.targets.length === 0) this.led.delete(id)
      else if (this.asked.has(id)) this.led.add(id)
      text += encode(rules)
      work += costOfRules(rules)
    }
    if (this.#dirty.size === 0) for (const answer of this.#after.splice(0)) text += encode(answer)
    this.#write(text)
    this.#tellLater()
    return work
  }
}
