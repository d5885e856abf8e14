import type { Stack } from '../sockets/stack.ts'
import type { Authority } from './authority/authority.ts'
import type { PlaneError } from './errors.ts'
import type { Registry } from './registry/registry.ts'
import type { ControllerTls } from './secure.ts'

/** The options of a controller. */
export interface ControllerOptions {
  readonly stack: Stack
  readonly registry: Registry
  /** Networks whose hosts are near each other: `10.1.0.0/16`. */
  readonly networks?: readonly string[]
  /** Commands that start services, by service name. */
  readonly start?: Readonly<Record<string, string>>
  /** How long a started service may take to register, ms. */
  readonly startLimitMs?: number
  /** The most registrations, in all and of one host. */
  readonly most?: number
  readonly mostPerHost?: number
  /** How long ended instances are remembered, ms. */
  readonly keepMs?: number
  /** Decides which hosts may register and resolve which names. By default every host may use every name. */
  readonly authority?: Authority
  /** Hosts connect with TLS. */
  readonly tls?: ControllerTls
  /** Called when the instances of a service or prefix (its digits) have changed, with a host's name for it if one is known. */
  readonly onChange?: (id: string, service?: string) => void
  /** Called with the fault of the registry; empty while it answers and stores. */
  readonly onTrouble?: (what: string) => void
  /** Called for each claim and each connection that the authority does not allow, with the host's address. */
  readonly onDenied?: (address: string, why: PlaneError) => void
}
