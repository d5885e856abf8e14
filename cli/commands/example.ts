/** `serval example NAME`: runs a case study, draws it, and reports whether its claim held. */

import { type Command, Option } from 'commander'
import type { CaseStudy } from '../../examples/caseStudy.ts'
import { caseStudies } from '../../examples/index.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { assertWritable, writeText } from '../files.ts'
import { suggestion } from '../nearest.ts'
import { json, wholeOption } from '../options.ts'
import { ProgressLine } from '../progressLine.ts'
import { paint, printJson, printTable, print as printText, printWrapped } from '../screen.ts'

export interface ExampleOptions {
  readonly output?: string
  readonly json?: boolean
  /** What the case study lets choose. */
  readonly [choice: string]: unknown
}

export const define: Define = (example, done) => {
  example
    .description('Runs a case study and prints its result.')
    .usage('<name> [options]')
    .argument('[name]')
    .action((name = '') => {
      const names = caseStudies.map(study => study.name)
      throw new CliError('CLI_EXAMPLE', `there is no case study '${name}'${suggestion(name, names)}`)
    })
  for (const study of caseStudies) addStudy(example, study, done)
}

function addStudy(example: Command, study: CaseStudy, done: (status: number) => void): void {
  const command = example
    .command(study.name)
    .summary(study.summary)
    .description(`${study.claim} docs/case-studies.md explains how.`)
  for (const [name, { what, default: usual, min, max }] of Object.entries(study.choices)) {
    const flag = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
    command.addOption(new Option(`${flag} <n>`, what).default(usual).argParser(wholeOption(flag, min, max)))
  }
  command
    .option('-o, --output <file>', `where to draw it, as SVG (default: out/${study.name}.svg)`)
    .addOption(json())
    .action(async (options: ExampleOptions) => done(await runExample(study, options)))
}

async function runExample(
  study: CaseStudy,
  { output = `out/${study.name}.svg`, json, ...chosen }: ExampleOptions,
): Promise<number> {
  assertWritable(output)
  const line = new ProgressLine(() => performance.now())
  const run = study.run(chosen as Record<string, number>, text => line.show(`${study.name}: ${text}`))
  const { holds, facts, svg, print } = await run
  line.say(`${study.name}: done`)
  writeText(output, svg)
  if (json) printJson({ name: study.name, holds, ...facts, picture: output })
  else {
    print({ print: printText, printTable, printWrapped })
    const verdict = holds ? 'Seen' : 'NOT seen'
    printWrapped(`${paint(holds ? 'green' : 'red', verdict)}: ${study.claim} The picture: ${output}`)
  }
  return holds ? EXIT.HOLDS : EXIT.VIOLATED
}
