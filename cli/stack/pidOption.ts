import { Option } from 'commander'
import { wholeOption } from '../numbers.ts'

export const pidOption = (): Option =>
  new Option('--pid <pid>', 'ask only this process').argParser(wholeOption('--pid', 1))

export const watchOption = (): Option => new Option('--watch', 'refresh every second until Ctrl-C')
