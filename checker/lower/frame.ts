import type { Env, Value } from './value.ts'

/** Returns the names that are visible to a function at the top level. */
export const rootOf = (env: Env): Env => (env instanceof Frame ? rootOf(env.outer) : env)

/** Local names, over those around them. */
export class Frame implements Env {
  readonly names = new Map<string, Value>()
  readonly outer: Env
  constructor(outer: Env) {
    this.outer = outer
  }
  find(name: string): Value | { readonly unknown: true } {
    return this.names.has(name) ? this.names.get(name) : this.outer.find(name)
  }
}
