/** One instance of a service at its controller: the machine's state, what the registry has, and what is on its way. */

import type { MachineState } from '../../checker/lower/standalone.ts'
import { at, must } from '../../checker/text/at.ts'
import { REGISTRAR } from '../../spec/machines/registration/lowered.ts'
import { type InstanceRecord, machineOf, STATES } from './records.ts'

/** What a host says of an instance, with who said it. */
export interface Claimed<Peer> {
  readonly kind: 'REGISTER' | 'UNREGISTER'
  readonly peer: Peer
  readonly record: InstanceRecord
}

export class Instance<Peer> {
  readonly key: string
  /** The host that it counts for. */
  readonly owner: string
  readonly slot: number
  state: MachineState = machineOf(undefined)
  /** What the registry has, and under which revision; 0 for nothing. */
  record: InstanceRecord | undefined
  revision = 0
  /** What is being written. */
  next: { readonly record: InstanceRecord | undefined } | undefined
  /** Whose claim that is. */
  asker: Claimed<Peer> | undefined
  /** The newest claim that came while something was written. */
  waiting: Claimed<Peer> | undefined
  /** What the registry told meanwhile. */
  seen: { readonly record: InstanceRecord | undefined; readonly revision: number } | undefined
  dueMs = Infinity
  /** The last certificate that was seen of it expires then. */
  expiresMs = 0
  /** The newest certificate that was seen of it was signed then. */
  issuedMs = 0
  /** Flows that are there, as its host says; undefined before it has said. */
  flows: number | undefined
  /** How its host's share counts it. */
  counted: 'there' | 'gone' = 'there'

  constructor(key: string, owner: string, slot: number) {
    this.key = key
    this.owner = owner
    this.slot = slot
  }

  /** What the machine's state stands for, after this claim or, without one, with what was known. */
  recordAfter(claimed: Claimed<Peer> | undefined): InstanceRecord | undefined {
    const { registrar, known } = this.state
    if (registrar === REGISTRAR.ABSENT) return undefined
    const details = must(claimed?.record ?? this.record)
    const state = at(STATES, must(registrar))
    return this.withCertificate({ ...details, state, version: must(known), owner: this.owner })
  }

  /** Takes note of the certificate of what is claimed, or of what the registry has. */
  see({ expiresMs, issuedMs = 0 }: InstanceRecord): void {
    this.expiresMs = Math.max(this.expiresMs, expiresMs)
    this.issuedMs = Math.max(this.issuedMs, issuedMs)
  }

  /** Returns the record with the times of the newest certificate that was seen. */
  withCertificate(record: InstanceRecord): InstanceRecord {
    const { expiresMs, issuedMs } = this
    return { ...record, expiresMs, ...(issuedMs > 0 && { issuedMs }) }
  }
}
