/** What may be asked of a running stack, and the shape of each answer. Both ends decode by these. */
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

export const printFlowId = (id: number): string => id.toString(16).padStart(8, '0')

const nothing = t.strict({})
const page = t.exact(t.partial({ after: t.string }))

/** One flow, as it stood when it was asked for. Addresses as `127.0.0.1:54325`, `none` before there is one. */
const flow = t.strict({
  flow: flowId,
  /** As the program named it, else the 64 digits, which `id` has always. */
  service: t.string,
  id: t.string,
  kind: t.keyof({ stream: null, datagram: null }),
  side: t.keyof({ client: null, server: null }),
  /** Of the machine's two regions. */
  connection: t.string,
  migration: t.string,
  local: t.string,
  peer: t.string,
  /** Bytes of a stream, messages of datagrams. */
  sent: t.number,
  received: t.number,
  /** Null before it was measured, and for datagrams. */
  roundTripMs: t.union([t.number, t.null]),
  /** Bytes that wait to be acknowledged, or to be read. */
  buffered: t.number,
})

/** A service that is listened to. */
const service = t.strict({
  service: t.string,
  id: t.string,
  /** Flows that came through the listener and are not over. */
  flows: whole,
  /** Handshakes in progress, and flows that wait to be accepted. */
  pending: whole,
  waiting: whole,
})

/** A line of the service table (docs/services.md). */
const rule = t.strict({
  prefix: t.string,
  bits: whole,
  priority: whole,
  weight: whole,
  /** For no service that certifies itself. */
  isPlain: t.boolean,
  /** First packets that it was chosen for, their bytes, and how many of them were dropped. */
  packets: whole,
  bytes: whole,
  drops: whole,
  target: t.string,
})

/** A rule as people add it. Prefix and target name it. */
const namedRule = { prefix: t.string, target: t.string, everywhere: t.boolean }
const given = t.union([whole, t.undefined])
/** Null: as the instances at its address have it. */
const kept = t.union([whole, t.null])
const ruleForAll = t.strict({ prefix: t.string, target: t.string, priority: kept, weight: kept })

const moved = t.strict({
  flow: flowId,
  from: t.string,
  to: t.string,
  /** Why it did not move, in a sentence. */
  failed: t.union([t.string, t.null]),
})

const captured = t.strict({
  packets: whole,
  bytes: whole,
  /** Left out, because the disk was too slow. */
  lost: whole,
})

export const METHODS = {
  /** Which process, where, since when (ms since 1970). */
  stack: {
    params: nothing,
    result: t.strict({
      ...{ pid: whole, addresses: t.array(t.string), mobility: t.string, sinceMs: t.number },
      /** Whether it is a controller: rules for all hosts can be added there. */
      controls: t.boolean,
      /** What is wrong with a controller's registry, in a sentence; empty when nothing is. */
      trouble: t.string,
    }),
  },
  /** By flowID, in pages: `after` is the last one of the page before. */
  flows: { params: page, result: t.strict({ flows: t.array(flow), isMore: t.boolean }) },
  /** By serviceID, in pages. */
  services: { params: page, result: t.strict({ services: t.array(service), isMore: t.boolean }) },
  /** In no order, in pages: `after` is the `next` of the page before, which is 0 on the last one. */
  rules: {
    params: t.exact(t.partial({ after: whole })),
    result: t.strict({ rules: t.array(rule), next: whole }),
  },
  /** Adds a rule (`forward 192.0.2.1:54325`, `delay`, `drop`), or changes it: here, or at a controller for all hosts. */
  addRule: {
    /** Without priority or weight a rule that is there keeps its own. */
    params: t.strict({ ...namedRule, priority: given, weight: given }),
    /** The rule that decides instead of this one, in words; null: this one takes effect. */
    result: t.strict({ overruledBy: t.union([t.string, t.null]) }),
  },
  /** Tells whether there was such a rule. */
  removeRule: { params: t.strict(namedRule), result: t.strict({ removed: t.boolean }) },
  /** Rules for all hosts that were added at this controller, in pages. */
  rulesForAll: {
    params: t.exact(t.partial({ after: whole })),
    result: t.strict({ rules: t.array(ruleForAll), isMore: t.boolean }),
  },
  /** What became of packets, by cause; the link's are named `link.sent` and so on. */
  counters: { params: nothing, result: t.strict({ counters: t.record(t.string, t.number) }) },
  /** Answered when the peer has followed. */
  migrate: { params: t.strict({ flow: flowId, to: t.string }), result: moved },
  /** Moves all flows that use `from`; answered when the last one has, or could not. */
  moveInterface: {
    params: t.strict({ from: t.string, to: t.string }),
    result: t.strict({ moved: t.array(moved), isMore: t.boolean }),
  },
  /** Writes all packets to a file until `captureStop`, or until the one who asked goes. */
  captureStart: { params: t.strict({ path: t.string }), result: nothing },
  captureState: { params: nothing, result: captured },
  captureStop: { params: nothing, result: captured },
} as const

export type Methods = typeof METHODS
export type Method = keyof Methods
export type Params<M extends Method> = t.TypeOf<Methods[M]['params']>
export type Result<M extends Method> = t.TypeOf<Methods[M]['result']>

export type FlowFact = t.TypeOf<typeof flow>
export type ServiceFact = t.TypeOf<typeof service>
export type RuleFact = t.TypeOf<typeof rule>
export type RuleForAll = t.TypeOf<typeof ruleForAll>
export type Moved = t.TypeOf<typeof moved>
export type Captured = t.TypeOf<typeof captured>
