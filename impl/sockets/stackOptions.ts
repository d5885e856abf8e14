/** What a stack is made with, and how it finds services. */
import type { KeyObject } from 'node:crypto'
import type { Listener } from '../host/flows/listener.ts'
import type { Limits } from '../host/limits.ts'
import type { Mobility } from '../host/paths/mobility.ts'
import type { RandomSource } from '../host/random/random.ts'
import type { Target } from '../host/services/serviceTable.ts'
import type { Link } from '../link/link.ts'
import type { RuleOptions } from './rules.ts'
import type { Service } from './services.ts'

export interface StackOptions {
  /** Local addresses, best first, such as `127.0.0.1:54325`. Without any, all that the machine has, as they come and go. */
  readonly addresses?: readonly string[]
  /** Of addresses that name none. 0, which is also the default: any that is free. */
  readonly port?: number
  /**
   * A broadcast address of its network, such as `192.0.2.255:54325` (the default port without one). What no rule names
   * is asked there, and what others ask there is heard.
   */
  readonly broadcast?: string
  /** Whether it is a router: first packets whose service is elsewhere are sent on as its rules say. */
  readonly forwards?: boolean
  /**
   * Where a rendezvous is, such as `192.0.2.1:54325`: flows go on through it when both their ends move at once. IPv4.
   */
  readonly rendezvous?: string
  /** Whether it is a rendezvous, for hosts that name one of its addresses so. */
  readonly relays?: boolean
  /** Instead of UDP. The stack closes it. */
  readonly link?: Link
  readonly limits?: Partial<Limits>
  /** Instead of the system's. */
  readonly random?: RandomSource
  /** The private keys of services that are listened to here (docs/services.md). */
  readonly keys?: readonly KeyObject[]
  /** Whether flows move by themselves; `leave` without. */
  readonly mobility?: Mobility
  /** Gets all that passes as a pcapng file, piece by piece. */
  readonly capture?: (bytes: Uint8Array) => void
  /** Gets each step of its flows as lines of JSON, which `serval validate` judges: docs/conformance.md. */
  readonly steps?: (lines: string) => void
}

export interface ServiceRule extends RuleOptions {
  /** Where to send what is for the service: `192.0.2.1:54325`. */
  readonly via: string
}

/** How to reach a service. */
export interface Route {
  readonly service: Service
  /** Where it is; without it, the rules of the stack say. */
  readonly via?: string
  /** An address or an interface of this host to start from; the best one without. */
  readonly from?: string
}

/** Rules for all hosts, as a controller keeps them. */
export interface RuleKeeper {
  /** What is wrong with the controller's registry, in a sentence; empty when nothing is. */
  readonly trouble: string
  /**
   * Resolves with what decides instead of the rule, in words; undefined: the rule takes effect. Without a priority or
   * weight a rule that is there keeps its own, and else the instances at its address keep theirs. Rejects with what names,
   * addresses and registries say.
   */
  add(
    prefix: string,
    target: Target<Listener>,
    share: { readonly priority?: number | undefined; readonly weight?: number | undefined },
  ): Promise<string | undefined>
  /** Resolves with whether there was such a rule. */
  remove(prefix: string, target: Target<Listener>): Promise<boolean>
  rules(): {
    readonly prefix: string
    readonly target: string
    readonly priority: number | null
    readonly weight: number | null
  }[]
}
