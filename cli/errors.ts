import { CodedError, type ErrorTable } from '../checker/text/errors.ts'

/** Errors of the command line. Other rooms have codes of their own. */
export const CLI_ERRORS = {
  CLI_USAGE: ['An unknown command or option, or too many or too few arguments.', 'See `--help`.'],
  CLI_MODEL: ['No such model.', 'Choose one of `serval models`.'],
  CLI_INVARIANT: ['No such invariant.', 'Choose one of `serval invariants`.'],
  CLI_DEFECT: ['No such defect.', 'Choose one of `serval defects`.'],
  CLI_EXAMPLE: ['No such case study.', 'Choose one of those that the message lists.'],
  CLI_BOUND: ['No such bound, or a value that is not a number in its range.', 'Correct `--bound`.'],
  CLI_NUMBER: ['An option needs a number in a range.', 'Give a number in the range that the message names.'],
  CLI_FAULTS: ['No such level of faults.', 'Give `none`, `mild` or `harsh`.'],
  CLI_FORMAT: [
    'No such format, or one that cannot show this.',
    'Choose one of those that the message lists.',
  ],
  CLI_SUBJECT: ['Neither a machine nor a file.', 'Choose one of those that the message lists.'],
  CLI_READ: ['A file cannot be read.', 'Correct its path or permissions.'],
  CLI_WRITE: ['A file cannot be written.', 'Correct its path or permissions.'],
  CLI_ONE_MODEL: ['An option applies to one model, and several are given.', 'Give one model.'],
  CLI_NOBODY: ['No stack of this user runs, or none in the process named.', 'Start one, or correct `--pid`.'],
  CLI_PID: ['Several processes match.', 'Name one with `--pid`.'],
  CLI_ENDPOINT: ['Not a TCP endpoint.', 'Write HOST:PORT, such as `127.0.0.1:80`.'],
  CLI_RANGE: [
    'Not a network of IPv4 addresses with 8 to 24 bits.',
    'Write an unused one, such as `198.18.0.0/15`.',
  ],
  CLI_REDIRECT: [
    'The system does not redirect connections.',
    'Run the command as root, and install `ip` and `nft`.',
  ],
  CLI_SUFFIX: ['Not the end of a host name.', 'Write labels with dots, such as `.serval`.'],
  CLI_VIA: [
    'No process of this user listens on the service.',
    'Give `--via` with the address of its host or of a router.',
  ],
  CLI_KEY: [
    'The key of the service is missing, or does not match its name.',
    'Give the right file with `--key`.',
  ],
  CLI_GRANT: [
    'A grant is missing, for another key, or not what `serval key sign` prints.',
    'Let the holder of the prefix sign one for the public key that `serval key show` prints.',
  ],
  CLI_SETTINGS: [
    'The file of `serval up` or `serval controller --authority` has a fault.',
    'Correct it at the line and column that the message names; `serval up --check` checks the file.',
  ],
  CLI_CHECK: ['Not a check of an instance.', 'Write `http://HOST:PORT/PATH`, `tcp:PORT` or `exec:COMMAND`.'],
  CLI_START: ['An option that starts a service names no command.', 'Write `--start NAME=COMMAND`.'],
  CLI_RULE: ['Not a rule that a router takes.', 'Correct it as the message says.'],
  CLI_CAMPAIGN: [
    'A campaign with this name has other options, is of another version of the code, or is no campaign.',
    'Give no options to continue it, use its version, or give another name.',
  ],
  CLI_TOUR: ['A process of the tour failed.', 'Read its output above.'],
  CLI_DIRECTION: [
    'The capture does not say which packets its host sent.',
    "Name the host's addresses with `--host`.",
  ],
  CLI_CUT: [
    'The recording ends early and shows no violation before its end.',
    'Record it again, and let the command end by itself.',
  ],
  CLI_NOTHING: ['The recording contains nothing to judge.', 'Record while a flow is active.'],
} as const satisfies ErrorTable

export type CliCode = keyof typeof CLI_ERRORS

/** An error of the command line's closed set. The message says what to do. */
export class CliError extends CodedError<CliCode> {
  override readonly name = 'CliError'
}
