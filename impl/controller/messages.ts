/**
 * Messages between hosts and controllers: one JSON object per line. Both ends decode with these. Accepts any text, and
 * reports errors in it by code. docs/controllers.md lists the messages.
 */

import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { must } from '../../checker/text/at.ts'
import { DEPTH_LIMIT, type JsonError, parseJson, placeOf, shown } from '../../checker/text/json.ts'
import { GRANT_FORM } from '../host/services/grant.ts'
import { PlaneError, type RefusalCode } from './errors.ts'
import {
  ANSWER_LIMIT_CHARS,
  ANSWER_VALUES,
  LINE_LIMIT_CHARS,
  NEAR_PRIORITY,
  QUESTION_VALUES,
} from './limits.ts'

/** The service that every controller offers. */
export const CONTROLLER_SERVICE = 'serval/controller'

/** The version of these messages. A change that an older end would misunderstand raises it. */
export const MESSAGES_VERSION = 1
/** A host that names this understands the answer `change`. */
export const UNDERSTANDS_CHANGES = 'changes'
/** A host that names this understands tickets and the answer `renewed`. */
export const UNDERSTANDS_RENEWALS = 'renewals'

const narrow = (name: string, is: (value: unknown) => boolean): t.Type<string> =>
  new t.Type<string>(
    name,
    (value): value is string => is(value),
    (value, context) => (is(value) ? t.success(value as string) : t.failure(value, context)),
    t.identity,
  )
export const text = (name: string, pattern: RegExp): t.Type<string> =>
  narrow(name, value => typeof value === 'string' && pattern.test(value))

export const within = (most: number): t.Type<number> => {
  const is = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
  return new t.Type<number>(
    `a whole number up to ${most}`,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )
}

/** The form of a host's token. It is long enough that nobody guesses it. */
export const TOKEN_FORM = /^[\x21-\x7e]{32,512}$/

