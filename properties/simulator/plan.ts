/**
 * The plan of a simulated run, version 1: what happens when, in virtual time, on which network. Everything that chance
 * decides follows from `seed`: the same plan is the same run, to the byte. Hosts, addresses of a host and flows are
 * numbered from 0, times are in ms from the beginning.
 */
import * as t from 'io-ts'

/** The version of the format that is written and read here. */
export const FORMAT = 1

const isNatural = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) >= 0
const isShare = (u: unknown): u is number => typeof u === 'number' && u >= 0 && u <= 1

const natural = new t.Type<number>(
  'a whole number',
  isNatural,
  (u, context) => (isNatural(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)

const share = new t.Type<number>(
  'a number from 0 to 1',
  isShare,
  (u, context) => (isShare(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)

const end = t.keyof({ client: null, server: null })

/** An action of the application at one end of a flow. */
const flowAction = t.union([
  /**
   * To the service that the host `to` offers, from an address of `host`. `via` is an address of `to`, which is asked
   * where nothing finds services by name.
   */
  t.intersection([
    t.type({
      atMs: natural,
      do: t.literal('connect'),
      ...{ flow: natural, host: natural, from: natural, to: natural, via: natural },
      protocol: t.keyof({ stream: null, datagram: null }),
    }),
    /** The connection gets further flows by itself, as with the option `flows` of sockets. */
    t.partial({
      flows: t.keyof({ all: null, failover: null }),
      /** Of datagrams. `redundant`: each message leaves in every flow. */
      scheduler: t.keyof({ minRtt: null, backup: null, redundant: null }),
    }),
  ]),
  /** To another flow of the connection, from an address of the end's host to one of its peer's. */
  t.type({
    ...{ atMs: natural, do: t.literal('addFlow'), flow: natural, end },
    ...{ address: natural, peerAddress: natural },
  }),
  /** Its oldest flow ends, if there are others. */
  t.type({ atMs: natural, do: t.literal('removeFlow'), flow: natural, end }),
  t.type({ atMs: natural, do: t.literal('write'), flow: natural, end, bytes: natural }),
  t.type({ atMs: natural, do: t.literal('finish'), flow: natural, end }),
  t.type({ atMs: natural, do: t.literal('abort'), flow: natural, end }),
  /** To another address of the end's host. */
  t.type({ atMs: natural, do: t.literal('move'), flow: natural, end, address: natural }),
  /** It reads nothing more, until it does again. */
  t.type({ atMs: natural, do: t.literal('pause'), flow: natural, end }),
  t.type({ atMs: natural, do: t.literal('resume'), flow: natural, end }),
  /** Both ends lose the addresses that they use, at once and for good, and go to others. Behind routers only. */
  t.type({ atMs: natural, do: t.literal('uproot'), flow: natural }),
])

/** What happens to hosts, and to the network between them. `faults/table.ts` says how each is drawn and done. */
const faultAction = t.union([
  /** An address goes; flows that use it move to another one, if `follow` and if there is one. */
  t.type({ atMs: natural, do: t.literal('vanish'), host: natural, address: natural, follow: t.boolean }),
  t.type({ atMs: natural, do: t.literal('return'), host: natural, address: natural }),
  /** An address goes for good: another host has it from now on. */
  t.type({ atMs: natural, do: t.literal('reassign'), host: natural, address: natural, to: natural }),
  t.type({ atMs: natural, do: t.literal('cut'), host: natural, to: natural }),
  /** From now on an address of `host` hears nothing from `to`, which still hears the host. */
  t.type({ atMs: natural, do: t.literal('deafen'), host: natural, address: natural, to: natural }),
  /** Ends what `cut` and `deafen` did between two hosts. */
  t.type({ atMs: natural, do: t.literal('heal'), host: natural, to: natural }),
  /** From now on, all paths between two hosts drop packets of more than `bytes` bytes, also after the network is made well. */
  t.type({ atMs: natural, do: t.literal('narrow'), host: natural, to: natural, bytes: natural }),
  /**
   * From now on, each direction between two hosts carries so many bytes per second, also after the network is made well. A queue
   * of `queueBytes` bytes precedes it, and drops its tail.
   */
  t.type({
    ...{ atMs: natural, do: t.literal('throttle'), host: natural, to: natural },
    ...{ bytesPerSecond: natural, queueBytes: natural },
  }),
  /** Nothing is left of it but its addresses, and, if `keepsSecret`, what its nonces follow from. */
  t.type({ atMs: natural, do: t.literal('crash'), host: natural, keepsSecret: t.boolean }),
  t.type({ atMs: natural, do: t.literal('restart'), host: natural }),
  /** Its process does not run for so long: packets wait for it, as many as the system keeps. */
  t.type({ atMs: natural, do: t.literal('stall'), host: natural, forMs: natural }),
  /** The machine does not run, and loses what arrives. Its monotonic clock stops too, or leaps forward at the end. */
  t.type({
    ...{ atMs: natural, do: t.literal('suspend'), host: natural, forMs: natural },
    clock: t.keyof({ stops: null, 'goes on': null }),
  }),
  /** From now on its monotonic clock is so many millionths fast or slow, also after the network is made well. */
  t.type({ atMs: natural, do: t.literal('skew'), host: natural, ppm: natural, isFast: t.boolean }),
  /** A network carries nothing, and interfaces stay up. It comes back, unless this is for good and another one is left. */
  t.type({ atMs: natural, do: t.literal('blackout'), network: natural, isForGood: t.boolean }),
  t.type({ atMs: natural, do: t.literal('restore'), network: natural }),
  /** Its translators forget all mappings. */
  t.type({ atMs: natural, do: t.literal('rebind'), host: natural }),
  /** Its translators have no port for another mapping, until they have. */
  t.type({ atMs: natural, do: t.literal('exhaust'), host: natural }),
  t.type({ atMs: natural, do: t.literal('relieve'), host: natural }),
  /** Somebody sets its wall clock. */
  t.type({ atMs: natural, do: t.literal('jump'), host: natural, byMs: natural, isForward: t.boolean }),
  t.type({ atMs: natural, do: t.literal('unlisten'), host: natural }),
  t.type({ atMs: natural, do: t.literal('listen'), host: natural }),
  /** Its share of new flows, behind routers; 0 drains it. */
  t.type({ atMs: natural, do: t.literal('weigh'), host: natural, weight: natural }),
  /**
   * So many packets come to an address of the host from an attacker off the path: SYNs of clients that are not there
   * (`flood`), or control packets for the host's flows without their nonces (`forge`). `seed` draws what is in them.
   */
  t.type({
    ...{ atMs: natural, do: t.literal('attack'), host: natural, address: natural },
    kind: t.keyof({ flood: null, forge: null }),
    ...{ packets: natural, seed: natural },
  }),
])

const action = t.union([flowAction, faultAction], 'an action')

const dependence = t.keyof({ none: null, address: null, 'address and port': null })

/** A host is behind address translators, one for each of its addresses: it connects to others, and nobody to it. */
const nat = t.type({
  host: natural,
  /** What decides, beside the private address, which port a packet gets, and which packets that port lets in (RFC 4787). */
  ...{ mapping: dependence, filtering: dependence },
  /** How long a mapping lives without a packet from inside. */
  lifetimeMs: natural,
})

/** Shares of datagrams, and ms, as in impl/link/impairment.ts. */
const faults = t.type({
  ...{ loss: share, duplication: share, corruption: share, reordering: share },
  ...{ reorderMs: natural, jitterMs: natural },
})

export const planCodec = t.intersection([
  t.type({
    format: t.literal(FORMAT),
    seed: natural,
    hosts: natural,
    /** Of each host. */
    addresses: natural,
    /** One way, between all hosts. */
    latencyMs: natural,
    /** The number of times that a host sends a control packet before it gives up. */
    tries: natural,
    faults,
    /** From here on nothing is done and no fault happens: cuts are healed, addresses and hosts are back. */
    calmMs: natural,
    actions: t.array(action),
  }),
  t.partial({
    /** In a row, the first of which every host asks; the last knows who offers what, and is a rendezvous. */
    routers: natural,
    /** So many hosts, the first ones, offer one service together. With several, and no router, all are asked at once. */
    instances: natural,
    nats: t.array(nat),
    /** Connections may have several flows. */
    flows: t.boolean,
    /** A defect of the stack that is put in. */
    defect: t.string,
    /** The rule that the run breaks, for people. */
    breaks: t.string,
  }),
])

/** Where nobody has to be known by address: routers, or all who hear, find services by their names. */
export const isNamed = ({ routers = 0, instances = 1 }: Plan): boolean => routers > 0 || instances > 1

/** Whether every message of a flow has to arrive: the flow only carries data, and no fault is planned. */
export const losesNothing = ({ faults, actions }: Plan, flow: number): boolean =>
  faults.loss === 0 &&
  faults.corruption === 0 &&
  actions.every(action => isFlowAction(action) && (action.flow !== flow || LOSE_NOTHING.includes(action.do)))

const LOSE_NOTHING: readonly string[] = ['connect', 'write', 'addFlow']

export type Plan = t.TypeOf<typeof planCodec>
export type Action = t.TypeOf<typeof action>
export type FlowAction = t.TypeOf<typeof flowAction>
export type FaultAction = t.TypeOf<typeof faultAction>
export type PlannedEnd = t.TypeOf<typeof end>
export type PlanNat = t.TypeOf<typeof nat>
export type PlanFaults = t.TypeOf<typeof faults>
export type Attack = Extract<Action, { do: 'attack' }>
export type Connect = Extract<Action, { do: 'connect' }>

export const isFlowAction = (a: Action): a is FlowAction => 'flow' in a
