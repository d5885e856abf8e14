/** What registrations ask of their controller, and their limits. */
import type { RefusalCode } from './errors.ts'
import type { Claimed } from './instance.ts'
import type { Keepers } from './keepers.ts'
import { GONE_LIMIT, GONE_PER_HOST, KEEP_MS, REGISTRATIONS_LIMIT, REGISTRATIONS_PER_HOST } from './limits.ts'
import type { InstanceRecord } from './records.ts'

export interface RegistrationEvents<Peer> {
  /** Asks the registry to replace `revision` with this record; undefined removes it. */
  readonly store: (key: string, record: InstanceRecord | undefined, revision: number) => void
  /** Asks a shared registry to record that the lease continues. */
  readonly renew: (key: string, record: InstanceRecord, revision: number) => void
  /** With a ticket, the host may renew the lease by it. */
  readonly confirm: (claimed: Claimed<Peer>, leaseMs: number, ticket: number | undefined) => void
  readonly refuse: (claimed: Claimed<Peer>, code: RefusalCode) => void
  /** The instances of the service or prefix with this id have changed; `service` is a host's name for it. */
  readonly changed: (id: string, service: string) => void
}

export interface RegistrationOptions {
  readonly isShared: boolean
  /** Of a shared registry: the controllers that live. Without it every renewal is stored. */
  readonly keepers?: Keepers
  readonly most?: number
  readonly mostPerHost?: number
  readonly mostGone?: number
  readonly mostGonePerHost?: number
  readonly keepMs?: number
  /** Whether a current instance gets flows. */
  readonly mayServe?: (record: InstanceRecord) => boolean
}

/** The limits, unless the options give others. */
export const REGISTRATION_LIMITS = {
  most: REGISTRATIONS_LIMIT,
  mostPerHost: REGISTRATIONS_PER_HOST,
  mostGone: GONE_LIMIT,
  mostGonePerHost: GONE_PER_HOST,
  keepMs: KEEP_MS,
}
