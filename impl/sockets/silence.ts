/**
 * How long a peer may be silent. While an answer is due, a peer that is silent for `deadAfterMs` is dead; any packet from
 * it counts, even a closed window. With keep-alive, a silent peer is probed even if no answer is due (RFC 9293, 3.8.4).
 *
 * Retransmissions may be minutes apart. So each look at a silent peer asks for something that it must answer, and the
 * peer is dead only if it has not answered the last of these either: no outage shorter than `deadAfterMs` ends a
 * connection. Pure: times are arguments.
 */

/** Looks within `deadAfterMs`. */
const LOOKS = 4
/** How long the peer has for its last answer, ms: more than a round trip, and at most a quarter of `deadAfterMs`. */
const LAST_ANSWER_MS = 3000
/** A look that is later than this, ms, follows a stall of this process. */
const STALL_MS = 20
/** How long the process then reads what has arrived meanwhile, ms: at least a thousand datagrams. */
const READ_MS = 50

/** What to do now, and how long to wait for the next look. */
export interface Look {
  readonly act: 'nothing' | 'retry' | 'probe' | 'give up'
  /** Infinity: until something is due again. */
  readonly waitMs: number
}

export class Silence {
  /** Infinity: no keep-alive. */
  keepAliveMs = Infinity
  readonly #deadAfterMs: number
  #sinceMs = 0
  #dueMs = 0
  #heard = 0
  #hasStalled = false

  constructor(deadAfterMs: number) {
    this.#deadAfterMs = deadAfterMs
  }

  /** An answer is due from now on. Returns the time until the first look. `heard` is as in `look`. */
  begin(nowMs: number, heard: number): number {
    this.#sinceMs = nowMs
    this.#heard = heard
    return this.#next(nowMs, 'nothing', Math.min(this.keepAliveMs, this.#deadAfterMs / LOOKS)).waitMs
  }

  /** `heard` counts packets from the peer; `waits`: an answer is due. */
  look(nowMs: number, heard: number, waits: boolean): Look {
    const lateMs = nowMs - this.#dueMs
    if (heard !== this.#heard) {
      this.#heard = heard
      this.#sinceMs = nowMs
    }
    // The time of the stall says nothing about the peer, and what the peer sent meanwhile is still unread.
    if (lateMs > STALL_MS) this.#sinceMs = Math.min(nowMs, this.#sinceMs + lateMs)
    if (lateMs > STALL_MS && !this.#hasStalled) {
      this.#hasStalled = true
      return this.#next(nowMs, 'nothing', READ_MS)
    }
    this.#hasStalled = false
    return this.#judge(nowMs, waits)
  }

  #judge(nowMs: number, waits: boolean): Look {
    const { keepAliveMs } = this
    const silentMs = nowMs - this.#sinceMs
    const lookMs = this.#deadAfterMs / LOOKS
    const lastMs = Math.min(LAST_ANSWER_MS, lookMs)
    const untilDeadMs = (waits ? 0 : keepAliveMs) + this.#deadAfterMs - silentMs
    if (untilDeadMs <= -lastMs) return { act: 'give up', waitMs: Infinity }
    const isProbed = silentMs >= keepAliveMs
    const isAsked = isProbed || waits
    const act = isProbed ? 'probe' : waits && silentMs > 0 ? 'retry' : 'nothing'
    if (untilDeadMs <= 0) return this.#next(nowMs, act, lastMs)
    const waitMs = isAsked ? Math.min(untilDeadMs, lookMs) : Infinity
    return this.#next(nowMs, act, isProbed ? waitMs : Math.min(waitMs, keepAliveMs - silentMs))
  }

  #next(nowMs: number, act: Look['act'], waitMs: number): Look {
    this.#dueMs = nowMs + waitMs
    return { act, waitMs }
  }
}
