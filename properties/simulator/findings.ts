/** A violation that a simulated run showed. */
export interface Finding<Rule extends string> {
  readonly rule: Rule
  readonly atMs: number
  /** In words, with names of hosts, flows and services. */
  readonly what: string
}

/** Different findings that are kept of one run: those that follow the first are mostly its consequences. */
const MOST_FINDINGS = 20

/** The findings of one run. Keeps each finding once, with its first time. */
export class Findings<Rule extends string> {
  readonly list: Finding<Rule>[] = []

  add(rule: Rule, atMs: number, what: string): void {
    const isKnown = this.list.some(known => known.rule === rule && known.what === what)
    if (!isKnown && this.list.length < MOST_FINDINGS) this.list.push({ rule, atMs, what })
  }
}
