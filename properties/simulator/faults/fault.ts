/** A kind of fault: when plans draw it, which numbers it takes, and what it does. `table.ts` lists all. */
import type { Chance } from '../chance.ts'
import type { FaultAction } from '../plan.ts'
import type { Simulation } from '../simulation.ts'

/** Faults that a level has together. */
export type Family = 'hosts' | 'narrow' | 'one-way' | 'queues' | 'clocks' | 'nat' | 'attacks' | 'networks'

/** The world that a plan draws its faults for. */
export interface World {
  readonly hosts: number
  /** Hosts, and routers after them. */
  readonly stations: number
  readonly instances: number
  readonly addresses: number
  /** Hosts behind address translators. */
  readonly translated: readonly number[]
  /** The faults that happen in it. */
  readonly families: ReadonlySet<Family>
}

/** The choices of one fault that all faults share. */
export interface Drawn {
  readonly chance: Chance
  readonly world: World
  readonly host: number
  readonly address: number
  /** Another host. */
  readonly to: number
}

/** An action without its time and its name. */
type Fields<A> = A extends FaultAction ? Omit<A, 'atMs' | 'do'> : never

export interface Fault<A extends FaultAction> {
  /** How often plans draw it, against other actions. */
  readonly weight: (world: World) => number
  /** It may happen to routers too. */
  readonly hitsRouters?: boolean
  /** It happens to the network and not inside a host, so a host that sleeps cannot delay it. */
  readonly isOutside?: boolean
  readonly draw: (drawn: Drawn) => Fields<A>
  /** The least and the largest value of each number that names nothing. Shrinking lowers it to the least. */
  readonly ranges?: Readonly<
    Partial<Record<keyof Fields<A> & string, readonly [least: number, most: number]>>
  >
  readonly apply: (simulation: Simulation, action: A) => void
}

/** The weight of a fault that only worlds with this family have. */
export const within =
  (family: Family, weight: number) =>
  ({ families }: World): number =>
    families.has(family) ? weight : 0

export const always = (weight: number) => (): number => weight

/** The weight of a fault between two hosts. */
export const between =
  (weight: (world: World) => number) =>
  (world: World): number =>
    world.hosts > 1 ? weight(world) : 0
