/**
 * Promela identifiers for the names of a System. They are legible, do not collide, and are harmless in the C
 * program that SPIN generates, where a state variable becomes a member of a struct and a hidden variable a
 * global.
 */

/** Promela's own words, C's, and the lower-case macros and types of SPIN's generated C and its preprocessor. */
const RESERVED = new Set(
  `active always assert atomic bit bool break byte chan c_code c_decl c_expr c_state c_track d_step do else empty
  enabled end equivalent eval eventually false fi for full get_priority goto hidden if implies in init inline int len
  local ltl mtype mtypedef nempty never nfull notrace np_ od of pc_value pid priority printf printm proctype provided
  release return run select set_priority short show skip stronguntil timeout trace true typedef unless unsigned until
  weakuntil xr xs
  auto case char const continue default define double enum extern float ifdef include inline long register restrict
  signed sizeof static struct switch undef union void volatile while
  cas final getframe linux max mix pptr qptr rand rot unix uchar uint ulong ushort wasnew`.split(/\s+/),
)

/** Returns one identifier for each cell, always the same one. */
export class PromelaNames {
  readonly #byCell = new Map<string, string>()
  readonly #taken = new Set<string>()

  /**
   * `client.state` becomes `client_state`, and `was_client_state` for the kind `was`. A name that would collide
   * gets a number: `client_state_2`. Cells of different kinds never share an identifier.
   */
  of(name: string, kind = ''): string {
    const cell = `${kind}\n${name}`
    const known = this.#byCell.get(cell)
    if (known !== undefined) return known
    const legible = legibleName(`${kind} ${name}`)
    let free = legible
    for (let n = 2; this.#taken.has(free); n++) free = `${legible}_${n}`
    this.#taken.add(free)
    this.#byCell.set(cell, free)
    return free
  }
}

function legibleName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  // SPIN's macros start with a capital; an identifier must not start with a digit.
  return /^[a-z]/.test(plain) && !RESERVED.has(plain) ? plain : `v_${plain}`
}
