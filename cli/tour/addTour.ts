import type { Command, Option } from 'commander'
import type { TourOptions } from '../commands/tour.ts'
import { wholeOption } from '../numbers.ts'

/** Of less, all is under way before the last move: a window has up to 4 MiB, and a fifth is left then. */
const LEAST_MIB = 32
/** A gigabyte on loopback takes half a minute. */
const MOST_MIB = 1024

export function addTour(program: Command, json: () => Option, done: (status: number) => void): void {
  program
    .command('tour')
    .summary('check everything, then run it')
    .description(
      'Checks all models at their default bounds; then two processes talk over UDP on loopback, and one fetches content from the other by the name of its service while both change their addresses.',
    )
    .option('--size <MiB>', 'how much to transfer (default: 64)', wholeOption('--size', LEAST_MIB, MOST_MIB))
    .option('--transfer-only', 'leave the checking out')
    .addOption(json())
    .action(async (options: TourOptions) => {
      const { tour } = await import('../commands/tour.ts')
      done(await tour(options))
    })
}
