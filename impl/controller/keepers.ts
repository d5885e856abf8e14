/**
 * Controllers of one registry tell each other that they live. Each record names its keeper, the controller that hears its host,
 * and only the keeper needs to hear it: the others take the lease for renewed while the keeper lives. So a renewal is not stored.
 */
import type { RandomSource } from '../host/random/random.ts'
import { LEASE_MS, LONGEST_LEASE_MS } from './limits.ts'
import type { InstanceRecord } from './records.ts'

/** How often a controller stores that it lives, ms. */
export const BEAT_MS = 2000
/** A keeper that has been silent for less than this, ms, may live: three beats. */
export const SILENT_KEEPER_MS = 3 * BEAT_MS
/** Controllers whose entries are remembered; an operator runs a few. */
const KEEPERS_LIMIT = 1024
/** Silent controllers whose entries last as long as any lease may. A controller that restarts again and again leaves one each time. */
const SILENT_KEPT = 64

export const KEEPER_KEY = 'keeper'
const NAME = /^[0-9a-f]{16}$/

/** Draws the name of a controller. */
export function nameOf(random: RandomSource): string {
  const bytes = new Uint8Array(8)
  random(bytes)
  return Buffer.from(bytes).toString('hex')
}

interface Heard {
  atMs: number
  revision: number
}

export class Keepers {
  /** The name of this controller: 16 hexadecimal digits. */
  readonly own: string
  readonly #heard = new Map<string, Heard>()

  constructor(own: string) {
    this.own = own
  }

  get key(): string {
    return `${KEEPER_KEY}.${this.own}`
  }

  /** Returns the revision of a controller's entry; 0 without one. */
  revision(name: string = this.own): number {
    return this.#heard.get(name)?.revision ?? 0
  }

  /** The registry has an entry of a controller, or, with the revision 0, has it no more. Returns false if no controller wrote it. */
  hear(name: string, revision: number, now: number): boolean {
    const known = this.#heard.get(name)
    if (revision === 0) this.#heard.delete(name)
    else if (known !== undefined) {
      known.atMs = now
      known.revision = Math.max(known.revision, revision)
    } else if (name !== this.own && (!NAME.test(name) || this.#heard.size >= KEEPERS_LIMIT)) return false
    else this.#heard.set(name, { atMs: now, revision })
    return true
  }

  /** The registry has lost all entries. */
  lose(): void {
    for (const heard of this.#heard.values()) heard.revision = 0
  }

  /** Returns until when a lease holds, ms, because its keeper, another controller, lives. In the past if it may be dead. */
  holdsUntil({ state, expiresMs, keeper, leaseMs }: InstanceRecord): number {
    if (state !== 'bound' || expiresMs > 0 || keeper === undefined || keeper === this.own) return -Infinity
    return (this.#heard.get(keeper)?.atMs ?? -Infinity) + Math.max(leaseMs, SILENT_KEEPER_MS)
  }

  /** Returns the controllers that are dead: silent for longer than any lease, or beyond SILENT_KEPT than the usual one. */
  dead(now: number): string[] {
    const silent = [...this.#heard].filter(([name, { atMs }]) => name !== this.own && now - atMs > LEASE_MS)
    silent.sort(([, a], [, b]) => b.atMs - a.atMs)
    return silent.flatMap(([name, { atMs }], i) =>
      i >= SILENT_KEPT || now - atMs > LONGEST_LEASE_MS ? [name] : [],
    )
  }
}
