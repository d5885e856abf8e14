/** A host connected to a controller: its lines, its subscriptions, and the notifications it is owed. */

import type { Duplex } from 'node:stream'
import { must } from '../../checker/text/at.ts'
import { AdminError } from '../admin/errors.ts'
import { drained, linesOf } from '../admin/lines.ts'
import { type SourceNetwork, sourceNetworkOf } from '../link/sourceNetwork.ts'
import { Faults } from '../sockets/faults.ts'
import type { Socket } from '../sockets/socket.ts'
import type { Authority } from './authority/authority.ts'
import { addressOf, type Claimant, type Reach } from './claims.ts'
import { PlaneError, type RefusalCode } from './errors.ts'
import { MISTAKES_LIMIT } from './limits.ts'
import {
  type Answer,
  decodeQuestion,
  encode,
  type Listed,
  QUESTION_LIMIT,
  type Question,
} from './messages.ts'
import { endSoon } from './secure.ts'
import type { Told } from './views.ts'

/** The controller's functions for connected hosts. */
export interface PeerEvents {
  /** Resolves when there is room for a question's work. */
  readonly turn: (question: Question) => Promise<void>
  /** Resolves to what carries the lines of a host; undefined if there will be none. */
  readonly accepted: (socket: Socket, isOwn: boolean) => Promise<Duplex | undefined>
  /** Throws a PlaneError, which is sent to the host. */
  readonly asked: (peer: Peer, question: Question) => void
  /** Returns what this host must learn of a service or prefix (its digits), given the version that it has. */
  readonly rules: (peer: Peer, id: string) => Told
  /** Queues a notification for a later turn with room for it. `tell` returns its work. */
  readonly later: (tell: () => number) => void
  readonly gone: (peer: Peer) => void
  readonly mistake: () => void
  readonly now: () => number
}

/** Faults of all connections to controllers in this process. */
export const peerFaults = new Faults()

/** Work of one notification before others have a turn: hundreds of targets, written together. */
const TOLD_AT_ONCE = 16

export class Peer {
  /** The host's addresses, as it reports them, and the number of its network. */
  addresses: readonly string[] = []
  network = -1
  /** True for routers. */
  wantsAll = false
  /** Services being started for it. */
  readonly waiting = new Set<string>()
  /** The rest of a listing that is being sent page by page. */
  listing: Iterator<Listed | undefined> | undefined
  /** Its address or IPv6 network at the time of connecting. */
  readonly source: SourceNetwork
  /** When it last sent a valid line, or connected. */
  heardMs: number
  hasGreeted = false
  readonly #socket: Socket
  /** What carries its lines: the socket, or TLS over it. */
  #stream: Duplex
  /** Of the token that it has shown. */
  digest: Buffer | undefined
  /** The name of that token. */
  hostName: string | undefined
  /** What let it in. */
  admittedBy: Authority | undefined
  readonly #events: PeerEvents
  readonly #isOwn: (address: string) => boolean
  readonly #carriesAt: ((address: string) => boolean) | undefined
  /** Services that it has asked for, the latest last. It is notified of their changes. */
  readonly asked = new Set<string>()
  /** The version of each list of targets that it has (views.ts). */
  readonly versions = new Map<string, number>()
  /** It understands changes of lists. */
  understandsChanges = false
  /** It understands tickets. */
  understandsRenewals = false
  /** Prefixes whose rules have changed since they were sent. */
  readonly #dirty = new Set<string>()
  /** Sent once all prefixes that were dirty before are sent. */
  readonly #after: Answer[] = []
  #isOver = false
  #isTelling = false
  #isWriting = false
  #said = ''
  #mistakes = 0
  #claimant: Claimant | undefined
  /** The address that it was made for. */
  #claimedAt = ''

  /** `carriesAt`: whether the controller carries packets for hosts that are registered at this address of its own. */
  constructor(
    socket: Socket,
    events: PeerEvents,
    isOwn: (address: string) => boolean,
    carriesAt?: (address: string) => boolean,
  ) {
    this.#socket = socket
    this.#stream = socket
    this.#events = events
    this.#isOwn = isOwn
    this.#carriesAt = carriesAt
    this.source = sourceNetworkOf(addressOf(this.address))
    this.heardMs = events.now()
    socket.once('close', () => events.gone(this))
  }

