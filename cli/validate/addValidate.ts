import type { Command, Option } from 'commander'
import { collect } from '../collect.ts'
import type { ValidateOptions } from '../commands/validate.ts'

export function addValidate(program: Command, json: () => Option, done: (status: number) => void): void {
  program
    .command('validate')
    .summary('judge recorded traffic by the specification')
    .description(
      'Judges what a host did by the specification: a capture of its packets (pcapng or pcap), or the steps that a stack wrote down. It holds, or the first thing is shown that the specification cannot explain.',
    )
    .argument('<file>', 'a capture, or the steps of a stack')
    .option(
      '--host <address>',
      'an address of the host to judge, where a capture does not tell; repeat',
      collect,
    )
    .addOption(json())
    .action(async (path: string, options: ValidateOptions) => {
      const { validate } = await import('../commands/validate.ts')
      done(validate(path, options))
    })
}
