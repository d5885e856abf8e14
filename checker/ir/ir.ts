/**
 * The intermediate form: what a machine or a closed world is lowered to, and what is printed as JavaScript, as
 * WebAssembly and as Promela. It is a plain value (JSON all through), so it crosses to worker threads and into files unchanged.
 *
 * A {@link System} is a finite transition system: named unsigned integers, and rules that change them. Nothing in
 * it knows of SAL.
 */

/** Operators with JavaScript's meaning on small integers. Comparisons and logic give a truth value. */
export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '%'
  | '&'
  | '|'
  | '<<'
  | '>>'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||'

/** Why the value of a {@link Checked} expression may be refused. */
export type CheckKind =
  /** A list has no item of this index. */
  | 'index'
  /** A remainder by 0. */
  | 'remainder'
  /** A number beyond 2^53, where JavaScript's arithmetic is no longer exact. */
  | 'exact'
  /** A value that does not fit the variable or cell that it is stored into. */
  | 'store'

/**
 * The value of `of`, which is checked where it is evaluated: it is `least` to `most`, or for `remainder` not 0. Any other value
 * is an error of the system that ends every run; an expression that is not evaluated checks nothing.
 */
export interface Checked {
  readonly op: 'check'
  readonly kind: CheckKind
  readonly of: Expr
  readonly least: number
  readonly most: number
  /** The rule or predicate, and the transition. */
  readonly where: string
  /** What is indexed, divided or stored into. */
  readonly source: string
}

/**
 * An expression, with JavaScript's meaning on whole numbers up to 2^53. `get` names a variable, a scratch cell, a local, or
 * `was.` + a variable.
 */
export type Expr =
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: 'get'; readonly name: string }
  | { readonly op: '!'; readonly of: Expr }
  | { readonly op: '?'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | Checked
  /** The value of `of`; notes that it was evaluated, as number `point` of {@link System.notes}. */
  | { readonly op: 'note'; readonly of: Expr; readonly point: number }
  /** With `wide`, the result may have more than 32 bits: {@link bounded} finds out. */
  | { readonly op: BinaryOp; readonly left: Expr; readonly right: Expr; readonly wide?: true }

/** A statement. All are executed in order; a rule's body is one indivisible step. */
export type Stmt =
  /** Stores into a variable, a scratch cell or a local. */
  | { readonly do: 'set'; readonly name: string; readonly value: Expr }
  | { readonly do: 'if'; readonly test: Expr; readonly yes: readonly Stmt[]; readonly no: readonly Stmt[] }
  | {
      readonly do: 'switch'
      readonly on: Expr
      readonly cases: readonly { readonly value: number; readonly body: readonly Stmt[] }[]
      readonly otherwise: readonly Stmt[]
    }
  /** Notes that coverage point `point` (an index into {@link System.coverage}) was passed. */
  | { readonly do: 'cover'; readonly point: number }
  /** An effect that leaves the system. A closed world has none: its own functions have replaced them. */
  | {
      readonly do: 'emit'
      readonly effect: string
      readonly args: readonly { readonly name: string; readonly value: Expr }[]
    }

/** One unsigned integer of the state. */
export interface Variable {
  readonly name: string
  /** Width in bits, 1 to 31: every value stored is below 2^bits. */
  readonly bits: number
  readonly initial: number
}

/**
 * Who takes a rule. `protocol`: the system itself (deliver, time out, answer). `environment`: an application or an
 * operator who may act or not. `fault`: loss, duplication, attackers, giving up. "Faults stop" means that rules of
 * kind `fault` and `environment` are no longer taken, except those environment rules that set `helps`.
 */
export type RuleKind = 'protocol' | 'environment' | 'fault'

/** One way for the state to change. Its arguments are already constants inside it. */
export interface Rule {
  /** What people read and what traces store: unique, such as `deliver(2)`. */
  readonly name: string
  readonly kind: RuleKind
  /** Taken also when faults have stopped, though it is the environment's. */
  readonly helps: boolean
  readonly guard: Expr
  readonly body: readonly Stmt[]
}

/** What must hold in every state, or, when it names `was.` or scratch cells, of every step. */
export interface Invariant {
  readonly id: string
  readonly holds: Expr
  /** True when `holds` reads `was.` or scratch: it is then evaluated after every step, not once a state. */
  readonly ofStep: boolean
}

/** From every reachable state where `when` holds, a state where `goal` holds can be reached without faults. */
export interface Recovery {
  readonly id: string
  readonly when: Expr
  readonly goal: Expr
}

/** Something interesting that must happen in some reachable state (or step), or the model shows nothing. */
export interface Witness {
  readonly name: string
  readonly seen: Expr
  readonly ofStep: boolean
}

/** A closed world, lowered. */
export interface System {
  readonly name: string
  readonly variables: readonly Variable[]
  /** Cells that are zero at the start of every rule and no part of the state: what a step tells its invariants. */
  readonly scratch: readonly string[]
  readonly rules: readonly Rule[]
  readonly invariants: readonly Invariant[]
  readonly recoveries: readonly Recovery[]
  readonly witnesses: readonly Witness[]
  /** A state in which nothing but faults may be enabled: anything else without a successor is a deadlock. */
  readonly final: Expr
  /** Names of the coverage points, by index. */
  readonly coverage: readonly string[]
}