  /** The source address of its packets. */
  get address(): string {
    const { remoteAddress = '', remotePort = 0 } = this.#socket
    return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`
  }

  /** It is in the controller's own process. */
  get isOwn(): boolean {
    return this.#isOwn(this.address)
  }

  /** Returns how others reach its instances at this address. */
  reach(address: string): Reach {
    if (this.isOwn) return 'directly'
    if (this.#carriesAt?.(address) === true) return 'carried'
    return this.#isOwn(address) ? 'never' : 'directly'
  }

  /** Throws CONTROLLER_ADDRESS if the connection is over. The same object while the host stays where it is. */
  get claimant(): Claimant {
    const { address, hostName } = this
    if (address !== this.#claimedAt || hostName !== this.#claimant?.hostName) {
      const reach = (where: string): Reach => this.reach(where)
      this.#claimant = { address: addressOf(address), isOwn: this.isOwn, hostName, reach }
      this.#claimedAt = address
    }
    return must(this.#claimant)
  }

  /** Subscribes to the service, or makes it the latest subscription. */
  ask(id: string): void {
    this.asked.delete(id)
    this.asked.add(id)
  }

  /** Queues the rules of this service or prefix; they are sent once, in their latest state, when there is room. */
  touch(id: string): void {
    this.#dirty.add(id)
    this.#tellLater()
  }

  /** All lines of one turn leave together. */
  say(answer: Answer): void {
    this.#said += encode(answer)
    if (this.#isWriting) return
    this.#isWriting = true
    setImmediate(this.#flush)
  }

  /** Sends it after the rules that are queued now. */
  sayAfter(answer: Answer): void {
    this.#after.push(answer)
    this.#tellLater()
  }

  /** Answers lines until the connection ends. */
  async serve(): Promise<void> {
    try {
      const stream = await this.#events.accepted(this.#socket, this.isOwn)
      if (stream === undefined) return this.#socket.destroySoon()
      this.#stream = stream
      stream.on('drain', () => this.#tellLater())
      for await (const line of linesOf(stream.iterator({ destroyOnReturn: false }), QUESTION_LIMIT)) {
        await this.#hear(line)
        if (this.#mistakes > MISTAKES_LIMIT || this.#isOver || this.#socket.destroyed) break
        await drained(stream)
      }
    } catch (error) {
      this.#fail(error)
    }
    this.#tell()
    this.end()
  }

  /** Reads no more. A host that does not take its last lines is silent, and disconnected as such. */
  end(): void {
    this.#isOver = true
    this.hasGreeted = false
    this.#flush()
    endSoon(this.#stream)
  }

  /** Ends the connection immediately. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** Reading failed while the connection was open. A cause without a code is a bug in the program. */
  #fail(error: unknown): void {
    if (error instanceof AdminError)
      this.refuse(
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
    if (text !== '' && this.#stream.writable) this.#stream.write(text)
  }

  async #hear(line: string): Promise<void> {
    try {
      const question = decodeQuestion(line)
      await this.#events.turn(question)
      // The connection has ended meanwhile, and nothing would ever free what it asks for.
      if (this.#socket.destroyed) return
      this.heardMs = this.#events.now()
      this.hasGreeted = true
      this.#events.asked(this, question)
    } catch (error) {
      if (error instanceof PlaneError) {
        this.#mistakes++
        this.refuse(error)
      } else {
        peerFaults.note('a line of a host', error)
        this.reset()
      }
    }
  }

  /** Reports a line that cannot be used. */
  refuse({ code, message }: PlaneError): void {
    this.#events.mistake()
    this.say({ type: 'error', code: code satisfies RefusalCode, message })
  }

  #tellLater(): void {
    if (this.#isTelling || (this.#dirty.size === 0 && this.#after.length === 0)) return
    this.#isTelling = true
    this.#events.later(this.#tell)
  }

  /** Sends queued rules until the connection accepts no more; the rest waits. Returns the work. */
  readonly #tell = (): number => {
    this.#isTelling = false
    const { writable, writableNeedDrain } = this.#stream
    if (!writable || writableNeedDrain) return 1
    try {
      return this.#tellSome()
    } catch (error) {
      peerFaults.note('an answer to a host', error)
      this.reset()
      return 1
    }
  }

  #tellSome(): number {
    let [text, work] = ['', 1]
    for (const id of this.#dirty) {
      if (work > TOLD_AT_ONCE) break
      this.#dirty.delete(id)
      const told = this.#events.rules(this, id)
      if (told.isEmpty) this.versions.delete(id)
      else if (told.version > 0 || this.asked.has(id)) this.versions.set(id, told.version)
      text += told.text
      work += told.work
    }
    if (this.#dirty.size === 0) for (const answer of this.#after.splice(0)) text += encode(answer)
    this.#write(text)
    this.#tellLater()
    return work
  }
}
