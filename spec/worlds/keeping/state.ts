/**
 * The state of a world of leases: a host that renews one registration, controllers with their copies, and one registry. Time
 * passes in ticks. A host renews once in a tick, and a lease lasts LEASE ticks. Whatever members can do, they do within the tick.
 */
import { bits, type View } from '../../../checker/lower/value.ts'
import type { StateOf } from '../../../checker/lower/worldSpec.ts'
import { at } from '../../../checker/text/at.ts'
import { REGISTRAR } from '../../machines/registration/states.ts'
import { bitsFor, SPACE } from '../bounds.ts'

/** Ticks of a lease. */
export const LEASE = 2
/** The age of a lease whose timer is off. */
export const OFF = LEASE + 1
/** Whole ticks without a renewal, at least, when a lease ends. */
export const MISSED = LEASE - 1
/** Ticks after the last fault when each controller that reaches the registry knows the truth. */
export const SETTLED = 2 * LEASE + 1
/** In a record: its keeper is dead, and came back with another name, if at all. */
export const DEAD_NAME = 0
/** The host's version and address, which do not change here: `registration` explores those. */
export const VERSION = 1
export const ADDRESS = 1

export interface KeepingBounds {
  /** 1 if the host may die, controllers may die and start again, and the registry may be silent, or lose its data. */
  readonly deaths: number
  readonly kills: number
  readonly outages: number
  readonly losses: number
  /** 1 if an operator may evict the instance. */
  readonly evictions: number
  /** 1 if each renewal has a certificate. */
  readonly signed: number
}

const record = {
  known: bits(1),
  address: bits(1),
  registrar: bits(3),
  /** The keeper: its number from 1, or DEAD_NAME. */
  names: bits(2),
}

export const keepingShape = (b: KeepingBounds) => ({
  ...{ mayDie: b.deaths, mayKill: b.kills, maySilence: b.outages, mayLose: b.losses },
  ...{ mayEvict: b.evictions, signed: b.signed },
  host: {
    alive: bits(1, 1),
    /** The index of its controller. */
    at: bits(1),
    /** It has renewed in this tick. */
    renewed: bits(1),
    /** Ticks that the registry answered and the host renewed at no controller that reaches it. */
    missed: bits(bitsFor(MISSED)),
  },
  /** Each controller's copy of the record, with what it does and knows. */
  live: [0, 1].map(() => ({
    space: SPACE,
    ...record,
    keeper: bits(1),
    up: bits(1, 1),
    /** It reaches the registry. */
    linked: bits(1, 1),
    /** The copy is the registry's newest revision. */
    fresh: bits(1, 1),
    /** The registry has lost the record of the copy. */
    lost: bits(1),
    /** It is writing the registrar's state; it is announcing itself, or restoring the record. */
    writing: bits(1),
    telling: bits(1),
    restoring: bits(1),
    /** Ticks since the lease began here, and since it heard the keeper that its copy names. */
    age: bits(bitsFor(OFF)),
    quiet: bits(bitsFor(LEASE)),
  })),
  stored: record,
  /** The registry answers. */
  answers: bits(1, 1),
  /** Ticks since the last fault. */
  calm: bits(bitsFor(SETTLED)),
})

/** Notes of a step: a lease continues by the registrar; a lease ends. */
export const KEEPING_DID = ['leased', 'expired'] as const

export type KeepingWorld = View<ReturnType<typeof keepingShape>> & {
  did: Record<(typeof KEEPING_DID)[number], number>
}
export type KeepingState = StateOf<KeepingWorld>
export type Keeper = KeepingWorld['live'][number]

/** The host renews where the registry hears of it. */
export const isServed = (w: KeepingState): boolean =>
  w.host.alive === 1 && w.live.some((c, i) => i === w.host.at && c.up === 1 && c.linked === 1)

/** A controller knows whether the instance is there, as far as anybody can. */
export const isRight = (w: KeepingState, c: number): boolean =>
  at(w.live, c).up === 0 ||
  at(w.live, c).linked === 0 ||
  (at(w.live, c).registrar === REGISTRAR.BOUND) ===
    (w.host.alive === 1 && w.stored.registrar !== REGISTRAR.EVICTED)

/** All controllers that reach the registry are right; nobody can be if the host renews where the registry does not hear of it. */
export const areRight = (w: KeepingState): boolean =>
  (w.host.alive === 1 && !isServed(w)) || (isRight(w, 0) && isRight(w, 1))
