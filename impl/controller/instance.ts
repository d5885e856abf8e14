/** One instance of a service at its controller: the machine's state, the registry's record, and what is being written. */

import { at, must } from '../../checker/text/at.ts'
import type { RegistrarState } from '../../spec/machines/registration/compiled.ts'
import { REGISTRAR } from '../../spec/machines/registration/states.ts'
import type { PlaneError } from './errors.ts'
import { type InstanceRecord, machineOf, STATES } from './records.ts'

/** How the registry has taken an operator's order; `none`: the order does not concern the instance. */
export type Outcome = 'stored' | 'again' | 'failed' | 'none'

/** A host's claim for an instance, and the host. */
export interface Claimed<Peer> {
  readonly kind: 'REGISTER' | 'UNREGISTER'
  readonly peer: Peer
  readonly record: InstanceRecord
  /** Why the authority of the controller does not allow it. */
  readonly refusal?: PlaneError
}

export class Instance<Peer> {
  readonly key: string
  /** The host whose share of registrations it uses. */
  readonly owner: string
  readonly slot: number
  state: RegistrarState = machineOf(undefined)
  /** The state of the keeper's machine. */
  keeper = 0
  /** The registry's record and its revision; 0 without one. */
  record: InstanceRecord | undefined
  revision = 0
  /** The record being written. */
  next: { readonly record: InstanceRecord | undefined } | undefined
  /** Whose claim that is. */
  asker: Claimed<Peer> | undefined
  /** Reports the outcome of the operator's order that is being written. */
  settle: ((outcome: Outcome) => void) | undefined
  /** The newest claim that arrived during the write. */
  waiting: Claimed<Peer> | undefined
  /** What the registry reported during the write. */
  seen: { readonly record: InstanceRecord | undefined; readonly revision: number } | undefined
  dueMs = Infinity
  /** It is current, but its name belongs to a key that has not vouched for it: it gets no flows. */
  isUnvouched = false
  /** When the newest certificate expires. */
  expiresMs = 0
  /** When the newest certificate was signed. */
  issuedMs = 0
  /** Open flows, as the host reports them; undefined before its first report. */
  flows: number | undefined
  /** Stands for the stored record, for the host that it was confirmed to. No other record ever has it. */
  ticket = 0
  holder: Peer | undefined
  /** How the host's share counts it. */
  counted: 'there' | 'gone' = 'there'

  constructor(key: string, owner: string, slot: number) {
    this.key = key
    this.owner = owner
    this.slot = slot
  }

  /** Returns the record that the machine's state implies, from this claim, or else from the known record. */
  recordAfter(claimed: Claimed<Peer> | undefined): InstanceRecord | undefined {
    const { registrar, known } = this.state
    if (registrar === REGISTRAR.ABSENT) return undefined
    const details = must(claimed?.record ?? this.record)
    const state = at(STATES, registrar)
    const { owner } = this
    const isSame = details.state === state && details.version === known && details.owner === owner
    return this.withCertificate(isSame ? details : { ...details, state, version: known, owner })
  }

  /** Returns the ticket by which this host may renew the lease. Undefined if each renewal needs a certificate. */
  hold(peer: Peer): number | undefined {
    const isRenewable = this.record?.state === 'bound' && this.record.expiresMs === 0
    this.holder = isRenewable ? peer : undefined
    return isRenewable ? this.ticket : undefined
  }

  /** Notes the certificate of a claim or a stored record. One without is for a name that needs none now. */
  see({ expiresMs, issuedMs = 0 }: InstanceRecord): void {
    this.expiresMs = expiresMs === 0 ? 0 : Math.max(this.expiresMs, expiresMs)
    this.issuedMs = expiresMs === 0 ? 0 : Math.max(this.issuedMs, issuedMs)
  }

  /** The write of an operator's order, if it was one, has this outcome. */
  settled(outcome: Outcome): void {
    const { settle } = this
    this.settle = undefined
    settle?.(outcome)
  }

  /** A lease ends with the certificate of its claim, so that a replay extends nothing. */
  leaseEnd({ leaseMs, expiresMs }: InstanceRecord, now: number): number {
    return expiresMs > 0 ? Math.min(now + leaseMs, Math.max(now, expiresMs)) : now + leaseMs
  }

  /** Remembers an ended instance until all its certificates have expired, too. */
  keptUntil(ms: number): number {
    return Math.max(ms, this.expiresMs)
  }

  /** Returns the record after this claim for the same version, which another key may vouch for. */
  recordRenewedBy(claimed: Claimed<Peer> | undefined): InstanceRecord {
    const record = must(this.record)
    const { vouchedBy } = claimed?.record ?? record
    if (vouchedBy === record.vouchedBy) return this.withCertificate(record)
    const { vouchedBy: _, issuedMs: __, ...rest } = record
    return this.withCertificate(vouchedBy === undefined ? rest : { ...rest, vouchedBy })
  }

  /** Returns the record with the times of the newest certificate. */
  withCertificate(record: InstanceRecord): InstanceRecord {
    const { expiresMs, issuedMs } = this
    if (record.expiresMs === expiresMs && (record.issuedMs ?? 0) === issuedMs) return record
    return { ...record, expiresMs, ...(issuedMs > 0 && { issuedMs }) }
  }
}

/** True if the record lasts as long as its host renews it. */
export const isLasting = ({ state }: InstanceRecord): boolean => state === 'bound' || state === 'evicted'

/** True if a service resolves the same with either record. */
export function leadsAlike(a: InstanceRecord | undefined, b: InstanceRecord | undefined): boolean {
  if (a?.state !== 'bound' || b?.state !== 'bound') return a?.state !== 'bound' && b?.state !== 'bound'
  const areAlike = a.address === b.address && a.priority === b.priority && a.weight === b.weight
  return areAlike && a.isFailing === b.isFailing
}
