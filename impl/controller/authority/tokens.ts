/** The tokens of hosts, as their hashes, and which connections may ask anything. */
import { createHash } from 'node:crypto'
import { Latest } from '../../../checker/text/latest.ts'
import { RateLimit } from '../../host/paths/rateLimit.ts'
import type { SourceNetwork } from '../../link/sourceNetwork.ts'
import { PlaneError } from '../errors.ts'

/** Tokens of one controller. */
const TOKENS_LIMIT = 4096
const NAME = /^[\w.-]{1,63}$/
const HASH = /^sha256:([0-9a-f]{64})$/

/** Wrong tokens of one source: so many at once, and then one in ten seconds. */
const GUESSES_AT_ONCE = 8
const GUESSES_PER_SECOND = 0.1
/** Sources that are remembered. One that is forgotten begins with a full burst. */
const SOURCES_LIMIT = 4096

export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Returns the hash of a token as a controller's file has it. A token is random, so that its hash needs no salt. */
export const hashOf = (token: string): string => `sha256:${digestOf(token).toString('hex')}`

export class Tokens {
  readonly names: ReadonlySet<string>
  readonly #byDigest: ReadonlyMap<string, string>

  /** Takes hashes by the names of hosts. Throws CONTROLLER_KEYS. */
  constructor(hashes: Readonly<Record<string, string>>) {
    const all = Object.entries(hashes)
    if (all.length > TOKENS_LIMIT)
      throw new PlaneError('CONTROLLER_KEYS', `there are ${all.length} tokens; give at most ${TOKENS_LIMIT}`)
    const known = all.map(([name, hash]) => {
      const [, digits] = HASH.exec(hash) ?? []
      if (NAME.test(name) && digits !== undefined) return [digits, name] as const
      throw new PlaneError(
        'CONTROLLER_KEYS',
        `'${name.slice(0, 80)}' has no name of a host or no hash of a token; write what serval key token prints`,
      )
    })
    this.names = new Set(all.map(([name]) => name))
    this.#byDigest = new Map(known)
  }

  /** Hosts must present one. */
  get areRequired(): boolean {
    return this.names.size > 0
  }

  /** Returns the name of the host with this token. The time may tell how a known digest begins, which leads to no token. */
  nameOf(digest: Buffer): string | undefined {
    return this.#byDigest.get(digest.toString('hex'))
  }
}

/** Limits the guesses of each source. */
export class Guesses {
  readonly #bySource = new Latest<SourceNetwork, RateLimit>(SOURCES_LIMIT)

  /** Counts a wrong token. */
  note(source: SourceNetwork, now: number): void {
    this.#of(source).take(now)
  }

  /** True if this source may present a token now. */
  mayGuess(source: SourceNetwork, now: number): boolean {
    const limit = this.#bySource.get(source)
    return limit === undefined || limit.has(now)
  }

  #of(source: SourceNetwork): RateLimit {
    const limit = this.#bySource.get(source) ?? new RateLimit(GUESSES_PER_SECOND, GUESSES_AT_ONCE)
    this.#bySource.set(source, limit)
    return limit
  }
}
