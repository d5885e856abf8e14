/** Adds flows to a connection and removes them: as the application asks, and as a policy demands. */
import { must } from '../../checker/text/at.ts'
import { SEVERAL_FLOWS } from '../../spec/machines/flow/capabilities.ts'
import * as notice from '../../spec/machines/flow/notices.ts'
import { MIGRATION } from '../../spec/machines/flow/states.ts'
import { SalError } from '../host/errors.ts'
import type { Flow } from '../host/flows/flow.ts'
import { printAddress } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { type Deferred, deferred } from './deferred.ts'
import type { Driver } from './driver.ts'
import { asSocketError, socketError } from './errors.ts'
import { FailedPairs, nameOf } from './failedPairs.ts'
import { type FlowPolicy, needless, type Pair, untriedFlows, wantedFlows } from './flowPolicy.ts'
import type { FlowChange, FlowSet } from './flowSet.ts'

/** How long a flow may take to join, or to leave, ms. As for moves. */
const CHANGE_LIMIT_MS = 7000
const UNCONFIRMED =
  'the flow stays, because the peer has confirmed no other one. Try again when another path works'
/**
 * How long the end that accepted the connection waits before it adds flows itself, ms. Its peer, which may be behind an address
 * translator, mostly adds the same ones: both at once would add each twice.
 */
const ACCEPTER_WAIT_MS = 1000
/** A flow to add. */
export interface Joining extends Pair {
  readonly isBackup: boolean
}

/** The parts of a connection that its keeper uses. */
export interface Kept {
  readonly driver: Pick<Driver, 'host' | 'now' | 'later' | 'kick'>
  readonly flow: Flow
  readonly isOver: boolean
  /** Undefined while there was never a second flow. */
  readonly set: FlowSet | undefined
}

export class FlowKeeper {
  readonly #kept: Kept
  readonly #policy: FlowPolicy | undefined
  readonly #failed = new FailedPairs()
  /** Pairs between which the policy itself opens a flow at the moment. */
  readonly #tried = new Set<string>()
  /** Cancel timers of flows that join, or that are to end. */
  readonly #timers = new Set<() => void>()
  /** Flows that are to end when the peer has confirmed another one. */
  readonly #removals = new Map<Flow, Deferred<void>>()
  #hasTold = false
  /** No flow gets through, and other pairs of addresses are tried, one after the other. */
  #isRescuing = false
  readonly #hasAccepted: boolean
  #waiting: (() => void) | undefined

  constructor(kept: Kept, policy: FlowPolicy | undefined) {
    this.#kept = kept
    this.#hasAccepted = kept.flow.listener !== undefined
    this.#policy = policy
  }

