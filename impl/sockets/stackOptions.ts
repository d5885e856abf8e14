/** The options of a stack, and of finding services. */
import type { KeyObject } from 'node:crypto'
import type { Listener } from '../host/flows/listener.ts'
import type { Limits } from '../host/limits.ts'
import type { Mobility } from '../host/paths/mobility.ts'
import type { RandomSource } from '../host/random/random.ts'
import type { Target } from '../host/services/serviceTable.ts'
import type { Link } from '../link/link.ts'
import type { FlowOptions } from './flowOptions.ts'
import type { RuleOptions } from './rules.ts'
import type { Service } from './services.ts'

/** The options of a stack. */
export interface StackOptions extends FlowOptions {
  /** Local addresses, best first, such as `127.0.0.1:54325`. Default: all addresses of the machine, as they come and go. */
  readonly addresses?: readonly string[]
  /**
   * Where others reach this host, if not at `addresses`, such as the public side of a translator (NAT) that forwards a port:
   * `203.0.113.5:54325`. Agents register its services there. At most 8.
   */
  readonly advertise?: readonly string[]
  /** The port of addresses without one. Default 0: any free port. */
  readonly port?: number
  /**
   * A broadcast address of its network, such as `192.0.2.255:54325` (the default port if it names none). The stack
   * broadcasts requests for services without a rule there, and answers those of others.
   */
  readonly broadcast?: string
  /** Makes it a router: it forwards first packets for services elsewhere by its rules. */
  readonly forwards?: boolean
  /**
   * Makes it a relay: a router that carries all packets of flows between hosts that are connected to it, for hosts that others
   * cannot reach.
   */
  readonly carries?: boolean
  /**
   * The address of a rendezvous, such as `192.0.2.1:54325`. Through it flows survive if both ends move at the same
   * time. IPv4.
   */
  readonly rendezvous?: string
  /** Makes it a rendezvous for hosts that name one of its addresses. */
  readonly relays?: boolean
  /** Replaces UDP. The stack closes it. */
  readonly link?: Link
  /**
   * The longest IP packet of its networks, in bytes: 1280 to 65535. Streams send shorter ones until a path has carried longer ones.
   * Default 1500, as in Ethernet.
   */
  readonly mtu?: number
  readonly limits?: Partial<Limits>
  /** Replaces the system's random source. */
  readonly random?: RandomSource
  /**
   * 16 random bytes or more, the same after a restart: then a peer of a connection that the restart has ended learns of it by
   * its next packet. Needs addresses with ports. Default: the one that this user's stacks keep in the file
   * `serval/secret` of `$XDG_STATE_HOME` or `~/.local/state`; a new one where that file cannot be made.
   */
  readonly secret?: Uint8Array | undefined
  /** The private keys of services that are served here (docs/services.md). */
  readonly keys?: readonly KeyObject[]
  /** Whether flows move automatically. Default `leave`. */
  readonly mobility?: Mobility
  /** Receives all traffic as a pcapng file, piece by piece. */
  readonly capture?: (bytes: Uint8Array) => void
  /** Receives each step of its flows as lines of JSON, for `serval validate` (docs/conformance.md). */
  readonly steps?: (lines: string) => void
}

/** A rule for `Stack.addService`. */
export interface ServiceRule extends RuleOptions {
  /** Where to send packets for the service: `192.0.2.1:54325`. */
  readonly via: string
}

/** How to reach a service. */
export interface Route {
  readonly service: Service
  /** The address of the service, or of routers, which are asked in turn. Default: the stack's rules decide. */
  readonly via?: string | readonly string[]
  /** The local address or interface to use. Default: the best one. */
  readonly from?: string
}

/** Carries out what operators ask of a controller: rules for all hosts, and evictions. */
export interface RuleKeeper {
  /** The problem with the controller's registry, in a sentence; empty if there is none. */
  readonly trouble: string
  /**
   * Resolves to a description of the rule that decides instead, or undefined if this rule takes effect. Without a
   * priority or weight, an existing rule keeps its own, and the instances at its address otherwise keep theirs. Rejects
   * with errors of names, addresses and registries.
   */
  add(
    prefix: string,
    target: Target<Listener>,
    share: { readonly priority?: number | undefined; readonly weight?: number | undefined },
  ): Promise<string | undefined>
  /** Resolves to whether there was such a rule. */
  remove(prefix: string, target: Target<Listener>): Promise<boolean>
  rules(): {
    readonly prefix: string
    readonly target: string
    readonly priority: number | null
    readonly weight: number | null
  }[]
  /**
   * Keeps the instances of a service or prefix at an address out of resolution, or lets evicted ones back. Resolves to their
   * number when that is stored. Rejects with errors of names, addresses and registries.
   */
  evict(service: string, address: string): Promise<number>
  admit(service: string, address: string): Promise<number>
}
