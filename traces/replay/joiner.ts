/**
 * The connection that a flow of the model `joining` joins. Its first flow, which has the keys, is not in the model: here it is a real one
 * whose packets nobody compares, and that arrive only when the model says so. The joiner's end of the connection is not in the model
 * either, and not compared.
 */
import { must } from '../../checker/text/at.ts'
import type { Connection, FlowsOwner } from '../../impl/host/connections/connection.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Host } from '../../impl/host/host.ts'
import type { Datagram } from '../../impl/link/link.ts'
import { SEVERAL_FLOWS } from '../../spec/machines/flow/capabilities.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { ROLE } from '../../spec/worlds/flow/state.ts'
import { bitOf, FIRST_FLOW, type JoiningWorld } from '../../spec/worlds/joining/state.ts'
import { type Cast, SERVICE } from './cast.ts'
import type { Difference } from './compare.ts'
import { realAddress } from './dictionary.ts'
import { Puppet } from './puppet.ts'

/** The flowIDs and versions of the first flow, which no flow of the model has. */
const FIRST_IDS = [1001, 1002] as const
const FIRST_VERSION = 1
const NOW = 0

const COMPARED = ['flows', 'finished', 'heard', 'version', 'owed', 'peerVersion'] as const
const SETS = ['pending', 'live', 'confirmed', 'unwanted', 'wished', 'backups', 'spared'] as const

const frame = newFrame()

export class Joiner {
  readonly #cast: Cast
  readonly #hosts: readonly [Host, Host]
  readonly #first: readonly [Flow, Flow]
  readonly #end: Connection
  /** The model has a place for another flow that joins. */
  mayJoin = false

  constructor(cast: Cast) {
    this.#cast = cast
    const [joiner, accepter] = cast.hosts() as [Host, Host]
    this.#hosts = [joiner, accepter]
    const offers = this.#hosts.map(host => host.offers)
    for (const host of this.#hosts) {
      host.offers = SEVERAL_FLOWS
      host.ownerOf = () => this.#owner
    }
    this.#first = this.#open()
    this.#hosts.forEach((host, i) => {
      host.offers = must(offers[i])
    })
    joiner.connections.need(this.#first[0], NOW)
    this.#end = accepter.connections.need(this.#first[1], NOW)
  }

  /** Opens the first flow. */
  #open(): readonly [Flow, Flow] {
    const [joiner, accepter] = this.#hosts
    const [{ slot }] = this.#cast.players as [Cast['players'][number]]
    const listener = this.#cast.listenOnce(accepter)
    this.#cast.script(joiner).write(FIRST_IDS[0], FIRST_VERSION)
    this.#cast.script(accepter).write(FIRST_IDS[1], FIRST_VERSION)
    const [via, from] = [realAddress(slot.target), realAddress(slot.home)]
    const first = joiner.connect({ service: SERVICE, transport: new Puppet(), via, from }, NOW)
    for (let i = 0; i < 3; i++) {
      accepter.receive(copies(joiner.flush(NOW)), NOW)
      joiner.receive(copies(accepter.flush(NOW)), NOW)
    }
    const accepted = must(accepter.accept(listener))
    this.#cast.shut(accepter)
    if (first.connection !== CONNECTION.CONNECTED) throw new Error('the first flow is not connected')
    return [first, accepted]
  }

  readonly #owner: FlowsOwner = {
    newTransport: () => (this.mayJoin ? new Puppet() : undefined),
    onFlow: () => {},
    onLeave: () => {},
  }

  /** Begins to join. */
  join(flow: number): Flow {
    const [player] = this.#cast.players as [Cast['players'][number]]
    const { slot, host } = player
    this.mayJoin = true
    this.#cast.announce(slot, flow)
    const joined = host.connections.join(
      this.#first[0],
      { from: realAddress(slot.home), to: realAddress(slot.target) },
      NOW,
    )
    this.mayJoin = false
    return joined
  }

  /** The accepter's end closes the connection. */
  end(): void {
    ;(this.#first[1].transport as Puppet).end()
  }

  /** The joiner's end closes, and its FIN in the first flow arrives. Returns the packets of other flows that left meanwhile. */
  peerEnds(): Datagram[] {
    const [joiner, accepter] = this.#hosts
    ;(this.#first[0].transport as Puppet).end()
    const sent = copies(joiner.flush(NOW))
    accepter.receive(sent.filter(isFirst), NOW)
    return sent.filter(datagram => !isFirst(datagram))
  }

  /**
   * Compares the accepter's end of the connection. A host's connection hears that a flow has ended as the flow enters TIME-WAIT, the
   * model's as it leaves.
   */
  compare({ end, flow }: JoiningWorld): Difference | undefined {
    const { state } = this.#end
    for (const name of COMPARED) if (end[name] !== state[name]) return different(name, end[name], state[name])
    let resting = 0
    for (const f of flow)
      if (f.role === ROLE.CHILD && f.connection === CONNECTION.TIMEWAIT) resting |= bitOf(f)
    for (const name of SETS) {
      let set = (state[name] & this.#end.bitOf(this.#first[1])) !== 0 ? FIRST_FLOW : 0
      flow.forEach((one, i) => {
        const played = this.#cast.players[i]?.flow
        if (one.role === ROLE.CHILD && played && (state[name] & this.#end.bitOf(played)) !== 0)
          set |= bitOf(one)
      })
      if (set !== (end[name] & ~resting)) return different(name, end[name], set)
    }
    return undefined
  }
}

/** True for packets of the first flow. */
export function isFirst({ bytes }: Datagram): boolean {
  decodeFrame(bytes, 0, bytes.length, frame)
  return FIRST_IDS.some(id => frame.srcFlow === id || frame.dstFlow === id)
}

const copies = (sent: Iterable<Datagram>): Datagram[] =>
  [...sent].map(datagram => ({ ...datagram, bytes: datagram.bytes.slice() }))

const different = (name: string, model: number, stack: number): Difference => ({
  part: `end.${name}`,
  model: String(model),
  stack: String(stack),
})