/** A name or 64 digits, also of a prefix. Its meaning is checked later. */
export const service = text('the name of a service', /^[\w./#*-]{1,520}$/)
export const instance = text('8 to 64 letters, digits, - and _', /^[\w-]{8,64}$/)
export const address = text('an address', /^[\w.:[\]%-]{1,80}$/)
export const version = within(2 ** 32 - 1)
export const time = within(Number.MAX_SAFE_INTEGER)
export const share = within(2 ** 32 - 1)

/** The signature of a keyed service (docs/services.md), or of a host that was granted the name. */
const certified = t.partial({
  certificate: text('128 letters of base64url', /^[\w-]{128}$/),
  expiresMs: time,
  issuedMs: time,
  /** For a name that belongs to a key: what lets the signing key register it (docs/authority.md). */
  grant: text('a grant', GRANT_FORM),
})

/** Below NEAR_PRIORITY, so that instances cannot claim to be near. */
const priority = within(NEAR_PRIORITY - 1)

const claim = { service, instance, address, version }

const addresses = t.array(address)

const listed = t.intersection([
  t.strict({
    service,
    id: t.string,
    address,
    priority: share,
    weight: share,
    /** The time until its lease ends without a renewal; of an evicted one, until it is forgotten. */
    leaseMs: time,
    /** Open flows, as the host reports them; null before its first report. */
    flows: t.union([share, t.null]),
  }),
  t.partial({
    /** Tells it from others at its address, at this controller. An instance's name is known to its host only. */
    number: share,
    /** Why it gets no new flows; omitted if it may get some. */
    out: t.keyof({ draining: null, ejected: null, failing: null, evicted: null, unvouched: null }),
    /** True if its host reports that its check fails. It may get flows all the same, if too many fail. */
    isFailing: t.boolean,
  }),
])

/** The state of a controller. */
const summary = t.strict({
  registry: t.string,
  /** Connected hosts, and routers among them; the addresses of some of these. */
  hosts: share,
  routers: share,
  routersAt: t.array(t.string),
  /** The last services that could not be started, with reasons. */
  failures: t.array(t.string),
  /** Unusual events since it began, by cause. */
  events: t.record(t.string, time),
})

const targetKind = t.keyof({ forward: null, delay: null, drop: null })

const target = t.intersection([
  t.strict({ kind: targetKind, priority: share, weight: share }),
  /** For a prefix: true if the target does not serve keyed services. */
  t.partial({ address, plain: t.boolean }),
])

/** From hosts to controllers. */
export const QUESTIONS = {
  /**
   * The first message: the host's addresses, and whether it wants all rules, like a router, or those of services that
   * it asks for.
   */
  hello: t.intersection([
    t.strict({ type: t.literal('hello'), addresses, rules: t.keyof({ all: null, asked: null }) }),
    /** The versions of these messages that the host speaks (omitted: the first), and what else it understands. */
    t.partial({ versions: t.array(within(65_535)), understands: t.array(t.string) }),
    /** Shows who the host is (docs/authority.md). */
    t.partial({ token: text('a token', TOKEN_FORM) }),
  ]),
  /** Repeated unchanged to renew the lease. */
  register: t.intersection([
    t.strict({ type: t.literal('register'), ...claim, priority, weight: share, leaseMs: time }),
    /** True if the host's own check of the instance fails. */
    t.partial({ isFailing: t.boolean }),
    certified,
  ]),
  unregister: t.intersection([t.strict({ type: t.literal('unregister'), ...claim }), certified]),
  /** Renews the leases with these tickets. The answer has the same number. */
  renew: t.strict({ type: t.literal('renew'), number: time, tickets: t.array(time) }),
  /** Packets wait for this service. */
  resolve: t.strict({ type: t.literal('resolve'), service }),
  /** An instance did not answer a SYN for the service, while another did. */
  silent: t.strict({ type: t.literal('silent'), service, address }),
  /** The host's interfaces have changed. */
  addresses: t.strict({ type: t.literal('addresses'), addresses }),
  statistics: t.strict({
    type: t.literal('statistics'),
    instances: t.array(t.strict({ service, instance, flows: share })),
  }),
  /** Lists registrations, in pages: `more` asks for the next one. */
  list: t.intersection([
    t.strict({ type: t.literal('list'), more: t.boolean }),
    /** True to get the controller's summary with the last page. */
    t.partial({ summary: t.boolean }),
  ]),
} as const

/** From controllers to hosts. */
export const ANSWERS = {
  confirmed: t.intersection([
    t.strict({ type: t.literal('confirmed'), service, instance, version, leaseMs: time }),
    /** Stands for this version of the instance in `renew`, on this connection. Only for hosts that understand it. */
    t.partial({ ticket: time }),
  ]),
  /** The leases of the `renew` with this number continue, except those at these places of it: the host registers them again. */
  renewed: t.strict({ type: t.literal('renewed'), number: time, lapsed: t.array(share) }),
  refused: t.strict({
    type: t.literal('refused'),
    service,
    instance,
    version,
    code: t.string,
    message: t.string,
  }),
  /** All targets of this prefix: they replace those sent before. */
  rules: t.intersection([
    t.strict({ type: t.literal('rules'), prefix: t.string, targets: t.array(target) }),
    /** The readable name of a service, as registered. */
    t.partial({ name: t.string }),
  ]),
  /**
   * Changes of the targets that the last `rules` and `change` of this prefix left: these are added or replaced, those are
   * gone. Only for hosts that understand it.
   */
  change: t.strict({
    type: t.literal('change'),
    prefix: t.string,
    targets: t.array(target),
    gone: t.array(t.intersection([t.strict({ kind: targetKind }), t.partial({ address })])),
  }),
  /**
   * All rules have been sent since `hello`; the host removes older ones. With `settlesMs` the controller has lost what it
   * knew, or never knew anything: instances may need this long to register again, and older rules stay meanwhile.
   */
  complete: t.intersection([t.strict({ type: t.literal('complete') }), t.partial({ settlesMs: time })]),
  /** Follows the rules of a service that was asked for: whether there are any. */
  resolved: t.strict({ type: t.literal('resolved'), service, found: t.boolean }),
  listing: t.intersection([
    t.strict({ type: t.literal('listing'), instances: t.array(listed), isMore: t.boolean }),
    /** The registry's fault, in a sentence; omitted if there is none. On the last page, the summary that was asked for. */
    t.partial({ trouble: t.string, summary }),
  ]),
  /** Answers a line that could not be used. */
  error: t.strict({ type: t.literal('error'), code: t.string, message: t.string }),
} as const

type Questions = typeof QUESTIONS
type Answers = typeof ANSWERS
export type Question = { [K in keyof Questions]: t.TypeOf<Questions[K]> }[keyof Questions]
export type Answer = { [K in keyof Answers]: t.TypeOf<Answers[K]> }[keyof Answers]
export type RulesAnswer = t.TypeOf<Answers['rules']>
export type ChangeAnswer = t.TypeOf<Answers['change']>
export type Hello = t.TypeOf<Questions['hello']>
export type Renew = t.TypeOf<Questions['renew']>
export type Register = t.TypeOf<Questions['register']>
export type Unregister = t.TypeOf<Questions['unregister']>
export type Claim = Register | Unregister
export type RuleTarget = t.TypeOf<typeof target>
/** The state of a controller, as it describes it. */
export type Summary = t.TypeOf<typeof summary>
/** An instance, as a controller lists it. */
export type Listed = t.TypeOf<typeof listed>

type Codecs = Readonly<Record<string, t.Decoder<unknown, { readonly type: string }>>>

/** Throws CONTROLLER_JSON, CONTROLLER_SHAPE. */
export const decodeQuestion = (line: string): Question => decode(QUESTIONS, line, QUESTION_VALUES) as Question
/** Throws CONTROLLER_JSON, CONTROLLER_SHAPE. */
export const decodeAnswer = (line: string): Answer => decode(ANSWERS, line, ANSWER_VALUES) as Answer

export const encode = (message: Question | Answer): string => `${JSON.stringify(message)}\n`

/** The longest lines in each direction, in characters. */
export const QUESTION_LIMIT = LINE_LIMIT_CHARS
export const ANSWER_LIMIT = ANSWER_LIMIT_CHARS

function decode(codecs: Codecs, line: string, values: number): { readonly type: string } {
  const value = parse(line, values)
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !Object.hasOwn(codecs, type))
    throw refusal(
      'CONTROLLER_SHAPE',
      `there is no message ${shown(type, SHOWN_CHARACTERS)}; there are ${Object.keys(codecs).join(', ')}`,
    )
  const decoded = must(codecs[type]).decode(value)
  if (isLeft(decoded)) throw refusal('CONTROLLER_SHAPE', faultOf(type, decoded.left))
  return decoded.right
}

function parse(line: string, values: number): unknown {
  try {
    return parseJson(line, { characters: ANSWER_LIMIT_CHARS, depth: DEPTH_LIMIT, values })
  } catch (error) {
    const why = (error as JsonError).message
    throw refusal(
      'CONTROLLER_JSON',
      `${shown(line, SHOWN_CHARACTERS)} is not a JSON message (${why}); send one object on each line`,
    )
  }
}

function faultOf(type: string, errors: t.Errors): string {
  const { where, found, expected } = placeOf(must(errors.at(-1)))
  return `in '${type}', ${where || 'the line'} is ${found}; it is ${expected}`
}

const refusal = (code: RefusalCode, message: string): PlaneError => new PlaneError(code, message)

/** How many characters of outside input an error message quotes. */
const SHOWN_CHARACTERS = 60
