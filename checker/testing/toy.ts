import type { BinaryOp, Expr, Invariant, Rule, RuleKind, Stmt, System, Variable } from '../ir/ir.ts'
import { at } from '../text/at.ts'

/** Bounds of the toy world. */
export interface ToyBounds {
  /** The most packets that the network holds. */
  readonly capacity: number
  /** The most moves of each end, up to 7. */
  readonly moves: number
  /** The most retransmissions of each move, up to 3. */
  readonly tries: number
}

/**
 * A world to measure and test the checker with, small but shaped like the real ones. Two ends announce moves to
 * each other and acknowledge them, over a network that loses, repeats and reorders. Each packet in flight is
 * one variable: kind, direction and number.
 */
export function toy({ capacity, moves, tries }: ToyBounds): System {
  const slots = Array.from({ length: capacity }, (_, slot) => `packet${slot}`)
  const ends = [0, 1].map(end => new End(end, slots))
  const variables: Variable[] = [
    ...ends.flatMap(end => end.variables),
    ...slots.map(name => ({ name, bits: 12, initial: 0 })),
  ]
  const rules = [
    ...ends.flatMap(end => [end.move(moves), end.repeat(tries), end.giveUp(tries)]),
    ...slots.flatMap(slot => [
      rule(`deliver(${slot})`, 'protocol', ne(get(slot), 0), [...receive(ends, slot), set(slot, 0)]),
      rule(`duplicate(${slot})`, 'fault', ne(get(slot), 0), receive(ends, slot)),
      rule(`lose(${slot})`, 'fault', ne(get(slot), 0), [set(slot, 0), { do: 'cover', point: 0 }]),
    ]),
  ]
  return {
    name: 'toy',
    variables,
    scratch: ['completed'],
    rules,
    invariants: ends.flatMap(end => end.invariants()),
    recoveries: [
      { id: 'drains', when: number(1), goal: slots.map(slot => eq(get(slot), 0)).reduce(and) },
      { id: 'completes', when: at(ends, 0).waiting, goal: not(at(ends, 0).waiting) },
    ],
    liveness: [],
    witnesses: [{ name: 'both moved', seen: and(ge(get('una0'), 1), ge(get('una1'), 1)), ofStep: false }],
    final: number(1),
    coverage: ['lose', 'repeat', 'give up', 'accept', 'complete'],
  }
}

const ANNOUNCE = 1
const ANSWER = 2

class End {
  readonly #end: number
  readonly #slots: readonly string[]

  constructor(end: number, slots: readonly string[]) {
    this.#end = end
    this.#slots = slots
  }

