/** Prints the modules of the machines that hosts load: steps and state numbers, without what they are printed from. */
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { textOfStep } from '../checker/lower/standalone.ts'

/** Modules that export only steps and plain data. */
const PRINTED = 'spec/machines/*/{states,step}.ts'

/** Replaces these modules in `dist`. Their declarations stay. */
export async function printMachines(root: string, dist: string): Promise<readonly string[]> {
  const modules = await printedModules(root)
  for (const [name, text] of modules) writeFileSync(join(dist, name.replace(/\.ts$/, '.js')), text)
  return [...modules.keys()]
}

/** Returns the printed modules, by the names of their sources. */
export async function printedModules(root: string): Promise<ReadonlyMap<string, string>> {
  const printed = new Map<string, string>()
  for (const name of globSync(PRINTED, { cwd: root }))
    printed.set(name, printModule(Object.entries<unknown>(await import(join(root, name)))))
  return printed
}

function printModule(exports: readonly (readonly [string, unknown])[]): string {
  const printed = exports.map(([name, value]) => printExport(name, value))
  const loads = exports.some(([, value]) => typeof value === 'function')
  return `${loads ? "import { loadStep } from '../../../checker/lower/printed.js'\n" : ''}${printed.join('')}`
}

/** A step is loaded when it is first asked for, as in the checkout. */
function printExport(name: string, value: unknown): string {
  const text = typeof value === 'function' ? textOfStep(value) : undefined
  if (text === undefined) {
    if (typeof value === 'function')
      throw new Error(`${name} is a function, but no step: it cannot be printed`)
    return `export const ${name} = ${JSON.stringify(value)}\n`
  }
  const { source, initial, ...data } = text
  const plain = {
    ...data,
    transitions: data.transitions.map(({ id, region, source, event, target }) => ({
      id,
      region,
      source,
      event,
      target,
    })),
    checks: data.checks.map(({ kind, where, source, most }) => ({ kind, where, source, most })),
  }
  return `let ${name}Made
export const ${name} = () => (${name}Made ??= loadStep({ ...${JSON.stringify(plain)}, initial: () => (${JSON.stringify(initial)}), load: ${name}Loads }))
function ${name}Loads(reject) {
${source.replace("'use strict'\n", '')}}
`
}