  /** The connection is open. */
  begin(): void {
    if (this.#policy !== 'all' && this.#policy !== 'failover') return
    if (!this.#isShared) return
    this.#tell()
    this.#fillSoon()
  }

  /** The peer has advertised addresses, or a flow has come, gone or moved. */
  heed(changes: readonly FlowChange[] = []): void {
    for (const { flow, hasEnded, isSilent } of changes)
      if (hasEnded) {
        this.#removals.get(flow)?.resolve()
        this.#avoid(flow, isSilent)
      }
    this.#tidy()
    // The peer wants several flows, and may not know all addresses yet.
    const isNews = !this.#hasTold && this.#kept.driver.host.addresses.length > 1
    if (isNews) this.#tell()
    // The flows that were to stay have ended.
    if (this.#isAdrift) this.rescue()
    else this.#fillSoon()
  }

  /** This host's addresses have changed. Flows without an address leave if others stay. */
  follow(): void {
    this.#failed.forget()
    if (this.#kept.set === undefined || this.#kept.isOver) return
    this.#tidy()
    this.#tell()
    this.#fillSoon()
  }

  /**
   * No flow gets an answer that is due. Tries the other pairs of addresses, those that failed before included: their paths may
   * work again. An end without a policy does so too, because its peer may not know that anything is due.
   */
  rescue(): void {
    if (this.#kept.set === undefined || this.#policy === 'one') return
    if (this.#kept.set.joining.length === 0) this.#failed.forget()
    this.#isRescuing = true
    this.#fill()
  }

  /** Returns the flows whose address is gone, if there are others. */
  strays(): readonly Flow[] {
    const { set, driver } = this.#kept
    const flows = [...(set?.flows ?? [])]
    const strays = flows.filter(({ local }) => !driver.host.addresses.includes(local))
    return strays.length < flows.length ? strays : []
  }

  /**
   * Adds a flow. Resolves when it is connected. Rejects with EOPNOTSUPP, EAFNOSUPPORT, ENOTCONN, ENOBUFS, ECONNREFUSED, EHOSTUNREACH, ECANCELED.
   */
  add(joining: Joining): Promise<Flow> {
    return new Promise((resolve, reject) => this.#add(joining, resolve, reject))
  }

  /**
   * Removes a flow. Resolves when it has ended. Rejects with EBUSY if it is the last one, or if the peer confirms no other one for
   * 7 s; it then stays.
   */
  async remove(flow: Flow): Promise<void> {
    const { driver, set } = this.#kept
    if (!this.#removals.has(flow)) {
      try {
        driver.host.connections.remove(flow, driver.now())
      } catch (cause) {
        throw socketError('EBUSY', 'removeFlow', { cause })
      }
      driver.kick()
      if (set?.flows.has(flow) !== true) return
    }
    await this.#removal(flow)
  }

  stop(): void {
    this.#waiting?.()
    for (const removal of this.#removals.values()) removal.resolve()
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  #removal(flow: Flow): Promise<void> {
    const known = this.#removals.get(flow)
    if (known !== undefined) return known.promise
    const { driver } = this.#kept
    const removal = deferred<void>()
    this.#removals.set(flow, removal)
    const cancel = driver.later(CHANGE_LIMIT_MS, () => {
      driver.host.connections.keep([flow], driver.now())
      driver.kick()
      removal.reject(socketError('EBUSY', 'removeFlow', { sentence: UNCONFIRMED }))
    })
    this.#timers.add(cancel)
    return removal.promise.finally(() => {
      cancel()
      this.#timers.delete(cancel)
      this.#removals.delete(flow)
    })
  }

  /** This host has none of the addresses that its flows use or move to. */
  get #isAdrift(): boolean {
    const { driver, set } = this.#kept
    return ![...(set?.flows ?? [])].some(flow => driver.host.addresses.includes(addressOf(flow)))
  }

  get #isShared(): boolean {
    const { set, flow } = this.#kept
    return set !== undefined || (flow.state.capabilities & SEVERAL_FLOWS) !== 0
  }

  /**
   * A flow has ended although this host has its address. If somebody has removed it, and the policy opened it again, two ends that
   * disagree would open and remove it forever. If its path is dead, it may come back.
   */
  #avoid(ended: Flow, isSilent: boolean): void {
    if (!this.#kept.driver.host.addresses.includes(ended.from)) return
    if (isSilent) this.#lose(ended)
    else this.#failed.avoid(ended)
  }

  /** Adds a flow, and calls back once, perhaps while the host works. */
  #add({ from, to, isBackup }: Joining, done: (flow: Flow) => void, failed: (error: unknown) => void): void {
    const { driver, flow, isOver } = this.#kept
    if (isOver || !flow.isLive) failed(socketError('ENOTCONN', 'addFlow'))
    else if (!this.#isShared || this.#policy === 'one') failed(socketError('EOPNOTSUPP', 'addFlow'))
    else
      try {
        const joining = driver.host.connections.join(flow, { from, to, isBackup }, driver.now())
        driver.kick()
        this.#expect(joining, { from, to, isBackup }, done, failed)
      } catch (error) {
        failed(asSocketError(error, 'addFlow'))
      }
  }

  #expect(
    flow: Flow,
    { to, isBackup }: Joining,
    done: (flow: Flow) => void,
    failed: (error: unknown) => void,
  ): void {
    const cancel = this.#kept.driver.later(CHANGE_LIMIT_MS, () => {
      this.#timers.delete(cancel)
      this.#giveUp(flow)
    })
    this.#timers.add(cancel)
    this.#kept.set?.expect(flow, isBackup, (isOpen, why) => {
      cancel()
      this.#timers.delete(cancel)
      if (isOpen) done(flow)
      else failed(failure(to, why))
    })
  }

  #fillSoon(): void {
    if (!this.#hasAccepted) this.#fill()
    else
      this.#waiting ??= this.#kept.driver.later(ACCEPTER_WAIT_MS, () => {
        this.#waiting = undefined
        this.#fill()
      })
  }

  /** Flows whose address is gone leave, if others stay. One whose address is back stays after all. */
  #tidy(): void {
    const { driver, set } = this.#kept
    const { connections, addresses } = driver.host
    const strays = this.strays()
    // Together: an advertisement that still asks for the end of one of them may be the only one that arrives.
    const staying = [...(set?.flows ?? [])].filter(one => !strays.includes(one) && !this.#removals.has(one))
    connections.keep(staying, driver.now())
    for (const flow of strays) this.#try(() => connections.remove(flow, driver.now()))
    const late = new Set(
      needless(this.#pairs())
        .map(nameOf)
        .filter(name => this.#tried.has(name)),
    )
    for (const flow of set?.joining ?? [])
      if (!addresses.includes(flow.local) || late.has(nameOf({ from: flow.local, to: flow.peer })))
        this.#giveUp(flow)
  }

  #giveUp(flow: Flow): void {
    const { driver, set } = this.#kept
    set?.giveUp(flow)
    driver.host.connections.end(flow, driver.now())
    driver.kick()
  }

  /** Adds what the policy wants, or what may rescue the connection. */
  #fill(): void {
    const { driver, flow, isOver } = this.#kept
    const isIdle = this.#policy === undefined && !this.#isRescuing
    if (isIdle || isOver || !flow.isLive || flow.belongsTo?.isOpen === false) return
    if (this.#failed.rests(driver.now())) return
    const known = {
      ...this.#pairs(),
      locals: driver.host.addresses,
      remotes: [...new Set([flow.peer, ...(flow.belongsTo?.peerAddresses.values() ?? [])])],
      hasFailed: (pair: Pair) => this.#failed.has(pair),
    }
    const isRescue = this.#isRescuing
    const wanted = isRescue
      ? untriedFlows({ ...known, flows: this.#flows.filter(isSettled).map(pairOf) })
      : wantedFlows(this.#policy, known)
    if (wanted.length === 0 && known.joining.length === 0) this.#isRescuing = false
    const isBackup = this.#policy === 'failover'
    for (const pair of wanted) {
      const name = nameOf(pair)
      if (!isRescue) this.#tried.add(name)
      this.#add(
        { ...pair, isBackup },
        () => this.#hasAdded(name),
        error => this.#failedTo(pair, error),
      )
    }
  }

  #hasAdded(name: string): void {
    this.#tried.delete(name)
    this.#failed.succeed()
    this.#isRescuing = false
  }

  /** Tries another pair once the host has finished its work. */
  #failedTo(pair: Pair, error: unknown): void {
    this.#tried.delete(nameOf(pair))
    const { code } = error as NodeJS.ErrnoException
    let waitMs = 0
    if (code === 'ECONNREFUSED') waitMs = this.#failed.refuse(pair, this.#kept.driver.now())
    else if (code === 'EHOSTUNREACH') this.#lose(pair)
    else this.#failed.avoid(pair)
    this.#later(waitMs, () => this.#fill())
  }

  /** Nothing answers between these addresses. */
  #lose(pair: Pair): void {
    const waitMs = this.#failed.lose(pair)
    if (waitMs === undefined) return
    this.#later(waitMs, () => {
      this.#failed.retry()
      this.#fill()
    })
  }

  /** Runs this after the wait, unless the connection ends before. */
  #later(waitMs: number, run: () => void): void {
    const cancel = this.#kept.driver.later(waitMs, () => {
      this.#timers.delete(cancel)
      if (!this.#kept.isOver) run()
    })
    this.#timers.add(cancel)
  }

  get #flows(): readonly Flow[] {
    const { flow, set } = this.#kept
    return [...(set?.flows ?? [flow])]
  }

  #pairs(): { flows: readonly Pair[]; joining: readonly Pair[] } {
    return { flows: this.#flows.map(pairOf), joining: (this.#kept.set?.joining ?? []).map(pairOf) }
  }

  /** Advertises this host's addresses, and which flows are backups. */
  #tell(): void {
    const { driver, flow } = this.#kept
    this.#hasTold = true
    this.#try(() => driver.host.connections.advertise(flow, driver.now()))
    driver.kick()
  }

  /** The connection may have begun to close meanwhile: then there is nothing to do. */
  #try(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof SalError)) throw error
    }
  }
}

/** The address that a flow has, or is moving to. */
export const addressOf = ({ isMoving, state, local }: Flow): Address =>
  isMoving ? must(state.nextLocal) : local

const pairOf = (flow: Flow): Pair => ({ from: addressOf(flow), to: flow.peer })

/** During a move the ends may disagree about their addresses: then the flow does not show whether its pair works. */
const isSettled = ({ migration }: Flow): boolean => migration === MIGRATION.INITIAL

function failure(to: Address, why: number): Error {
  const at = printAddress(to)
  if (why === notice.TIMED_OUT)
    return socketError('EHOSTUNREACH', 'addFlow', {
      sentence: `nothing answered at ${at}; the other flows continue. Try another address`,
    })
  if (why === notice.CLOSED) return socketError('ECANCELED', 'addFlow')
  return socketError('ECONNREFUSED', 'addFlow', {
    sentence: `the peer takes no further flow at ${at}; the other flows continue. Remove one, or try another address`,
  })
}
