/** The requests to a running stack, and the shape of each answer. Both ends decode with these. */
import * as t from 'io-ts'

/** A flowID as 8 hexadecimal digits. */
export const FLOW_PATTERN = /^[0-9a-f]{8}$/
const isFlow = (value: unknown): value is string => typeof value === 'string' && FLOW_PATTERN.test(value)
const flowId = new t.Type<string>(
  'a flowID of 8 hexadecimal digits',
  isFlow,
  (value, context) => (isFlow(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

export const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0
export const whole = new t.Type<number>(
  'a whole number',
  isWhole,
  (value, context) => (isWhole(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

/** Returns a flowID as eight hexadecimal digits. */
export const printFlowId = (id: number): string => id.toString(16).padStart(8, '0')

const nothing = t.strict({})
const page = t.exact(t.partial({ after: t.string }))

/** One flow at the time of the request. Addresses as `127.0.0.1:54325`, or `none`. */
const flow = t.strict({
  flow: flowId,
  /** The program's name for the service, or the 64 digits, which `id` always holds. */
  service: t.string,
  id: t.string,
  kind: t.keyof({ stream: null, datagram: null }),
  side: t.keyof({ client: null, server: null }),
  /** States of the machine's two regions. */
  connection: t.string,
  migration: t.string,
  local: t.string,
  peer: t.string,
  /** Whether a relay carries its packets; null if it began without a relay. */
  path: t.union([t.keyof({ direct: null, relayed: null }), t.null]),
  /** Bytes of a stream; messages of datagrams. */
  sent: t.number,
  received: t.number,
  /** Null before the first measurement, and for datagrams that never had a second flow. */
  roundTripMs: t.union([t.number, t.null]),
  /** True while nothing answers on its path. */
  isStalled: t.boolean,
  /** The longest IP packet that its path is known to carry, in bytes; null for datagrams. */
  mtu: t.union([t.number, t.null]),
  /** Bits per second that the peer has acknowledged of late; null while its connection never had a second flow. */
  goodput: t.union([t.number, t.null]),
  /** Milliseconds since the last packet of the peer; null before the first. */
  silentMs: t.union([t.number, t.null]),
  /** Bytes waiting to be acknowledged or read. */
  buffered: t.number,
  /** The oldest flow of its connection; null if the connection never had another flow. */
  of: t.union([flowId, t.null]),
  /** How far other flows protect its connection; null if this end keeps no other flow, and there is none. */
  protection: t.union([
    t.keyof({
      ...{ none: null, 'same address': null, 'same network': null, 'same peer address': null },
      independent: null,
    }),
    t.null,
  ]),
})

/** A service with a listener. */
const service = t.strict({
  service: t.string,
  id: t.string,
  /** Flows that came through the listener and are still open. */
  flows: whole,
  /** Handshakes in progress, and flows waiting to be accepted. */
  pending: whole,
  waiting: whole,
})

/** A row of the service table (docs/services.md). */
const rule = t.strict({
  prefix: t.string,
  bits: whole,
  priority: whole,
  weight: whole,
  /** True if it does not cover keyed services. */
  isPlain: t.boolean,
  /** First packets for which it was chosen, their bytes, and how many of them were dropped. */
  packets: whole,
  bytes: whole,
  drops: whole,
  target: t.string,
})

/** A rule as people add it. Prefix and target identify it. */
const namedRule = { prefix: t.string, target: t.string, everywhere: t.boolean }
const given = t.union([whole, t.undefined])
/** Null: the instances at its address keep their own. */
const kept = t.union([whole, t.null])
const ruleForAll = t.strict({ prefix: t.string, target: t.string, priority: kept, weight: kept })

const moved = t.strict({
  flow: flowId,
  from: t.string,
  to: t.string,
  /** Why the flow did not move, in a sentence. */
  failed: t.union([t.string, t.null]),
})

const captured = t.strict({
  packets: whole,
  bytes: whole,
  /** Packets omitted because the disk was too slow. */
  lost: whole,
})

export const METHODS = {
  /** The process, its addresses, and its start (ms since 1970). */
  stack: {
    params: nothing,
    result: t.strict({
      ...{ pid: whole, addresses: t.array(t.string), mobility: t.string, sinceMs: t.number },
      /** True for a controller, at which rules for all hosts can be added. */
      controls: t.boolean,
      /** The problem of a controller's registry, in a sentence; empty if there is none. */
      trouble: t.string,
    }),
  },
  /** By flowID, in pages: `after` is the last flow of the previous page. */
  flows: { params: page, result: t.strict({ flows: t.array(flow), isMore: t.boolean }) },
  /** By serviceID, in pages. */
  services: { params: page, result: t.strict({ services: t.array(service), isMore: t.boolean }) },
  /** Unordered, in pages: `after` is the previous page's `next`, which is 0 on the last page. */
  rules: {
    params: t.exact(t.partial({ after: whole })),
    result: t.strict({ rules: t.array(rule), next: whole }),
  },
  /** Adds or changes a rule (`forward 192.0.2.1:54325`, `delay`, `drop`), here or, at a controller, for all hosts. */
  addRule: {
    /** If omitted, an existing rule keeps its priority and weight. */
    params: t.strict({ ...namedRule, priority: given, weight: given }),
    /** Describes the rule that decides instead; null if this rule takes effect. */
    result: t.strict({ overruledBy: t.union([t.string, t.null]) }),
  },
  /** Answers whether there was such a rule. */
  removeRule: { params: t.strict(namedRule), result: t.strict({ removed: t.boolean }) },
  /** Rules for all hosts added at this controller, in pages. */
  rulesForAll: {
    params: t.exact(t.partial({ after: whole })),
    result: t.strict({ rules: t.array(ruleForAll), isMore: t.boolean }),
  },
  /** At a controller: keeps the instances of a service at an address out of resolution, or lets evicted ones back. */
  evict: {
    params: t.strict({ service: t.string, address: t.string, undo: t.boolean }),
    result: t.strict({ instances: whole }),
  },
  /** Counts of packets by cause; the link's are named `link.sent` and so on. */
  counters: { params: nothing, result: t.strict({ counters: t.record(t.string, t.number) }) },
  /** Answers when the peer has followed. */
  migrate: { params: t.strict({ flow: flowId, to: t.string }), result: moved },
  /** Adds a flow to the connection of `flow`, from an address or interface, to the peer's address `to` or, without it, to the one in use. Answers when it is connected. */
  addFlow: {
    params: t.strict({ flow: flowId, from: t.string, to: t.union([t.string, t.undefined]) }),
    result: t.strict({ flow: flowId, local: t.string, peer: t.string }),
  },
  /** Removes one of several flows. */
  removeFlow: { params: t.strict({ flow: flowId }), result: nothing },
  /** Moves all flows that use `from`. Answers when the last one has moved or failed. */
  moveInterface: {
    params: t.strict({ from: t.string, to: t.string }),
    result: t.strict({ moved: t.array(moved), isMore: t.boolean }),
  },
  /** Captures all packets to a file until `captureStop`, or until the client disconnects. */
  captureStart: { params: t.strict({ path: t.string }), result: nothing },
  captureState: { params: nothing, result: captured },
  captureStop: { params: nothing, result: captured },
} as const

export type Methods = typeof METHODS
/** The name of a request. */
export type Method = keyof Methods
/** The parameters of each request. */
export type Params<M extends Method> = t.TypeOf<Methods[M]['params']>
/** The result of each request. */
export type Result<M extends Method> = t.TypeOf<Methods[M]['result']>

/** A flow, as an admin socket lists it. */
export type FlowFact = t.TypeOf<typeof flow>
/** A service that a stack offers, as an admin socket lists it. */
export type ServiceFact = t.TypeOf<typeof service>
/** A rule of a stack, as an admin socket lists it. */
export type RuleFact = t.TypeOf<typeof rule>
/** A rule that a controller keeps for all hosts. */
export type RuleForAll = t.TypeOf<typeof ruleForAll>
/** The outcome of a request to move a flow. */
export type Moved = t.TypeOf<typeof moved>
/** The counts of a capture: the packets and bytes that it has written. */
export type Captured = t.TypeOf<typeof captured>
