/** Lets hosts in: it checks TLS and tokens, and asks the controller's authority. */
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { hostOf } from '../../link/address.ts'
import type { SourceNetwork } from '../../link/sourceNetwork.ts'
import type { Socket } from '../../sockets/socket.ts'
import { addressOf } from '../claims.ts'
import type { ControllerOptions } from '../controllerOptions.ts'
import { PlaneError } from '../errors.ts'
import type { Answer, Question } from '../messages.ts'
import { accepted, type ControllerTls, contextOf } from '../secure.ts'
import { Authority } from './authority.ts'
import { digestOf, Guesses } from './tokens.ts'

/** A connection of a host, as the door sees it. */
export interface Visitor {
  readonly address: string
  readonly source: SourceNetwork
  readonly isOwn: boolean
  /** Of the token that it has shown. */
  digest: Buffer | undefined
  /** The name of that token. */
  hostName: string | undefined
  /** What let it in. */
  admittedBy: Authority | undefined
  refuse(why: PlaneError): void
  end(): void
}

/** A visitor that asks for a service. */
interface Asker extends Visitor {
  say(answer: Answer): void
  sayAfter(answer: Answer): void
}

export class Door {
  readonly counters = { wrongTokens: 0 }
  #authority: Authority
  #context: SecureContext | undefined
  readonly #guesses = new Guesses()
  readonly #now: () => number
  readonly #onDenied: (address: string, why: PlaneError) => void

  /** Throws CONTROLLER_FILE. */
  constructor(options: Pick<ControllerOptions, 'authority' | 'tls' | 'onDenied'>, now: () => number) {
    this.#authority = options.authority ?? new Authority()
    this.#onDenied = options.onDenied ?? (() => {})
    this.#now = now
    this.secure(options.tls)
  }

  get authority(): Authority {
    return this.#authority
  }

  /** Uses this certificate for later connections; none if undefined. Throws CONTROLLER_FILE. */
  secure(tls: ControllerTls | undefined): void {
    this.#context = tls === undefined ? undefined : contextOf(tls)
  }

  /** Resolves to what carries the lines of a host; undefined if there will be none. */
  readonly accepted = (socket: Socket, isOwn: boolean): Promise<Duplex | undefined> =>
    accepted(socket, this.#context, isOwn)

  /** Uses another authority, and ends the connections that it does not let in. */
  authorize(authority: Authority, visitors: Iterable<Visitor>): void {
    this.#authority = authority
    for (const visitor of visitors) {
      visitor.hostName = this.#nameOf(visitor)
      if (visitor.admittedBy !== undefined && !this.#isOpen(visitor))
        this.#turnAway(
          visitor,
          new PlaneError('CONTROLLER_TOKEN', 'the token of the host is valid no more; give it another'),
        )
    }
  }

  /** Returns whether the visitor may ask this. If not, its connection ends. */
  admits(visitor: Visitor, question: Question): boolean {
    if (visitor.admittedBy === this.#authority && question.type !== 'hello') return true
    const why = this.#whyNot(visitor, question)
    if (why === undefined) {
      visitor.admittedBy = this.#authority
      visitor.hostName = this.#nameOf(visitor)
    } else this.#turnAway(visitor, why)
    return why === undefined
  }

  /** True if the visitor may learn where a service or prefix, given by its digits, is. */
  readonly mayResolve = (visitor: Visitor, id: string): boolean => {
    const { access } = this.#authority
    if (access.isResolveOpen || visitor.isOwn) return true
    return access.mayResolve({ host: hostOf(addressOf(visitor.address)), hostName: visitor.hostName }, id)
  }

  /** Returns whether the visitor may resolve the service. If not, the operator and the visitor learn it. */
  shows(visitor: Asker, service: string, id: string): boolean {
    if (this.mayResolve(visitor, id)) return true
    const why = new PlaneError(
      'CONTROLLER_ACCESS',
      `this host may not resolve '${service}'; ask the operator to add the host to the list of the name`,
    )
    this.denied(visitor, why)
    visitor.say({ type: 'error', code: why.code, message: why.message })
    visitor.sayAfter({ type: 'resolved', service: id, found: false })
    return false
  }

  /** Reports a denial to the operator. */
  denied({ address }: Visitor, why: PlaneError): void {
    this.#onDenied(address, why)
  }

  #turnAway(visitor: Visitor, why: PlaneError): void {
    this.denied(visitor, why)
    visitor.refuse(why)
    visitor.end()
  }

  #whyNot(visitor: Visitor, question: Question): PlaneError | undefined {
    const { areRequired } = this.#authority.tokens
    const token = question.type === 'hello' ? question.token : undefined
    if (token !== undefined && areRequired && !this.#guesses.mayGuess(visitor.source, this.#now()))
      return new PlaneError(
        'CONTROLLER_LIMIT',
        'there were too many wrong tokens from this address; correct them, and wait for a minute',
      )
    if (token !== undefined) visitor.digest = digestOf(token)
    if (this.#isOpen(visitor)) return undefined
    this.counters.wrongTokens++
    if (visitor.digest === undefined)
      return new PlaneError(
        'CONTROLLER_TOKEN',
        'this controller wants a token, and the host has shown none; give it one with ?token=FILE or SERVAL_TOKEN',
      )
    this.#guesses.note(visitor.source, this.#now())
    return new PlaneError(
      'CONTROLLER_TOKEN',
      'this controller does not know the token of the host; make one with serval key token, and list its hash',
    )
  }

  /** The controller's own process needs no token. */
  #isOpen(visitor: Visitor): boolean {
    return visitor.isOwn || !this.#authority.tokens.areRequired || this.#nameOf(visitor) !== undefined
  }

  #nameOf({ digest }: Visitor): string | undefined {
    return digest === undefined ? undefined : this.#authority.tokens.nameOf(digest)
  }
}
