/**
 * Tries other paths of a flow, one soon after the other as in RFC 8305, and keeps the first that is answered. Each attempt is a move, and
 * supersedes the one before (invariant 19). So a slow path whose answer comes too late gets more time in a later round.
 */
import { overlaps } from '../../spec/machines/flow/capabilities.ts'
import type { Flow } from '../host/flows/flow.ts'
import { reaches } from '../host/paths/mobility.ts'
import type { Address } from '../link/link.ts'
import type { PathReason } from './channels.ts'
import type { Driver } from './driver.ts'
import { addressOf } from './flowKeeper.ts'
import { ATTEMPT_DELAY_MS } from './race.ts'

/** Rounds before the last attempt, if the flow can stay where it is. In the last of them each path has two seconds or more. */
const ROUNDS = 4
/** The most time of one attempt, ms: a flow without any path asks rarely in the end, but long before its peer gives up. */
const MOST_WAIT_MS = 30_000

/** One path to try. `waitMs`: how long until the next one; Infinity: until the move fails. */
export interface Attempt {
  readonly address: Address
  readonly waitMs: number
}

/** Yields what to try. `mayStay`: the flow has a path that may still work, so the attempts end. The waits begin with `firstMs`. */
export function* attempts(
  candidates: readonly Address[],
  mayStay: boolean,
  firstMs: number,
): Generator<Attempt> {
  const [first] = candidates
  if (first === undefined) return
  const isAlone = candidates.length === 1
  for (let round = 0; mayStay ? round < ROUNDS && !isAlone : true; round++)
    for (const address of candidates)
      yield { address, waitMs: isAlone ? Infinity : Math.min(firstMs * 2 ** round, MOST_WAIT_MS) }
  yield { address: first, waitMs: Infinity }
}

/** The parts of a connection that a race uses. */
export interface Runner {
  readonly driver: Pick<Driver, 'host' | 'later'>
  readonly flow: Flow
  migrate(address: Address, reason: PathReason): Promise<void>
}

export class PathRace {
  readonly #runner: Runner
  readonly #flow: Flow
  readonly #reason: PathReason
  readonly #candidates: readonly Address[]
  readonly #attempts: Iterator<Attempt>
  readonly #done: () => void
  #target: Address
  #tried = 0
  #cancel: (() => void) | undefined
  #isOver = false

  /** `others`: addresses to try, the best first. `done` is called when a path is found, or the race ends without one. */
  constructor(runner: Runner, others: readonly Address[], reason: PathReason, done: () => void) {
    const { flow, driver } = runner
    const { local, peer, isTranslated } = flow
    this.#runner = runner
    this.#flow = flow
    this.#reason = reason
    this.#done = done
    this.#target = addressOf(flow)
    const isHere = driver.host.addresses.includes(local)
    const mayStay = isHere && overlaps(flow.state.capabilities)
    const fit = others.filter(address => address !== local && reaches(address, peer))
    // A translator may only have forgotten the flow. With a prototype, data has left the old path, and must find back.
    const isOwnTried = fit.length > 0 && isHere && (isTranslated || !mayStay)
    this.#candidates = isOwnTried ? [...fit, local] : fit
    // Other paths are often about as long.
    const firstMs = Math.max(ATTEMPT_DELAY_MS, 2 * flow.retransmission.smoothedMs)
    this.#attempts = attempts(this.#candidates, mayStay, firstMs)
  }

  /** Tries the next path. */
  readonly next = (): void => {
    this.#cancel?.()
    const attempt = this.#isOver || this.#isOthers ? undefined : this.#choose()
    if (attempt === undefined) {
      this.stop()
      return
    }
    const { address, waitMs } = attempt
    const number = ++this.#tried
    this.#target = address
    void this.#runner.migrate(address, this.#reason).then(
      () => this.stop(),
      error => number === this.#tried && this.#failed(error),
    )
    if (waitMs < Infinity) this.#cancel = this.#runner.driver.later(waitMs, this.next)
  }

  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancel?.()
    this.#done()
  }

  /** The application has moved the flow elsewhere, or another flow has taken its place. */
  get #isOthers(): boolean {
    const { flow } = this.#runner
    return flow !== this.#flow || !flow.isLive || (flow.isMoving && addressOf(flow) !== this.#target)
  }

  /** Returns the next attempt whose address the host has; undefined if there is none. */
  #choose(): Attempt | undefined {
    const { flow, driver } = this.#runner
    for (const _ of this.#candidates) {
      const { value, done } = this.#attempts.next()
      if (done === true) return undefined
      const isMove = value.address !== flow.local || flow.isMoving
      if (isMove && driver.host.addresses.includes(value.address)) return value
    }
    return undefined
  }

  #failed({ code }: NodeJS.ErrnoException): void {
    if (code === 'EHOSTUNREACH') this.next()
    else this.stop()
  }
}