  get variables(): Variable[] {
    return [
      { name: this.#my('snd'), bits: 3, initial: 0 },
      { name: this.#my('una'), bits: 3, initial: 0 },
      { name: this.#my('rcv'), bits: 3, initial: 0 },
      { name: this.#my('tries'), bits: 2, initial: 0 },
      { name: this.#my('failed'), bits: 1, initial: 0 },
    ]
  }

  move(moves: number): Rule {
    const idle = and(eq(get(this.#my('snd')), get(this.#my('una'))), lt(get(this.#my('snd')), moves))
    return rule(`move(${this.#end})`, 'environment', idle, [
      set(this.#my('snd'), add(get(this.#my('snd')), 1)),
      set(this.#my('tries'), 0),
      ...this.#send(ANNOUNCE, get(this.#my('snd'))),
    ])
  }

  repeat(tries: number): Rule {
    const due = and(this.waiting, lt(get(this.#my('tries')), tries))
    return rule(`repeat(${this.#end})`, 'protocol', due, [
      set(this.#my('tries'), add(get(this.#my('tries')), 1)),
      ...this.#send(ANNOUNCE, get(this.#my('snd'))),
      { do: 'cover', point: 1 },
    ])
  }

  giveUp(tries: number): Rule {
    const spent = and(and(this.waiting, eq(get(this.#my('tries')), tries)), eq(get(this.#my('failed')), 0))
    return rule(`give-up(${this.#end})`, 'protocol', spent, [
      set(this.#my('failed'), 1),
      { do: 'cover', point: 2 },
    ])
  }

  /** What this end does with a packet of `kind` and `seq`. */
  receive(kind: Expr, seq: Expr): Stmt {
    const [rcv, snd, una] = ['rcv', 'snd', 'una'].map(name => this.#my(name)) as [string, string, string]
    const accept: Stmt[] = [
      when(ge(seq, get(rcv)), [set(rcv, seq), ...this.#send(ANSWER, seq), { do: 'cover', point: 3 }]),
    ]
    const complete: Stmt[] = [
      when(and(eq(seq, get(snd)), ne(get(una), get(snd))), [
        set(una, seq),
        set(this.#my('failed'), 0),
        set(this.#my('tries'), 0),
        set('completed', 1),
        { do: 'cover', point: 4 },
      ]),
    ]
    return { do: 'if', test: eq(kind, ANNOUNCE), yes: accept, no: complete }
  }

  invariants(): Invariant[] {
    const [una, rcv] = [get(this.#my('una')), get(`rcv${1 - this.#end}`)]
    const rises = or(
      eq(get('completed'), 0),
      gt(add(get('una0'), get('una1')), add(get('was.una0'), get('was.una1'))),
    )
    return [
      { id: `acknowledged(${this.#end})`, holds: le(una, rcv), ofStep: false },
      { id: `completes once(${this.#end})`, holds: rises, ofStep: true },
    ]
  }

  #my(name: string): string {
    return `${name}${this.#end}`
  }

  get waiting(): Expr {
    return ne(get(this.#my('snd')), get(this.#my('una')))
  }

  /** Puts a packet into the first free slot. A full network loses it. */
  #send(kind: number, seq: Expr): Stmt[] {
    const packet = add(number(kind + 4 * this.#end), binary('<<', seq, number(3)))
    return [
      set('packet', packet),
      this.#slots.reduceRight<Stmt>(
        (rest, slot) => ({ do: 'if', test: eq(get(slot), 0), yes: [set(slot, get('packet'))], no: [rest] }),
        set('packet', 0),
      ),
    ]
  }
}

function receive(ends: readonly End[], slot: string): Stmt[] {
  const [kind, from, seq] = [
    binary('&', get(slot), number(3)),
    binary('&', get(slot), number(4)),
    binary('>>', get(slot), number(3)),
  ]
  return [
    set('kind', kind),
    set('seq', binary('&', seq, number(7))),
    {
      do: 'if',
      test: eq(from, 0),
      yes: [at(ends, 1).receive(get('kind'), get('seq'))],
      no: [at(ends, 0).receive(get('kind'), get('seq'))],
    },
  ]
}

function rule(name: string, kind: RuleKind, guard: Expr, body: readonly Stmt[]): Rule {
  return { name, kind, helps: false, guard, body }
}

function number(value: number): Expr {
  return { op: 'number', value }
}

function get(name: string): Expr {
  return { op: 'get', name }
}

function binary(op: BinaryOp, left: Expr, right: Expr | number): Expr {
  return { op, left, right: typeof right === 'number' ? number(right) : right }
}

function set(name: string, value: Expr | number): Stmt {
  return { do: 'set', name, value: typeof value === 'number' ? number(value) : value }
}

function when(test: Expr, yes: readonly Stmt[]): Stmt {
  return { do: 'if', test, yes, no: [] }
}

function not(of: Expr): Expr {
  return { op: '!', of }
}

function operator(op: BinaryOp): (left: Expr, right: Expr | number) => Expr {
  return (left, right) => binary(op, left, right)
}

const add = operator('+')
const and = operator('&&')
const or = operator('||')
const eq = operator('==')
const ne = operator('!=')
const lt = operator('<')
const le = operator('<=')
const gt = operator('>')
const ge = operator('>=')
