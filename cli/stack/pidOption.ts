import { Option } from 'commander'
import { wholeOption } from '../numbers.ts'

export const pidOption = (): Option =>
  new Option('--pid <pid>', 'of this process alone').argParser(wholeOption('--pid', 1))

export const watchOption = (): Option => new Option('--watch', 'again each second, until Ctrl-C')
