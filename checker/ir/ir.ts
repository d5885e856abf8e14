/**
 * The intermediate form. Machines and closed worlds are lowered to it, and it is printed as JavaScript, as
 * WebAssembly and as Promela. It is plain JSON, so it crosses to worker threads and into files unchanged.
 *
 * A {@link System} is a finite transition system: named unsigned integers, and rules that change them. It knows
 * nothing of SAL.
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

/** Why a {@link Checked} expression may reject a value. */
export type CheckKind =
  /** The list has no item with this index. */
  | 'index'
  /** The remainder is by 0. */
  | 'remainder'
  /** The number is beyond 2^53, where JavaScript's arithmetic is no longer exact. */
  | 'exact'
  /** The value does not fit the variable or cell that it is stored into. */
  | 'store'

/**
 * The value of `of`, with a check that it is within `least` and `most`, or for `remainder` that it is not 0.
 * Any other value is an error of the system that ends every run. An expression that is not evaluated checks
 * nothing.
 */
export interface Checked {
  readonly op: 'check'
  readonly kind: CheckKind
  readonly of: Expr
  readonly least: number
  readonly most: number
  /** The rule or predicate, and the transition. */
  readonly where: string
  /** The list, the divisor, or the variable that is stored into. */
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
  /** The value of `of`. Evaluating it notes point `point`. */
  | { readonly op: 'note'; readonly of: Expr; readonly point: number }
  /** With `wide`, the result may have more than 32 bits: {@link bounded} decides. */
  | { readonly op: BinaryOp; readonly left: Expr; readonly right: Expr; readonly wide?: true }

/** A statement. The statements of a list are executed in order, and a rule's body is one indivisible step. */
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
  /** Counts a pass of coverage point `point`, an index into {@link System.coverage}. */
  | { readonly do: 'cover'; readonly point: number }
  /** An effect that leaves the system. A closed world has none: it replaces effects by its own statements. */
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
 * The party that takes a rule. `protocol`: the system itself, which delivers, times out or answers.
 * `environment`: an application or an operator, which may act or not. `fault`: loss, duplication, attackers,
 * giving up. When faults stop, rules of the kinds `fault` and `environment` are no longer taken, except the
 * environment rules that set `helps`.
 */
export type RuleKind = 'protocol' | 'environment' | 'fault'

/**
 * How often a rule is taken in an endless run. `weak`: a rule that stays enabled is taken in the end. `strong`:
 * a rule that is enabled again and again is taken in the end. `finite`: the rule is taken finitely often. Any
 * other rule may be taken or not.
 */
export type Fairness = 'weak' | 'strong' | 'finite'

/** One way for the state to change. Its arguments are constants inside it. */
export interface Rule {
  /** The name that people read and traces store, such as `deliver(2)`. It is unique. */
  readonly name: string
  readonly kind: RuleKind
  /** Whether an environment rule is still taken when faults have stopped. */
  readonly helps: boolean
  readonly guard: Expr
  readonly body: readonly Stmt[]
  /** What every liveness property assumes of this rule, unless the property has assumptions of its own. */
  readonly fair?: Fairness
  /**
   * Divides the steps of the rule's family. The assumption holds for each value by itself, except for 0, of
   * which nothing is assumed. Without it, the assumption holds for this rule by itself.
   */
  readonly each?: Expr
}

/** A property of every state or, if it reads `was.` or scratch cells, of every step. */
export interface Invariant {
  readonly id: string
  readonly holds: Expr
  /**
   * Whether `holds` reads `was.` or scratch cells. It is then evaluated after every step instead of once for
   * each state.
   */
  readonly ofStep: boolean
}

/**
 * From every reachable state where `when` holds, a state where `goal` holds can be reached without faults.
 */
export interface Recovery {
  readonly id: string
  readonly when: Expr
  readonly goal: Expr
}

/**
 * A property of endless runs. `leads to`: after every state where `when` holds, a state where `goal` holds
 * comes, or is there already. `stays`: from some state on, `goal` holds forever; `when` is not read. A run may
 * stop in a state only if the assumptions force no rule there.
 */
export interface Liveness {
  readonly id: string
  readonly kind: 'leads to' | 'stays'
  readonly when: Expr
  readonly goal: Expr
  /** The assumptions, by family of rules. Absent: what the rules say of themselves. */
  readonly under?: Readonly<Record<string, Fairness>>
}

/** An event that must happen in some reachable state or step; otherwise the model shows nothing. */
export interface Witness {
  readonly name: string
  readonly seen: Expr
  readonly ofStep: boolean
}

/** A closed world, lowered. */
export interface System {
  readonly name: string
  readonly variables: readonly Variable[]
  /**
   * Cells that are 0 at the start of every rule and no part of the state. A step uses them to inform its
   * invariants.
   */
  readonly scratch: readonly string[]
  readonly rules: readonly Rule[]
  readonly invariants: readonly Invariant[]
  readonly recoveries: readonly Recovery[]
  readonly liveness: readonly Liveness[]
  readonly witnesses: readonly Witness[]
  /**
   * True in states where nothing but faults need follow. Any other state without a successor is a deadlock.
   */
  readonly final: Expr
  /** Names of the coverage points, by index. */
  readonly coverage: readonly string[]
}
